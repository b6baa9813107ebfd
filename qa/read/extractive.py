"""The default reader: answers with the best sentence of the best passages, word for word, or abstains.

No weights of its own: a sentence is ranked by a weighted sum of five features (`qa.read.candidates`), and the best
one's features and its lead over the second give the confidence, by logistic regression. The dozen numbers that this
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
from qa.read.candidates import FEATURES, Candidate, candidates
from qa.types import Draft, Part

FITTED = Path(__file__).parent / "extractive.json"
LONE_LEAD = 3.0
"""The lead of a sentence that has no second."""


class Ranking(NamedTuple):
    """The best sentence, with what its confidence is told from: its features and its lead over the second."""

    best: Candidate
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

    def read(self, question: str, hits: Sequence[Hit]) -> Draft:
        ranking = rank(candidates(question, hits, self._embedder), self._fitted.ranking)
        if ranking is None:
            return Draft((), confidence=0.0)
        confidence = logistic(self._fitted.confidence, ranking.evidence)
        if confidence < self._fitted.threshold:
            return Draft((), confidence)
        return Draft((Part(ranking.best.text, (ranking.best.span,)),), confidence)


def rank(found: Sequence[Candidate], weights: Sequence[float]) -> Ranking | None:
    """The candidate with the greatest weighted sum, the earlier one on a tie; None where there is none."""
    if not found:
        return None
    scores = [dot(weights, candidate.features) for candidate in found]
    first = max(range(len(found)), key=lambda i: scores[i])
    second = max((score for i, score in enumerate(scores) if i != first), default=scores[first] - LONE_LEAD)
    return Ranking(found[first], (*found[first].features, scores[first] - second))


def logistic(weights: Sequence[float], evidence: Sequence[float]) -> float:
    """1 / (1 + exp(-(w · evidence + constant))), the constant being the last weight."""
    return 1 / (1 + math.exp(-dot(weights, (*evidence, 1.0))))


def dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
