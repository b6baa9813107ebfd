"""Scores → one number. A fold gives None where there is no question that it applies to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from eval.retrieval import CUTOFFS
from eval.types import Score

Scores = Sequence[Score]
Fold = Callable[[Scores], float | None]


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are there; None where none is."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def exact_match(scores: Scores) -> float | None:
    return mean(score.exact_match for score in scores)


def f1(scores: Scores) -> float | None:
    return mean(score.f1 for score in scores)


def cited_answer(scores: Scores) -> float | None:
    return mean(score.cited_answer for score in scores)


def citation_exactness(scores: Scores) -> float | None:
    """Exact citations / citations, over all answers together."""
    citations = sum(score.citations for score in scores)
    return sum(score.exact_citations for score in scores) / citations if citations else None


def recall_at(k: int) -> Fold:
    """The mean of recall@k over the questions that have evidence."""
    place = CUTOFFS.index(k)
    return lambda scores: mean(score.found.recall[place] if score.found else None for score in scores)


def mrr(scores: Scores) -> float | None:
    """The mean reciprocal rank over the questions that have evidence."""
    return mean(score.found.reciprocal_rank if score.found else None for score in scores)


def abstention_precision(scores: Scores) -> float | None:
    """Of the questions not answered, the share that has no answer: TP / (TP + FP), abstaining = positive."""
    return mean(float(not score.case.answerable) for score in scores if score.abstained)


def abstention_recall(scores: Scores) -> float | None:
    """Of the questions that have no answer, the share not answered: TP / (TP + FN)."""
    return mean(float(score.abstained) for score in scores if not score.case.answerable)


def abstention_f1(scores: Scores) -> float | None:
    """2TP / (2TP + FP + FN); None where nothing abstained and nothing should have."""
    abstained = sum(score.abstained for score in scores)
    unanswerable = sum(not score.case.answerable for score in scores)
    both = sum(score.abstained and not score.case.answerable for score in scores)
    return 2 * both / (abstained + unanswerable) if abstained + unanswerable else None


def answerability_auroc(scores: Scores) -> float | None:
    """`auroc` of the confidence for being answerable. A failed question loses to every other."""
    return auroc([_confidence(score) for score in scores], [score.case.answerable for score in scores])


def auroc(values: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The probability that a positive's value is above a negative's; a tie is half (the Mann-Whitney form: Hanley and
    McNeil 1982). None where one of the two is missing."""
    above = [value for value, is_positive in zip(values, positive, strict=True) if is_positive]
    below = np.sort([value for value, is_positive in zip(values, positive, strict=True) if not is_positive])
    if not above or not len(below):
        return None
    beaten = np.searchsorted(below, above, side="left").sum()
    not_lost = np.searchsorted(below, above, side="right").sum()
    return float(beaten + not_lost) / 2 / (len(above) * len(below))


def latency(percent: float) -> Fold:
    """The percentile of the milliseconds that `ask` took, interpolated; failed questions have none."""

    def fold(scores: Scores) -> float | None:
        times = [score.latency_ms for score in scores if score.latency_ms is not None]
        return float(np.percentile(times, percent)) if times else None

    return fold


def over_answerable(fold: Fold) -> Fold:
    """`fold`, over the questions that the sources answer."""
    return lambda scores: fold([score for score in scores if score.case.answerable])


def _confidence(score: Score) -> float:
    if score.confidence is not None:
        return score.confidence
    return float("-inf") if score.case.answerable else float("inf")
