"""Predictions → Evaluation: scores, measures, and what a reader of the figures must know."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from eval.measures import by_tag, measure
from eval.score import score
from eval.types import Prediction, Score
from index.config import load_settings
from index.types import Document

PACKAGES = ("footnote", "ir-measures", "numpy", "onnxruntime", "tokenizers")
"""Whose versions a run records."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run and its results: `scores` follow `predictions`; `cases` is how many there were to ask."""

    cases: int
    predictions: tuple[Prediction, ...]
    scores: tuple[Score, ...]
    settings: Mapping[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every case was asked."""
        return len(self.predictions) == self.cases

    @property
    def failed(self) -> list[Prediction]:
        return [prediction for prediction in self.predictions if prediction.error is not None]

    @property
    def unfounded(self) -> list[Score]:
        """Scores of cases with evidence that stands in no source."""
        return [score for score in self.scores if score.unfounded]

    def to_dict(self) -> dict[str, Any]:
        """`metrics.json`. A measure is null where no question decides it."""
        answerable = sum(score.case.answerable for score in self.scores)
        return {
            "complete": self.complete,
            "counts": {
                "cases": self.cases,
                "asked": len(self.scores),
                "answerable": answerable,
                "unanswerable": len(self.scores) - answerable,
                "abstained": sum(score.abstained for score in self.scores),
                "errors": len(self.failed),
            },
            "measures": _rounded(measure(self.scores)),
            "by_tag": {
                tag: {"questions": len(scores), **_rounded(measure(scores))}
                for tag, scores in by_tag(self.scores).items()
            },
            "errors": [{"id": failed.case.id, "error": failed.error} for failed in self.failed],
            "evidence_not_found": [
                {"id": score.case.id, "evidence": list(score.unfounded)} for score in self.unfounded
            ],
            "settings": dict(self.settings),
        }


def evaluate(
    cases: int, predictions: Sequence[Prediction], documents: Sequence[Document], settings: Mapping[str, Any]
) -> Evaluation:
    """Score `predictions`, made over `documents`; `cases` is how many there were to ask."""
    known = {document.id: document for document in documents}
    scores = tuple(score(prediction, known) for prediction in predictions)
    modes = sorted({prediction.answer.mode for prediction in predictions if prediction.answer})
    return Evaluation(cases, tuple(predictions), scores, {**settings, "modes": modes, **_sources(documents)})


def environment() -> dict[str, Any]:
    """The embedder and the versions that a run's figures depend on."""
    return {
        "embedder": load_settings().embedder,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {package: found for package in PACKAGES if (found := _version(package))},
    }


def _sources(documents: Sequence[Document]) -> dict[str, Any]:
    return {"documents": [{"path": document.path, "sha256": document.sha256} for document in documents]}


def _rounded(measures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if value is None else round(value, 4) for key, value in measures.items()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
