"""Questions that one phrase seldom answers: "What did she say about …?", "Why …?", "List …" → several sentences.

The reader's best span stands; every other sentence of the passages is read by itself, and those that answer the
question as surely as it does join it, whole, in the sources' order. Where none does, nothing is added.
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
    found = sentences(hits)
    best = [one for one in found if any(_overlap(one.span, span) for span in told)]
    others = _likeliest(question, [one for one in found if one not in best])
    scored = [(reader.read(question, [one.hit], strictness=strictness), one) for one in others]
    sure = [pair for pair in scored if pair[0].parts and pair[0].confidence >= draft.confidence]
    answering = sorted(sure, key=lambda pair: -pair[0].confidence)
    chosen = list(best)
    for _, one in answering:
        if len(chosen) < MOST and not any(_says_the_same(one, other) for other in chosen):
            chosen.append(one)
    if len(chosen) == len(best) and not _WHOLE.search(question):
        return draft
    order = {one.span: number for number, one in enumerate(found)}
    parts = tuple(_part(one) for one in sorted(chosen, key=lambda one: order[one.span]))
    return replace(draft, parts=parts or draft.parts)


def sentences(hits: Sequence[Hit]) -> list[Sentence]:
    """Those of the passages that say something by themselves, each once: documents in the hits' order, each from
    beginning to end; headings are none."""
    found: dict[Span, Sentence] = {}
    for hit in hits:
        passage = hit.passage
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            if len(words(text)) >= SHORTEST and not is_heading(text, passage):
                span = Span(passage.document_id, passage.start + start, passage.start + end)
                alone = replace(passage, start=span.start, end=span.end, text=text)
                found.setdefault(span, Sentence(span, replace(hit, passage=alone)))
    ranks = {name: rank for rank, name in reversed(list(enumerate(hit.passage.document_id for hit in hits)))}
    return sorted(found.values(), key=lambda one: (ranks[one.span.document_id], one.span.start))


def _likeliest(question: str, found: Sequence[Sentence]) -> list[Sentence]:
    asked = set(stems(content_words(question)))
    shared = {one.span: len(asked & _stems(one)) for one in found}
    return sorted(found, key=lambda one: -shared[one.span])[:READ]


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    ours = _stems(one)
    return len(ours & _stems(other)) >= ALIKE * len(ours)


def _stems(one: Sentence) -> set[str]:
    return set(stems(content_words(one.hit.passage.text)))


def _overlap(one: Span, other: Span) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _part(one: Sentence) -> Part:
    return Part(" ".join(one.hit.passage.text.split()), (one.span,))
