"""A follow-up → a question that stands alone, without an LLM; and what may be asked at all.

A question that leans on the conversation ("And for how long?", "Who is he?") has several readings, made by rules
(`qa.followup.readings`); the likeliest is searched and read (`qa.followup.choice`).
"""

from __future__ import annotations

from index.errors import QuestionEmpty, QuestionMalformed, QuestionTooLong
from index.pieces import encodable
from qa.types import History

MAX_QUESTION = 2000
"""Characters."""
MAX_TURNS = 100
"""Of a longer history the last are used."""


def checked_question(question: object) -> str:
    """The question without white space around it. Raises QuestionEmpty, QuestionTooLong, QuestionMalformed."""
    if not isinstance(question, str):
        raise QuestionMalformed("The question must be text.")
    if encodable(question) != question:
        raise QuestionMalformed("The question holds half a surrogate pair, which is no character. Remove it.")
    bare = question.strip()
    if not bare:
        raise QuestionEmpty("The question is empty. Type a question about your sources.")
    if len(bare) > MAX_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(bare):,} characters; the limit is {MAX_QUESTION:,}. Ask something shorter."
        )
    return bare


def checked_history(history: object) -> list[tuple[str, str]]:
    """The history as pairs of text; None is none. Raises QuestionMalformed, QuestionTooLong."""
    pairs = [] if history is None else list(history) if isinstance(history, list | tuple) else None
    if pairs is None or not all(
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and all(isinstance(text, str) and encodable(text) == text for text in pair)
        for pair in pairs
    ):
        raise QuestionMalformed('The history must be a list of ["question", "answer"] pairs, oldest first.')
    if any(len(question) > MAX_QUESTION for question, _ in pairs):
        raise QuestionTooLong(f"A question of the history is over {MAX_QUESTION:,} characters. Leave it out.")
    return [(question, answer) for question, answer in pairs[-MAX_TURNS:]]


def standalone(question: str, history: History, *, topics: bool = True) -> str:
    """The question as it would be asked without the conversation before it; unchanged where it stands by itself.

    `topics`: whether a question that could stand by itself may be narrowed to what was spoken of.
    Earlier questions are made to stand alone first, so that a chain of follow-ups reaches back to what it is about.
    """
    if not history:
        return question
    from qa.followup.choice import best, shipped_weights, understood
    from qa.followup.readings import TURNS, Turn, readings

    weights = shipped_weights()
    turns: list[Turn] = []
    for asked, answer in history[-TURNS:]:
        if asked.strip():
            turns.append(understood(asked.strip(), answer, turns, weights))
    found = readings(question, turns)
    narrow = found if topics else [one for one in found if one.kind not in {"topic", "joined"}]
    return best(narrow or found, question, turns, weights).text
