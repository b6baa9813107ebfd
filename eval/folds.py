"""Columns → numbers, one for each row of weights. A fold gives nan where there is no question that it applies to.

A weight is how often a question counts. All ones is the measure itself; a bootstrap's resample, or a shuffle of two
runs, is another row of weights, so that a thousand of them are one pass over the columns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eval import risk
from eval.columns import Columns, Floats, taken

Fold = Callable[[Columns, Floats], Floats]
"""(columns of n questions, weights (rows, n)) → (rows,)."""
Marks = NDArray[np.bool_]


def value(fold: Fold, table: Columns) -> float:
    """The fold over every question once."""
    return float(fold(table, np.ones((1, len(table["f1"]))))[0])


def mean(column: str) -> Fold:
    """The mean of a column over the questions that it applies to."""
    return lambda table, weights: _mean(table[column], weights)


def share(part: str, whole: str) -> Fold:
    """The sum of one column over the sum of another: over all answers together, not question by question."""
    return lambda table, weights: risk.divided(weights @ table[part], weights @ table[whole])


def over(column: str, fold: Fold) -> Fold:
    """`fold`, over the questions whose `column` is 1."""
    return lambda table, weights: _within(table[column] == 1, fold, table, weights)


def answered_share(table: Columns, weights: Floats) -> Floats:
    """Answered questions / all: the coverage."""
    return _mean(_answered(table).astype(np.float64), weights)


def answer_precision(table: Columns, weights: Floats) -> Floats:
    """Right answers / answers given. A failed question gave none."""
    return _within(_answered(table), mean("right"), table, weights)


def abstention_precision(table: Columns, weights: Floats) -> Floats:
    """Of the questions not answered, the share that has no answer: TP / (TP + FP), abstaining = positive."""
    return 1 - _within(table["abstained"] == 1, mean("answerable"), table, weights)


def abstention_recall(table: Columns, weights: Floats) -> Floats:
    """Of the questions that have no answer, the share not answered: TP / (TP + FN)."""
    return _within(table["answerable"] == 0, mean("abstained"), table, weights)


def abstention_f1(table: Columns, weights: Floats) -> Floats:
    """2TP / (2TP + FP + FN); nan where nothing abstained and nothing should have."""
    unanswerable, abstained = 1 - table["answerable"], table["abstained"]
    return risk.divided(2 * weights @ (unanswerable * abstained), weights @ (unanswerable + abstained))


def answerability_auroc(table: Columns, weights: Floats) -> Floats:
    """`auroc` of the confidence for being answerable. A failed question loses to every other."""
    lost = np.where(table["answerable"] == 1, -np.inf, np.inf)
    confidence = np.where(np.isnan(table["confidence"]), lost, table["confidence"])
    return auroc(confidence, table["answerable"] == 1, weights)


def auroc(values: Floats, positive: Marks, weights: Floats) -> Floats:
    """The probability that a positive's value is above a negative's; a tie is half (the Mann-Whitney form: Hanley and
    McNeil 1982). nan where one of the two is missing."""
    if not len(values):
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    _, starts = np.unique(values[order], return_index=True)
    above = np.add.reduceat(weights[:, order] * positive[order], starts, axis=1)
    below = np.add.reduceat(weights[:, order] * ~positive[order], starts, axis=1)
    beaten = np.cumsum(below, axis=1) - below / 2
    return risk.divided((above * beaten).sum(axis=1), above.sum(axis=1) * below.sum(axis=1))


def risk_at(coverage: float) -> Fold:
    """`eval.risk.risk_at`."""
    return lambda table, weights: risk.risk_at(_curve(table, weights), coverage)


def area_under_risk(table: Columns, weights: Floats) -> Floats:
    """`eval.risk.area`."""
    return risk.area(_curve(table, weights))


def coverage_at(precision: float) -> Fold:
    """`eval.risk.coverage_at_precision`."""
    return lambda table, weights: risk.coverage_at_precision(_curve(table, weights), precision)


def calibration_error(table: Columns, weights: Floats) -> Floats:
    """`eval.risk.expected_calibration_error`."""
    return risk.expected_calibration_error(table["confidence"], table["right"], weights)


def percentile(column: str, percent: float) -> Fold:
    """The percentile of a column, interpolated, over the questions that it applies to."""

    def fold(table: Columns, weights: Floats) -> Floats:
        there = np.flatnonzero(~np.isnan(table[column]))
        order = there[np.argsort(table[column][there])]
        if not len(order):
            return np.full(len(weights), np.nan)
        values, counted = table[column][order], np.cumsum(weights[:, order], axis=1)
        place = (counted[:, -1:] - 1) * percent / 100
        low, high = (values[(counted > np.round(side, 9)).argmax(axis=1)] for side in (np.floor(place), np.ceil(place)))
        made: Floats = low + (high - low) * (place - np.floor(place))[:, 0]
        return np.where(counted[:, -1] > 0, made, np.nan)

    return fold


def _curve(table: Columns, weights: Floats) -> risk.Curve:
    return risk.risk_curve(table["confidence"], table["right"], weights)


def _answered(table: Columns) -> Marks:
    given: Marks = (table["abstained"] == 0) & (table["failed"] == 0)
    return given


def _within(marks: Marks, fold: Fold, table: Columns, weights: Floats) -> Floats:
    return fold(taken(table, marks), weights[:, marks])


def _mean(values: Floats, weights: Floats) -> Floats:
    there = ~np.isnan(values)
    return risk.divided(weights @ np.where(there, values, 0.0), weights @ there.astype(np.float64))
