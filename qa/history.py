"""A follow-up → a question that stands alone, without an LLM.

A question that leans on the one before it ("And for how long?", "Who is he?") is searched and read together with
that question. Which questions lean is told from their words.
"""

from __future__ import annotations

import re

from index.errors import QuestionEmpty, QuestionMalformed, QuestionTooLong
from index.pieces import encodable
from index.words import FUNCTION_WORDS, words
from qa.types import History

MAX_QUESTION = 2000
"""Characters."""
MAX_TURNS = 100
"""Of a longer history the last are used."""

_OPENERS = re.compile(r"^(?:and|but|so|then|also|or|what about|how about|what of|why not|really)\b", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:he|she|him|his|hers|they|them|their|theirs|it|its|(?:this|these|those)(?= (?:is|are|was|were|do|did|does|"
    r"have|has|had|can|will|would|one|ones)\b|\W*$)|there(?! (?:is|are|was|were|will|be|an?|any|no|some)\b)|"
    r"the (?:same|latter|former|other)|that(?! (?:is|are|was|were|the|a|an)\b))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\s)[A-Z][\w’'-]+|\"[^\"]+\"")
_BARE = frozenset({"long", "exactly", "else", "happened", "happen", "mean", "means", "example", "details", "reason"})


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


def standalone(question: str, history: History) -> str:
    """The question as it would be asked without the conversation before it.

    A question that leans on the conversation gets the last question that stood by itself in front of it; one that
    stands by itself comes back unchanged.
    """
    if not history or not leans(question):
        return question
    earlier = [asked.strip() for asked, _ in history if asked.strip()]
    for asked in reversed(earlier):
        if not leans(asked):
            return f"{_ended(asked)} {question}"
    return f"{_ended(earlier[0])} {question}" if earlier else question


def leans(question: str) -> bool:
    """Whether the question cannot be understood by itself: it opens with a connective, refers with a pronoun to
    nothing that it names before, or has no content word of its own."""
    if _OPENERS.match(question):
        return True
    content = [word for word in words(question) if word not in FUNCTION_WORDS and word not in _BARE]
    if not content:
        return True
    reference = _REFERS.search(question)
    return reference is not None and _NAME.search(question[: reference.start()]) is None


def _ended(question: str) -> str:
    return question if question.endswith(("?", ".", "!")) else f"{question}?"
