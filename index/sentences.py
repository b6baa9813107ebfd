"""Text → sentences, as character spans.

Boundaries come from sentencex (Wikimedia's segmenter: abbreviations and initials of 200 languages, no text
changed); here is what a citation needs on top of it: spans instead of strings, lists and blank lines as
boundaries, and a few boundaries mended that it gets wrong in news and encyclopaedic text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import sentencex

from index.pieces import encodable
from index.types import Heading

Offsets = tuple[int, int]

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_HEADING_LINE = re.compile(r"(?m)^ {0,3}#{1,6}[ \t].*$")
_UNDERLINE = re.compile(r"(?m)^ {0,3}(?:=+|-{3,}|~{3,})[ \t]*$")
_LIST_ITEM = re.compile(r"(?m)^[^\S\n]*(?:[-*+•–]|\d{1,3}[.)])[^\S\n]+(?=\S)")
# sentencex takes "May." for an abbreviation; it is the one month that has none.
_AFTER_MAY = re.compile(r"\bMay\.\s+(?=[A-Z][a-z])")
# An agency's mark after a dateline, as in "ASTANA, May 5. /TASS/. The talks …", is no sentence, nor is the dateline.
_AGENCY = re.compile(r"^[/(][A-Z][\w .-]{1,30}[/)]\s*[.:–—-]*$")
_DATELINE = re.compile(r"^[A-Z][A-Z .'-]{2,},? .{0,40}\.$")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:vol|no|nos|pp?|figs?|approx|ca|cf|sec|ch|ed|eds|art|arts|U\.S|U\.K|U\.N)\.$", re.I
)
_LOWER_OR_DIGIT = re.compile(r"^[\"'“‘(\[]?[a-z0-9]")
_CLOSING = re.compile(r"^[\"'”’»)\]]+$")
_MARKER = re.compile(r"^\d{1,3}[.)]$")
# sentencex knows Latin initials only: "В. В. Путин".
_INITIAL = re.compile(r"(?:^|[\s(«“\"])([^\W\d_a-zA-Z])\.$")
_REACH = 200  # how much of a sentence is looked at to tell whether the next piece goes on with it
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Offsets]:
    """The sentences of `text[start:end]` as (start, end) offsets into `text`, in order, none overlapping.

    Only white space lies between them; none begins or ends with white space or is empty. Never raises.
    """
    end = len(text) if end is None else end
    spans: list[Offsets] = []
    for block_start, block_end in _blocks(text, start, end):
        spans.extend(_merged(text, _split(text, block_start, block_end)))
    return spans


def sentences_between(text: str, headings: Sequence[Heading], start: int, end: int) -> list[Offsets]:
    """`sentence_spans`, with each heading that lies in `start:end`, its marks included, as a sentence of its own."""
    spans: list[Offsets] = []
    at = start
    for i in range(bisect_left(headings, start, key=lambda heading: heading.start), len(headings)):
        heading = headings[i]
        if heading.end > end:
            break
        begins = max(at, marks_start(text, heading))
        spans.extend(sentence_spans(text, at, begins))
        spans.append(trimmed(text, begins, heading.end))
        at = heading.end
    spans.extend(sentence_spans(text, at, end))
    return spans


def marks_start(text: str, heading: Heading) -> int:
    """Where a heading's line begins, if only Markdown's marks stand before its text; else where its text begins."""
    line = text.rfind("\n", 0, heading.start) + 1
    return heading.start if text[line : heading.start].strip("# \t") else line


def trimmed(text: str, start: int, end: int) -> Offsets:
    """`start:end` without the white space at either side (start == end where there is nothing else)."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + max(left, len(piece.rstrip())))


def _blocks(text: str, start: int, end: int) -> Iterator[Offsets]:
    """Paragraphs, list items and Markdown's headings: a blank line, a list marker or a heading begins a new one."""
    cuts = [start]
    cuts += [match.end() for match in _BLANK_LINES.finditer(text, start, end)]
    cuts += [match.start() for match in _LIST_ITEM.finditer(text, start, end)]
    cuts += [place for match in _HEADING_LINE.finditer(text, start, end) for place in match.span()]
    cuts += [match.end() for match in _UNDERLINE.finditer(text, start, end)]
    cuts = [*sorted(set(cuts)), end]
    for left, right in pairwise(cuts):
        span = trimmed(text, left, right)
        if span[0] < span[1]:
            yield span


def _split(text: str, start: int, end: int) -> list[Offsets]:
    # sentencex panics at a no-break or other wide space before a stop ("Plan A\u00a0.").
    block = _WIDE_SPACE.sub(" ", encodable(text[start:end]))
    cuts = {0, len(block)}
    cuts.update(boundary["end_index"] for boundary in sentencex.get_sentence_boundaries("en", block))
    cuts.update(match.end() for match in _AFTER_MAY.finditer(block))
    ordered = sorted(cuts)
    spans = (trimmed(text, start + a, start + b) for a, b in pairwise(ordered))
    return [span for span in spans if span[0] < span[1]]


def _merged(text: str, spans: list[Offsets]) -> list[Offsets]:
    merged: list[Offsets] = []
    for span in spans:
        if merged and _belongs(text[max(merged[-1][0], merged[-1][1] - _REACH) : merged[-1][1]], text[slice(*span)]):
            merged[-1] = (merged[-1][0], span[1])
        else:
            merged.append(span)
    return merged


def _belongs(before: str, after: str) -> bool:
    """Whether `after` goes on with the sentence `before`."""
    if _CLOSING.match(after) or _MARKER.match(before):
        return True
    if (initial := _INITIAL.search(before)) and initial[1].isupper():
        return True
    if _AGENCY.match(after) and _DATELINE.match(before):
        return True
    if _AGENCY.match(before) or _AGENCY.match(before.rsplit(". ", 1)[-1]):
        return True
    return bool(_LOWER_OR_DIGIT.match(after)) and (
        _ABBREVIATED.search(before) is not None or before.endswith(("...", "…"))
    )
