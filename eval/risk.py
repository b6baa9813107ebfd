"""What a confidence is worth: the risk of answering only the surest questions, and how well it is calibrated.

Risk and coverage after El-Yaniv and Wiener (2010) and, for question answering with questions that have no answer,
Kamath, Jia and Liang (2020), "Selective Question Answering under Domain Shift". Calibration after Guo et al. (2017).
Weights are those of `eval.folds`: (rows, questions).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eval.columns import Floats

BINS = 10
"""Of equal width, for the reliability curve and its error."""
_NEARLY = 1e-9


def divided(part: Floats, whole: Floats) -> Floats:
    """part / whole, of the same shape; nan where whole is 0."""
    made: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return made


class Curve(NamedTuple):
    """Questions by confidence, the surest first; each (rows, questions). `weights` are theirs; `covered` and `wrong`
    the weight, and the wrong answers' weight, of the questions up to and with each."""

    weights: Floats
    covered: Floats
    wrong: Floats

    @property
    def risk(self) -> Floats:
        """The share of wrong answers among the questions up to and with each; nan where there is none."""
        return divided(self.wrong, self.covered)


class Bin(NamedTuple):
    """Questions whose confidence lies between `low` and `high`: how many, their mean confidence, the share right."""

    low: float
    high: float
    questions: int
    confidence: float
    right: float


def risk_curve(confidence: Floats, right: Floats, weights: Floats) -> Curve:
    """Among equally sure answers the wrong come first, and a question that failed comes last: a tie never flatters. A
    question whose best answer is not known makes the curve nan from its place on."""
    sureness = np.where(np.isnan(confidence), -np.inf, confidence)
    order = np.lexsort((right, -sureness))
    ranked = weights[:, order]
    wrong = np.where(ranked > 0, ranked * (1 - right[order]), 0.0)
    return Curve(ranked, np.cumsum(ranked, axis=1), np.cumsum(wrong, axis=1))


def risk_at(curve: Curve, coverage: float) -> Floats:
    """The risk when at least that share of all questions, the surest, is answered."""
    if not curve.covered.shape[1]:
        return np.full(len(curve.covered), np.nan)
    count = np.ceil(coverage * curve.covered[:, -1] - _NEARLY)
    last = (curve.covered >= count[:, None] - _NEARLY).argmax(axis=1)
    rows = np.arange(len(last))
    covered, wrong, weight = (part[rows, last] for part in (curve.covered, curve.wrong, curve.weights))
    step = np.where(last > 0, wrong - curve.wrong[rows, last - 1], wrong)
    # The last question may count more often than there is room for: its surplus is taken off again.
    surplus = np.divide((covered - count) * step, weight, out=np.zeros_like(step), where=weight > 0)
    return divided(wrong - surplus, count)


def area(curve: Curve) -> Floats:
    """The mean of the risk over all coverages (Geifman, Uziel and El-Yaniv 2019): lower is better."""
    total = curve.weights.sum(axis=1)
    summed = np.where(curve.weights > 0, curve.weights * curve.risk, 0.0).sum(axis=1)
    return divided(summed, total)


def coverage_at_precision(curve: Curve, precision: float) -> Floats:
    """The greatest share of the questions that can be answered with at most 1 - precision wrong among them; 0 where the
    surest are no better than that."""
    if not curve.covered.shape[1]:
        return np.full(len(curve.covered), np.nan)
    good = (curve.risk <= 1 - precision + _NEARLY) & (curve.weights > 0)
    total = curve.covered[:, -1]
    reached = np.where(good, curve.covered, 0.0).max(axis=1)
    return divided(reached, total)


def reliability(confidence: Floats, right: Floats) -> list[Bin]:
    """The bins that hold a question, lowest first."""
    bins = []
    for place, here in enumerate(_binned(confidence, right)):
        if here.any():
            means = float(confidence[here].mean()), float(right[here].mean())
            bins.append(Bin(place / BINS, (place + 1) / BINS, int(here.sum()), *means))
    return bins


def expected_calibration_error(confidence: Floats, right: Floats, weights: Floats) -> Floats:
    """The mean distance between a bin's confidence and its share of right answers, weighed by its questions."""
    distance, total = np.zeros(len(weights)), np.zeros(len(weights))
    for here in _binned(confidence, right):
        distance += np.abs(weights[:, here] @ (confidence[here] - right[here]))
        total += weights[:, here].sum(axis=1)
    return divided(distance, total)


def _binned(confidence: Floats, right: Floats) -> list[NDArray[np.bool_]]:
    """Which questions lie in each bin; those whose confidence or best answer is not known in none."""
    known = ~(np.isnan(confidence) | np.isnan(right))
    places = np.where(known, np.minimum(np.nan_to_num(confidence) * BINS, BINS - 1).astype(int), -1)
    return [places == place for place in range(BINS)]
