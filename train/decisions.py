"""Whether to answer: confidences fitted by logistic regression, the threshold, and what both are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

RIDGE = 1e-3


class Decision(NamedTuple):
    """How a question came out: `right` is of the best answer, given or not."""

    confidence: float
    right: bool
    answerable: bool


def logistic_regression(evidence: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    """Weights of the evidence, in its own units, and at last the constant; with a small ridge on scaled weights."""
    rows, outcome = np.array(evidence, float), np.array(right, float)
    spread = rows.std(axis=0) + 1e-9
    scaled = np.c_[rows / spread, np.ones(len(rows))]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = scaled @ weights
        penalty = np.r_[weights[:-1], 0.0]
        value = float((np.logaddexp(0, scores) - outcome * scores).mean() + RIDGE * penalty @ penalty)
        return value, scaled.T @ (1 / (1 + np.exp(-scores)) - outcome) / len(outcome) + 2 * RIDGE * penalty

    weights = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    return [*(weights[:-1] / spread).tolist(), float(weights[-1])]


def choice_regression(standing: Sequence[Sequence[Sequence[float]]], right: Sequence[Sequence[bool]]) -> list[float]:
    """Weights with which the right ones among several score highest: a conditional logit (McFadden 1974) over the
    questions of which one at least is right, their probabilities added; with the same ridge. (questions, candidates,
    features) and (questions, candidates)."""
    kept = [(np.array(rows, float), np.array(good)) for rows, good in zip(standing, right, strict=True) if any(good)]
    spread = np.concatenate([rows for rows, _ in kept]).std(axis=0) + 1e-9

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for rows, good in kept:
            scaled = rows / spread
            scores = scaled @ weights
            every, among = np.logaddexp.reduce(scores), np.logaddexp.reduce(scores[good])
            value += (every - among) / len(kept)
            shares = np.exp(scores - every) - np.where(good, np.exp(scores - among), 0.0)
            slope = slope + shares @ scaled / len(kept)
        return float(value), slope

    weights: list[float] = (minimize(loss, np.zeros(len(spread)), jac=True, method="L-BFGS-B").x / spread).tolist()
    return weights


def best_threshold(made: Sequence[Decision]) -> float:
    """The threshold, in hundredths, with most right decisions: right answers given and unanswerable ones refused."""
    return max((t / 100 for t in range(100)), key=lambda threshold: right_decisions(made, threshold))


def right_decisions(made: Sequence[Decision], threshold: float) -> float:
    """The share of questions that are answered rightly, or unanswerable and refused."""
    good = sum(d.right if d.confidence >= threshold else not d.answerable for d in made)
    return good / len(made)


def curve(made: Sequence[Decision], fewest: int = 50) -> list[dict[str, float]]:
    """What each threshold, in fiftieths, gives: the share of answerable questions answered (`coverage`) and of given
    answers that are right (`right`; one minus the risk of El-Yaniv and Wiener 2010). Thresholds that leave fewer than
    `fewest` answers are left out: a share of so few says little."""
    points = []
    for threshold in (t / 50 for t in range(50)):
        given = [d for d in made if d.confidence >= threshold]
        if len(given) >= fewest:
            answered = [d.confidence >= threshold for d in made if d.answerable]
            points.append(
                {"threshold": threshold, "coverage": share(answered), "right": share([d.right for d in given])}
            )
    return points


def report(made: Sequence[Decision], threshold: float) -> dict[str, float]:
    answered = [d for d in made if d.confidence >= threshold]
    answerable = [d for d in made if d.answerable]
    return {
        "questions": len(made),
        "best_right_if_answerable": share([d.right for d in answerable]),
        "right_decisions": round(right_decisions(made, threshold), 4),
        "answered": share([d.confidence >= threshold for d in made]),
        "right_if_answered": share([d.right for d in answered]),
        "unanswerable_refused": share([d.confidence < threshold for d in made if not d.answerable]),
        "auroc_answerable": round(auroc([d.confidence for d in made], [d.answerable for d in made]), 4),
        "calibration_error": round(calibration_error(made), 4),
    }


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The chance that a positive scores above a negative, ties counting half (Mann–Whitney)."""
    from scipy.stats import mannwhitneyu

    yes = [score for score, is_positive in zip(scores, positive, strict=True) if is_positive]
    no = [score for score, is_positive in zip(scores, positive, strict=True) if not is_positive]
    return float(mannwhitneyu(yes, no).statistic / (len(yes) * len(no)))


def calibration_error(made: Sequence[Decision], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins (Naeini, Cooper and Hauskrecht 2015)."""
    error = 0.0
    for number in range(bins):
        inside = [d for d in made if min(int(d.confidence * bins), bins - 1) == number]
        if inside:
            gap = np.mean([d.confidence for d in inside]) - np.mean([d.right for d in inside])
            error += abs(float(gap)) * len(inside) / len(made)
    return error


def share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0
