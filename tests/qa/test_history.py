from __future__ import annotations

import pytest

from index.errors import QuestionEmpty, QuestionMalformed, QuestionTooLong
from qa.history import checked_history, checked_question, standalone


def test_without_history_nothing_is_added() -> None:
    assert standalone("Why?", []) == "Why?"


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
