"""Documents → the spans that the reader finds salient: what it takes for the answer when it is only asked for a kind.

Asked nothing but "When did it happen?", the reader points at the date that a passage is about. Its odds against there
being no answer tell how salient that is. What the words around the span are, and so what the drafted question asks, it
has not seen; a draft is no easier for having been found this way than a person's pick would be.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eval.drafting.questions import Target, sentences
from eval.drafting.spans import spans
from eval.progress import watched
from index.passages import split
from index.types import Document, Hit, Passage
from qa.read.span import SpanReader

ASKED = {
    "date": "When did it happen?",
    "year": "In what year did it happen?",
    "month": "In which month was it?",
    "number": "How many were there?",
    "name": "Who was it?",
    "quotation": "What was said?",
}
"""Kind of span → the question that asks for nothing else."""
LOOKED_AT = 2
"""Passages that are read for each draft wanted."""


class Salient(NamedTuple):
    """`odds`: the reader's log-odds for the span against there being no answer."""

    odds: float
    target: Target


def salient(documents: Sequence[Document], count: int, reader: SpanReader, seed: int = 0) -> list[Target]:
    """At most `count` targets, one a sentence, the most salient of passages that lie evenly apart; in their order."""
    passages = [(document, passage) for document in documents for passage in split(document)]
    step = max(1.0, len(passages) / (LOOKED_AT * count))
    begun = random.Random(seed).random() * (step - 1)
    read = [passages[int(begun + number * step)] for number in range(min(LOOKED_AT * count, len(passages)))]
    found = [one for pair in watched(read, len(read), "Reading") for one in _of(*pair, reader)]
    best: dict[str, Salient] = {}
    for one in sorted(found, key=lambda one: -one.odds):
        best.setdefault(one.target.sentence, one)
    kept = {id(one.target) for one in list(best.values())[:count]}
    return [one.target for one in found if id(one.target) in kept]


def _of(document: Document, passage: Passage, reader: SpanReader) -> Iterator[Salient]:
    """What is salient in a passage: for each kind that stands in it at all, the span that the reader points at, where
    that is one of the kind."""
    within = [
        (text, start) for text, start in sentences(document)
        if passage.start <= start and start + len(text) <= passage.end
    ]  # fmt: skip
    there = {found.kind for text, _ in within for found in spans(text)}
    for kind in (kind for kind in ASKED if kind in there):
        pointed = reader.spans(ASKED[kind], [Hit(passage, 1.0, None, None)])
        if not pointed:
            continue
        place = pointed[0].span
        for text, start in within:
            for found in spans(text):
                if found.kind == kind and start + found.start < place.end and place.start < start + found.end:
                    yield Salient(pointed[0].margin, Target(document, text, found))
