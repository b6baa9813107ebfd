"""Predictions → Evaluation: scores, measures, and what a reader of the figures must know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eval.columns import Columns, columns
from eval.intervals import Interval, intervals
from eval.measures import by_tag, by_type, measure, measured
from eval.score import score
from eval.types import Prediction, Score
from index.types import Document


@dataclass(frozen=True)
class Evaluation:
    """A run and its results: `scores` follow `predictions`; `cases` is how many there were to ask."""

    cases: int
    predictions: tuple[Prediction, ...]
    scores: tuple[Score, ...]
    settings: Mapping[str, Any]

    @cached_property
    def columns(self) -> Columns:
        return columns(self.scores)

    @cached_property
    def measures(self) -> dict[str, float | None]:
        return measure(self.columns)

    @cached_property
    def intervals(self) -> dict[str, Interval | None]:
        return intervals(self.columns)

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
            "measures": _rounded(self.measures),
            "intervals": {
                key: None if found is None else [round(side, 4) for side in found]
                for key, found in self.intervals.items()
            },
            "by_tag": _split(by_tag(self.scores)),
            "by_type": _split(by_type(self.scores)),
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


def _split(parts: Mapping[str, Sequence[Score]]) -> dict[str, dict[str, float | None]]:
    return {name: {"questions": len(scores), **_rounded(measured(scores))} for name, scores in parts.items()}


def _sources(documents: Sequence[Document]) -> dict[str, Any]:
    return {"documents": [{"path": document.path, "sha256": document.sha256} for document in documents]}


def _rounded(measures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if value is None else round(value, 4) for key, value in measures.items()}
