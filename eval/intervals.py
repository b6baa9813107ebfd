"""How much a measure would move if other questions of the same kind had been asked: bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from eval.columns import Columns, Floats
from eval.folds import Fold, mean
from eval.measures import MEASURES, Measure

RESAMPLES = 1000
BATCH = 100
"""Resamples at a time: what bounds the memory."""
LEVEL = 0.95
Interval = tuple[float, float]


def intervals(
    table: Columns, resamples: int = RESAMPLES, seed: int = 0, measures: Sequence[Measure] = MEASURES
) -> dict[str, Interval | None]:
    """Each measure's percentile bootstrap interval at LEVEL (Efron 1979), questions drawn with replacement.

    None where the measure has no value on most of the resamples. Same columns, same seed, same intervals.
    """
    made: dict[str, list[Floats]] = {row.key: [] for row in measures}
    for weights in _resamples(len(table["f1"]), resamples, seed):
        for row in measures:
            made[row.key].append(row.fold(table, weights))
    return {key: _interval(np.concatenate(values)) if values else None for key, values in made.items()}


def mean_interval(values: Floats, resamples: int = RESAMPLES, seed: int = 0) -> Interval | None:
    """The same interval of the mean of `values`; None where there is none."""
    fold = mean("f1")
    made = [fold({"f1": values}, weights) for weights in _resamples(len(values), resamples, seed)]
    return _interval(np.concatenate(made)) if made else None


def difference_interval(
    before: Columns, after: Columns, fold: Fold, resamples: int = RESAMPLES, seed: int = 0
) -> Interval | None:
    """The same interval of how much a measure changed; the rows of both are the same questions, drawn together."""
    weights = _resamples(len(before["f1"]), resamples, seed)
    made = [fold(after, drawn) - fold(before, drawn) for drawn in weights]
    return _interval(np.concatenate(made)) if made else None


def _resamples(questions: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Batches of weights: how often each question was drawn."""
    draw = np.random.default_rng(seed)
    sizes = [min(BATCH, resamples - begun) for begun in range(0, resamples, BATCH)] if questions else []
    for size in sizes:
        yield draw.multinomial(questions, [1 / questions] * questions, size).astype(np.float64)


def _interval(values: Floats) -> Interval | None:
    there = values[~np.isnan(values)]
    if len(there) * 2 < len(values):
        return None
    low, high = np.percentile(there, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
