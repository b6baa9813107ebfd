"""Sentences → questions, and which of them the page suggests."""

from __future__ import annotations

import pytest
from scripted import answer, cite, document, not_answered

from index.types import Document
from qa.types import Answer
from ui_assets.questions import questions
from ui_assets.suggestions import FOLLOW_UPS, SHOWN, TRIED, Suggestions


@pytest.mark.parametrize(
    ("sentence", "question", "answered"),
    [
        ("The pact will stay in force for six months.", "How long will the pact stay in force?", "six months"),
        ("The bridge was opened by Queen Anne in 1912.", "When was the bridge opened by Queen Anne?", "1912"),
        ("The bridge was opened by Queen Anne in 1912.", "By whom was the bridge opened?", "Queen Anne"),
        ("The firm opened its first mill in Leeds.", "Where did the firm open its first mill?", "Leeds"),
        ("The line was closed because of a flood.", "Why was the line closed?", "because of a flood"),
        ("Two hundred people were moved to the hills.", "How many people were moved to the hills?", "Two hundred"),
        ("Some say so, but Ann Smith opened a mill there.", "", ""),
        ("Ann Smith opened a mill in the valley.", "Who opened a mill in the valley?", "Ann Smith"),
        ("The largest Leeds mill is a listed building.", "What is the largest Leeds mill?", "a listed building"),
    ],
)
def test_a_sentence_becomes_the_question_that_it_answers(sentence: str, question: str, answered: str) -> None:
    made = {one.question: sentence[one.start : one.end] for one in questions(document("d", sentence))}
    assert made.get(question, "") == answered


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened by Queen Anne in 1912.",  # what was?
        "The armed group’s envoy left on 3 May.",  # "armed" is no verb here
        "The law that was passed in 1912 will end.",  # the subject is a clause
        "The bridge was opened and the road was closed in 1912.",  # which of the two?
        "The leaves come from the hills and are picked in April.",  # what stands before "are" has a verb
        "La fête aura lieu à Paris pendant deux jours.",
    ],
)
def test_a_sentence_that_the_patterns_would_misread_becomes_none(sentence: str) -> None:
    assert list(questions(document("d", sentence))) == []


def test_a_word_that_begins_a_sentence_loses_its_capital_unless_it_is_a_name() -> None:
    text = "Negotiators will meet again in Oslo. Damascus will answer Oslo in May. He left Damascus."
    made = [one.question for one in questions(document("d", text))]
    assert made == ["Where will negotiators meet again?", "When will Damascus answer Oslo?"]


# Suggestions ---------------------------------------------------------------------------------------------------

MILL = document(
    "mill", "The old mill will open in 1912. The new canal will close in 1913. The long road will end in Leeds."
)


def answers(question: str) -> Answer:
    """Answers what the mill's document answers, with the right words."""
    for made in questions(MILL):
        if made.question == question:
            return answer(question, cite(MILL, MILL.text[made.start : made.end]))
    return not_answered(question)


def test_only_what_is_answered_with_the_words_it_was_made_from_is_suggested() -> None:
    def wrongly(question: str) -> Answer:
        return answer(question, cite(MILL, "1912"))

    assert Suggestions(answers).to_begin_with([MILL]) == (
        "When will the old mill open?",
        "Where will the long road end?",
        "When will the new canal close?",
    )
    assert Suggestions(wrongly).to_begin_with([MILL]) == ("When will the old mill open?",)
    assert Suggestions(not_answered).to_begin_with([MILL]) == ()


def test_what_stands_nearest_comes_first_and_neither_the_cited_nor_the_asked_comes_again() -> None:
    suggestions = Suggestions(answers)
    canal = MILL.text.index("1913")
    assert suggestions.near(MILL, canal) == ("Where will the long road end?", "When will the old mill open?")
    assert suggestions.near(MILL, canal, ["WHEN will the old mill open"]) == ("Where will the long road end?",)


def town(number: int) -> Document:
    return document(str(number), f"The mill of Town{number} will open in 19{number:02}.")


def test_documents_take_turns_few_are_shown_and_no_more_than_a_few_are_tried() -> None:
    tried: list[str] = []

    def ask(question: str) -> Answer:
        tried.append(question)
        return not_answered(question)

    assert Suggestions(ask).to_begin_with([town(number) for number in range(99)]) == ()
    assert len(tried) == TRIED
    by_question = {f"When will the mill of Town{n} open?": answer("q", cite(town(n), f"19{n:02}")) for n in range(9)}
    shown = Suggestions(by_question.__getitem__).to_begin_with([town(number) for number in range(9)])
    assert shown == tuple(by_question)[:SHOWN]
    assert FOLLOW_UPS < SHOWN


def test_what_to_begin_with_is_worked_out_once_for_what_is_indexed() -> None:
    asked: list[str] = []

    def ask(question: str) -> Answer:
        asked.append(question)
        return answers(question)

    suggestions = Suggestions(ask)
    assert suggestions.to_begin_with([MILL]) == suggestions.to_begin_with([MILL])
    assert len(asked) == len(set(asked)) == 3
    suggestions.to_begin_with([document("mill", MILL.text + " ")])
    assert len(asked) == 3, "the same hash is the same document"


def test_without_documents_there_are_none() -> None:
    assert Suggestions(answers).to_begin_with([]) == ()
