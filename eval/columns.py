"""Scores → columns of numbers, one a question: what folds are taken over, so that a resample is a choice of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from eval.retrieval import CUTOFFS
from eval.types import Score

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
"""Name → (questions,); nan where the column does not apply to the question."""


def columns(scores: Sequence[Score]) -> Columns:
    return {name: _column([value(score) for score in scores]) for name, value in COLUMNS.items()}


def from_rows(rows: Sequence[Mapping[str, float | None]]) -> Columns:
    """The columns of questions written by `row`. A column that a row has not is nan there."""
    return {name: _column([row.get(name) for row in rows]) for name in COLUMNS}


def row(score: Score) -> dict[str, float | None]:
    """One question's numbers, None where the column does not apply."""
    values = {name: value(score) for name, value in COLUMNS.items()}
    return {name: None if value is None else round(float(value), 6) for name, value in values.items()}


def taken(table: Columns, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Columns:
    """The rows that are named or marked."""
    return {name: column[rows] for name, column in table.items()}


def _column(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _recall(place: int, score: Score) -> float | None:
    return None if score.found is None else score.found.recall[place]


def _right(score: Score) -> float | None:
    """Of the best answer. A failed question is wrong, and so is whatever one says where the sources do not; None where
    the best answer is not known."""
    if score.error is not None or not score.case.answerable:
        return 0.0
    return None if score.best is None else float(score.best.right)


def _if_answerable(score: Score, value: float | None) -> float | None:
    if not score.case.answerable:
        return None
    return 0.0 if score.error is not None else value


COLUMNS: dict[str, Callable[[Score], float | None]] = {
    "answerable": lambda score: score.case.answerable,
    "abstained": lambda score: score.abstained,
    "failed": lambda score: score.error is not None,
    "exact_match": lambda score: score.exact_match,
    "f1": lambda score: score.f1,
    "best_exact_match": lambda score: _if_answerable(score, score.best.exact_match if score.best else None),
    "best_f1": lambda score: _if_answerable(score, score.best.f1 if score.best else None),
    "best_in_evidence": lambda score: _if_answerable(score, score.best.in_evidence if score.best else None),
    "right": _right,
    "confidence": lambda score: score.confidence,
    "cited_answer": lambda score: score.cited_answer,
    "citations": lambda score: score.citations,
    "exact_citations": lambda score: score.exact_citations,
    "citation_precision": lambda score: score.citation_precision,
    "citation_recall": lambda score: score.citation_recall,
    **{f"recall_at_{k}": partial(_recall, place) for place, k in enumerate(CUTOFFS)},
    "reciprocal_rank": lambda score: None if score.found is None else score.found.reciprocal_rank,
    "ndcg": lambda score: None if score.found is None else score.found.ndcg,
    "latency_ms": lambda score: score.latency_ms,
}
