from __future__ import annotations

import pytest

from index.errors import QuestionEmpty, QuestionMalformed, QuestionTooLong
from qa.history import checked_history, checked_question, leans, standalone

ASKED = [("When does the memorandum take effect?", "May 6")]


@pytest.mark.parametrize(
    "question",
    [
        "And for how long?",
        "Who is he?",
        "Why did they do that?",
        "What about the maps?",
        "Why?",
        "How long?",
        "Can it be extended?",
    ],
)
def test_a_question_that_leans_gets_the_last_question_in_front(question: str) -> None:
    assert leans(question)
    assert standalone(question, ASKED) == f"When does the memorandum take effect? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "When does the ceasefire start?",
        "What did Lavrentyev say about his plans?",
        "Who said that the maps are ready?",
        "Which countries signed the memorandum?",
        "How long is the Nile?",
        "Is there a hotel near the airport in Astana?",
        "Are those rules from the Geneva convention binding?",
    ],
)
def test_a_question_that_stands_by_itself_is_not_touched(question: str) -> None:
    assert not leans(question)
    assert standalone(question, ASKED) == question


def test_without_history_nothing_is_added() -> None:
    assert standalone("Why?", []) == "Why?"


def test_follow_ups_of_follow_ups_reach_back_to_the_last_question_that_stood_alone() -> None:
    history = [("Who signed the memorandum", "Russia"), ("Why?", "…"), ("And when?", "…")]
    assert standalone("For how long?", history) == "Who signed the memorandum? For how long?"


def test_a_conversation_of_nothing_but_follow_ups_still_gets_its_first_question() -> None:
    assert standalone("And when?", [("Who is he?", "…")]) == "Who is he? And when?"


def test_white_space_around_a_question_is_dropped() -> None:
    assert checked_question("  Who?\n") == "Who?"


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("", QuestionEmpty),
        (" \n", QuestionEmpty),
        ("x" * 2001, QuestionTooLong),
        (7, QuestionMalformed),
        ("\ud800?", QuestionMalformed),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(question: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked_question(question)


def test_two_thousand_characters_may_be_asked() -> None:
    assert len(checked_question("x" * 2000)) == 2000


@pytest.mark.parametrize("history", ["abc", [["only one"]], [["a", 1]], {"a": "b"}, [None], 7])
def test_a_history_that_is_not_pairs_of_text_is_refused(history: object) -> None:
    with pytest.raises(QuestionMalformed):
        checked_history(history)
