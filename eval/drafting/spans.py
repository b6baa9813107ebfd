"""A sentence → the spans that a question may ask for: dates, numbers, names and quotations, told from their looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from index.words import FUNCTION_WORDS

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR, _TH = r"(?:1[1-9]|20)\d\d", "(?:st|nd|rd|th)?"
_COUNT = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand"
_NAME_WORD = r"[A-Z][^\W\d_]*(?:[-'’.][^\W\d_]+)*"
KINDS: dict[str, re.Pattern[str]] = {
    "quotation": re.compile(r"[“\"][^”\"]{12,120}[”\"]"),
    "date": re.compile(
        rf"\b\d{{1,2}}{_TH} (?:{_MONTH})(?:,? {_YEAR})?(?!\w)"
        rf"|\b(?:{_MONTH}) \d{{1,2}}{_TH}\b(?:,? {_YEAR})?(?!\w)"
        rf"|\b(?:{_MONTH}),? {_YEAR}(?!\w)"
    ),
    "year": re.compile(rf"\b{_YEAR}\b(?!\s?%)"),
    "month": re.compile(rf"\b(?:{_MONTH})\b"),
    "number": re.compile(
        rf"\b(?:\d[\d,]*(?:\.\d+)?|{_COUNT})(?:[ -](?:{_COUNT}|million|billion))*(?: (?:percent|per cent)|\s?%)?(?!\w)",
    ),
    "name": re.compile(rf"{_NAME_WORD}(?: (?:(?:of|de|al|von|van|the|and) )?{_NAME_WORD})*"),
}
"""Kind → how it looks in English; an earlier kind's span hides what a later one would find in it."""


class Found(NamedTuple):
    """`text == sentence[start:end]`."""

    kind: str
    start: int
    end: int
    text: str


def spans(sentence: str) -> list[Found]:
    """Spans that do not overlap, in order."""
    kept: list[Found] = []
    for kind, pattern in KINDS.items():
        for match in pattern.finditer(sentence):
            found = Found(kind, match.start(), match.end(), match.group())
            clear = all(found.end <= other.start or other.end <= found.start for other in kept)
            if clear and not (kind == "name" and (_is_no_name(found) or _describes(found, sentence))):
                kept.append(found)
    return sorted(kept, key=lambda found: found.start)


def _is_no_name(found: Found) -> bool:
    """A function word, or one word that is only in capitals because it begins the sentence."""
    words = found.text.lower().split()
    return all(word in FUNCTION_WORDS for word in words) or (found.start == 0 and len(words) == 1)


def _describes(found: Found, sentence: str) -> bool:
    """Whether the name stands before a noun that it describes ("the Syrian opposition"), as far as looks tell."""
    after = re.match(r"[ -]([a-z]+)", sentence[found.end :])
    named_by_article = found.text.startswith("The ") or found.start > 0
    return (after is not None and after[1] not in FUNCTION_WORDS and named_by_article) or (
        found.start > 0 and sentence[found.start - 1] in "-'’"
    )


def same_kind(sentences: list[str], kind: str) -> Iterator[str]:
    """The texts of all spans of a kind, in order of first appearance."""
    seen = dict.fromkeys(found.text for sentence in sentences for found in spans(sentence) if found.kind == kind)
    yield from seen
