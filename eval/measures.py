"""Scores → measures: a table of folds, the one that tables, page and metrics.json all follow."""

from __future__ import annotations

from typing import NamedTuple

from eval import folds
from eval.folds import Fold, Scores
from eval.retrieval import CUTOFFS


class Measure(NamedTuple):
    """`about` is a sentence for the reader of a report; `unit` is "share" (0..1) or "ms"."""

    key: str
    title: str
    about: str
    fold: Fold
    unit: str = "share"


def measure(scores: Scores) -> dict[str, float | None]:
    """Every measure over `scores`, by key, in the table's order; None where no question decides it."""
    return {row.key: row.fold(scores) for row in MEASURES}


def by_tag(scores: Scores) -> dict[str, Scores]:
    """The scores of each tag, tags in order of first appearance."""
    tags = dict.fromkeys(tag for score in scores for tag in score.case.tags)
    return {tag: [score for score in scores if tag in score.case.tags] for tag in tags}


MEASURES: tuple[Measure, ...] = (
    Measure(
        "exact_match",
        "Exact match",
        "The answer is one of the expected ones, or nothing is answered where nothing can be.",
        folds.exact_match,
    ),
    Measure(
        "f1",
        "F1",
        "Words shared with the best expected answer; abstaining counts as for exact match.",
        folds.f1,
    ),
    Measure(
        "answerable_exact_match",
        "Exact match, answerable",
        "Exact match over the questions that the sources answer.",
        folds.over_answerable(folds.exact_match),
    ),
    Measure(
        "answerable_f1",
        "F1, answerable",
        "F1 over the questions that the sources answer.",
        folds.over_answerable(folds.f1),
    ),
    Measure(
        "cited_answer",
        "Cited sentence holds the answer",
        "A sentence that the answer cites contains an expected answer; over answerable questions.",
        folds.cited_answer,
    ),
    Measure(
        "citation_exactness",
        "Citation exactness",
        "Citations whose quote is, character for character, what stands in the source at that place.",
        folds.citation_exactness,
    ),
    *(
        Measure(
            f"recall_at_{k}",
            f"Recall@{k}",
            f"Share of a question's evidence that stands in the search's top {k}.",
            folds.recall_at(k),
        )
        for k in CUTOFFS
    ),
    Measure(
        "mrr",
        "MRR",
        "1 / rank of the first passage with evidence, 0 where there is none.",
        folds.mrr,
    ),
    Measure(
        "abstention_precision",
        "Abstention precision",
        "Of the questions not answered, the share that the sources indeed do not answer.",
        folds.abstention_precision,
    ),
    Measure(
        "abstention_recall",
        "Abstention recall",
        "Of the questions that the sources do not answer, the share not answered.",
        folds.abstention_recall,
    ),
    Measure(
        "abstention_f1",
        "Abstention F1",
        "The harmonic mean of the two above.",
        folds.abstention_f1,
    ),
    Measure(
        "answerability_auroc",
        "Answerability AUROC",
        "Chance that an answerable question gets more confidence than an unanswerable one.",
        folds.answerability_auroc,
    ),
    Measure("latency_p50_ms", "Latency p50", "Half of the questions took no longer.", folds.latency(50), "ms"),
    Measure("latency_p95_ms", "Latency p95", "95 % of the questions took no longer.", folds.latency(95), "ms"),
)
