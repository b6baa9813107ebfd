"""Questions that one phrase seldom answers: "What did she say about …?", "Why …?", "List …" → several sentences.

The reader's best span stands; every other sentence of the passages is read by itself, and those that answer the
question as surely as it does join it, whole, in the sources' order. Where none does, nothing is added, but that a span
which is one of several in its sentence gives way to the sentence, and a heading to the list under it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from index.sentences import sentence_spans
from index.types import Hit
from index.words import content_words, stems, words
from qa.read import Reader
from qa.read.candidates import is_heading
from qa.types import Draft, Part, Span

MOST = 5
"""Sentences of an answer."""
READ = 12
"""Sentences that are read by themselves: those that share most of the question's words."""
SHORTEST = 4
"""Words: shorter sentences say nothing by themselves."""
ALIKE = 0.8
"""Share of a sentence's word stems that an earlier one holds, from which on it says nothing new."""

_SAY = (
    r"(?:say|said|think|thought|tell|told|state|claim|argue|write|wrote|promise|announce|explain|propose|demand|report)"
)
_WHOLE = re.compile(
    rf"\bwhat\s+(?:else\s+)?(?:did|does|do|has|have|had)\s+.+?\b{_SAY}\b\s*(?:$|[?.!]|(?:about|on|of|to|regarding)\b)|"
    r"^(?:please\s+)?(?:tell\s+(?:me|us)\s+(?:more\s+)?about|describe|explain)\b|"
    r"^what\s+(?:happened|is\s+known|do\s+we\s+(?:know|learn)|does\s+(?:it|the\s+\w+)\s+say)\b",
    re.IGNORECASE,
)
"""Questions for more than a phrase: whole sentences from the first."""
_SEVERAL = re.compile(
    r"^(?:please\s+)?(?:why|how\s+come|for\s+what\s+reasons?|list|enumerate|name\s+(?:all|the|some|every)|give\s+(?:me\s+)?"
    r"(?:all|the|some|a\s+list)|what\s+(?:are|were)\s+(?:all\s+)?(?:the\s+)?(?:\w+\s+){0,2}?(?:reasons|causes|consequences|"
    r"effects|results|conditions|requirements|steps|advantages|disadvantages|benefits|risks|differences|functions|types|"
    r"kinds|examples|features|terms|provisions|points|goals|aims))\b",
    re.IGNORECASE,
)
"""Questions that may have more than one answer."""


LISTED = 20
"""Items of a list."""
BULLET = re.compile(r"(?:[-*•–·]|\d{1,3}[.)])[^\S\n]+")
_ITEM = re.compile(rf"\s*\n\s*{BULLET.pattern}(?P<said>\S.*)")
_NO_ITEM = re.compile(r"which|who|whom|whose|where|when|that|but|because|although|while|so|as", re.IGNORECASE)
_AND_MORE = re.compile(r"^(?:,\s+(?P<next>\w+)[^.;:]*?)?,?\s+(?:and|or|as well as)\s", re.IGNORECASE)
_AFTER_OTHERS = re.compile(r",[^.;:]*\b(?:and|or)\s+$")


_GENERAL = re.compile(
    rf"{_SAY}|happen(?:ed)?|known?|learn|describe|list|enumerate|name|reasons?|causes?", re.IGNORECASE
)


class Sentence(NamedTuple):
    """A sentence of a passage as a passage of its own."""

    span: Span
    hit: Hit


def asks_for_several(question: str) -> bool:
    return bool(_WHOLE.search(question) or _SEVERAL.match(question))


def lengthened(
    question: str, draft: Draft, hits: Sequence[Hit], reader: Reader, strictness: float | None = None
) -> Draft:
    """The draft with what else answers the question; as it is where the question wants no more or it abstains."""
    if not asks_for_several(question):
        return draft
    return with_others(question, draft, hits, reader, strictness)


def with_others(
    question: str, draft: Draft, hits: Sequence[Hit], reader: Reader, strictness: float | None = None
) -> Draft:
    """The same, whatever the question."""
    if not draft.parts:
        return draft
    told = [span for part in draft.parts for span in part.spans]
    if items := _list_under(told[0], hits):
        return replace(draft, parts=items)
    found = sentences(hits)
    best = [one for one in found if any(_overlap(one.span, span) for span in told)]
    others = _likeliest(question, [one for one in found if one not in best and _touches(one, question)])
    scored = [(reader.read(question, [one.hit], strictness=strictness), one) for one in others]
    sure = [pair for pair in scored if pair[0].parts and pair[0].confidence >= draft.confidence]
    answering = sorted(sure, key=lambda pair: -pair[0].confidence)
    chosen = list(best)
    for _, one in answering:
        if len(chosen) < MOST and not any(_says_the_same(one, other) for other in chosen):
            chosen.append(one)
    one_of_several = any(_is_one_of_several(span, one) for span in told for one in best)
    if len(chosen) == len(best) and not one_of_several and not _WHOLE.search(question):
        return draft
    order = {one.span: number for number, one in enumerate(found)}
    parts = tuple(_part(one) for one in sorted(chosen, key=lambda one: order[one.span]))
    return replace(draft, parts=parts or draft.parts)


def sentences(hits: Sequence[Hit], shortest: int = SHORTEST) -> list[Sentence]:
    """Those of the passages that have so many words, each once: documents in the hits' order, each from beginning to
    end; headings are none."""
    found: dict[Span, Sentence] = {}
    for hit in hits:
        passage = hit.passage
        for start, end in sentence_spans(passage.text):
            bullet = BULLET.match(passage.text, start, end)
            start = bullet.end() if bullet else start
            text = passage.text[start:end]
            if len(words(text)) >= shortest and not is_heading(text, passage):
                span = Span(passage.document_id, passage.start + start, passage.start + end)
                alone = replace(passage, start=span.start, end=span.end, text=text)
                found.setdefault(span, Sentence(span, replace(hit, passage=alone)))
    ranks = {name: rank for rank, name in reversed(list(enumerate(hit.passage.document_id for hit in hits)))}
    return sorted(found.values(), key=lambda one: (ranks[one.span.document_id], one.span.start))


def _likeliest(question: str, found: Sequence[Sentence]) -> list[Sentence]:
    asked = set(stems(content_words(question)))
    shared = {one.span: len(asked & _stems(one)) for one in found}
    return sorted(found, key=lambda one: -shared[one.span])[:READ]


def _touches(one: Sentence, question: str) -> bool:
    """Whether it holds a word of what is asked about; where the question has none that tells, every sentence does."""
    asked = set(stems([word for word in content_words(question) if not _GENERAL.fullmatch(word)]))
    return not asked or bool(asked & _stems(one))


def _is_one_of_several(span: Span, one: Sentence) -> bool:
    """Whether the span is one of what its sentence strings together: "energy" of "energy, paper and two customers"."""
    if not _overlap(span, one.span):
        return False
    text, at = one.hit.passage.text, one.span.start
    after = _AND_MORE.match(text[span.end - at :])
    more = after is not None and not _NO_ITEM.fullmatch(after["next"] or "")
    return more or _AFTER_OTHERS.search(text[: max(span.start - at, 0)]) is not None


def _list_under(span: Span, hits: Sequence[Hit]) -> tuple[Part, ...]:
    """The items of the list that a heading, or a line that ends in a colon, leads to; none where the span is in
    neither. An item stops at the end of its line."""
    for hit in hits:
        passage = hit.passage
        start, end = span.start - passage.start, span.end - passage.start
        if passage.document_id != span.document_id or start < 0 or end > len(passage.text):
            continue
        line_start, line_end = passage.text.rfind("\n", 0, start) + 1, passage.text.find("\n", end)
        line = passage.text[line_start : line_end if line_end >= 0 else len(passage.text)]
        if line_end < 0 or not (is_heading(line, passage) or line.lstrip().startswith("#") or line.endswith(":")):
            continue
        parts: list[Part] = []
        at = line_end
        while (item := _ITEM.match(passage.text, at)) is not None:
            first, last = passage.start + item.start("said"), passage.start + item.end("said")
            parts.append(Part(" ".join(item["said"].split()), (Span(passage.document_id, first, last),)))
            at = item.end()
        if parts:
            return tuple(parts[:LISTED])
    return ()


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    ours = _stems(one)
    return len(ours & _stems(other)) >= ALIKE * len(ours)


def _stems(one: Sentence) -> set[str]:
    return set(stems(content_words(one.hit.passage.text)))


def _overlap(one: Span, other: Span) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _part(one: Sentence) -> Part:
    return Part(" ".join(one.hit.passage.text.split()), (one.span,))
