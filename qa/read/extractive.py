"""The default reader: answers with the best sentence of the best passages, word for word, or abstains.

No weights of its own: a sentence is ranked by a weighted sum of six features (`qa.read.candidates`), and the best
one's features and its lead over the others give the confidence, by logistic regression. The dozen numbers that this
takes are in extractive.json, fitted by train/fit_reader.py on questions that have nothing to do with what is asked
here; so is the confidence under which it abstains.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.embed import Embedder
from index.types import Hit
from qa.read.candidates import FEATURES, candidates
from qa.types import Draft, Part

FITTED = Path(__file__).parent / "extractive.json"
LONE_LEAD = 3.0
"""The lead of a sentence that has no others beside it."""


class Ranking(NamedTuple):
    """Which sentence is best, and what its confidence is told from: its features, and its lead over the others' mean.

    Not over the second: a source that says the same thing twice is no reason to doubt it.
    """

    best: int
    evidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """`ranking` weighs FEATURES; `confidence` weighs FEATURES, then the lead, then a constant 1."""

    ranking: tuple[float, ...]
    confidence: tuple[float, ...]
    threshold: float

    @classmethod
    def load(cls, path: Path = FITTED) -> Fitted:
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(read["ranking"][name] for name in FEATURES),
            tuple(read["confidence"][name] for name in (*FEATURES, "lead", "constant")),
            read["threshold"],
        )


class ExtractiveReader:
    """See the module's docstring. Safe to share among threads."""

    mode = "extractive"

    def __init__(self, embedder: Embedder, fitted: Fitted) -> None:
        self._embedder = embedder
        self._fitted = fitted

    @classmethod
    def shipped(cls, embedder: Embedder) -> ExtractiveReader:
        return cls(embedder, Fitted.load())

    def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
        found = candidates(question, hits, self._embedder)
        if not found:
            return Draft((), confidence=0.0)
        ranking = rank([candidate.features for candidate in found], self._fitted.ranking)
        confidence = logistic(self._fitted.confidence, ranking.evidence)
        # The confidence is the chance to be right: refusing below the strictness keeps every answer above it.
        if confidence < (self._fitted.threshold if strictness is None else strictness):
            return Draft((), confidence)
        best = found[ranking.best]
        return Draft((Part(best.text, (best.span,)),), confidence)


def rank(features: Sequence[Sequence[float]], weights: Sequence[float]) -> Ranking:
    """The sentence with the greatest weighted sum of its features, the earlier one on a tie; there must be one."""
    scores = [dot(weights, row) for row in features]
    first = max(range(len(scores)), key=lambda i: scores[i])
    others = len(scores) - 1
    lead = scores[first] - (sum(scores) - scores[first]) / others if others else LONE_LEAD
    return Ranking(first, (*features[first], lead))


def logistic(weights: Sequence[float], evidence: Sequence[float]) -> float:
    """1 / (1 + exp(-(w · evidence + constant))), the constant being the last weight."""
    return 1 / (1 + math.exp(-dot(weights, (*evidence, 1.0))))


def dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
