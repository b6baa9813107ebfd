from __future__ import annotations

import random

from index.passages import split
from train.corpus import Question, make_document
from train.negatives import negated, opposed, swapped
from train.sentences import detokenised

TEXT = "Paris fell in 1940. Lyon was taken in 1942 by General Brandt, before the winter. In Vichy ministers stayed."
DOCUMENT = make_document("War", TEXT)
(PASSAGE,) = split(DOCUMENT)


def asked(text: str, answer: str) -> Question:
    at = TEXT.index(answer)
    return Question("q", text, ((at, at + len(answer)),))


def test_a_name_is_swapped_for_one_that_the_answering_sentence_does_not_hold() -> None:
    question = asked("When was the city of Lyon taken?", "1942")
    made = {swapped(question, DOCUMENT, PASSAGE, random.Random(seed)) for seed in range(20)}
    assert made <= {"When was the city of Paris taken?", "When was the city of Vichy taken?"}
    assert len(made) == 2


def test_nothing_is_swapped_where_the_question_names_nothing() -> None:
    assert swapped(asked("when did it fall?", "1940"), DOCUMENT, PASSAGE, random.Random(0)) is None


def test_a_word_is_turned_into_its_opposite_unless_the_passage_holds_that_too() -> None:
    assert opposed("What came after the battle?", PASSAGE) is None  # "before" stands there
    assert opposed("Who won in Lyon?", PASSAGE) == "Who lost in Lyon?"


def test_a_question_is_denied_once() -> None:
    assert negated("When was Lyon taken?") == "When wasn't Lyon taken?"
    assert negated("Who did not flee?") is None


def test_tokens_of_the_treebank_become_text_and_know_their_places() -> None:
    text, places = detokenised("He said , `` I do n't -LRB- yet -RRB- know . ''".split(" "))
    assert text == "He said, “I don't (yet) know.”"
    assert [text[a:b] for a, b in places][4:7] == ["I", "do", "n't"]
