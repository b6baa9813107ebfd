"""Columns → measures: a table of folds, the one that tables, page and metrics.json all follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eval import folds
from eval.columns import Columns, columns
from eval.folds import Fold, mean, over
from eval.questions import question_type
from eval.retrieval import CUTOFFS
from eval.types import Score


class Measure(NamedTuple):
    """`about` is a sentence for the reader of a report; `unit` is "share" (0..1) or "ms"; `better` "more", "less" or,
    for what is neither, ""."""

    key: str
    title: str
    about: str
    fold: Fold
    unit: str = "share"
    better: str = "more"


def measure(table: Columns) -> dict[str, float | None]:
    """Every measure, by key, in the table's order; None where no question decides it."""
    values = {row.key: folds.value(row.fold, table) for row in MEASURES}
    return {key: None if np.isnan(value) else value for key, value in values.items()}


def measured(scores: Sequence[Score]) -> dict[str, float | None]:
    """`measure` of the scores' columns."""
    return measure(columns(scores))


def by_tag(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """The scores of each tag, tags in order of first appearance."""
    tags = dict.fromkeys(tag for score in scores for tag in score.case.tags)
    return {tag: [score for score in scores if tag in score.case.tags] for tag in tags}


def by_type(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """The scores of each type of question, the most frequent first."""
    types: dict[str, list[Score]] = {}
    for score in scores:
        types.setdefault(question_type(score.case.question), []).append(score)
    return dict(sorted(types.items(), key=lambda item: -len(item[1])))


MEASURES: tuple[Measure, ...] = (
    Measure(
        "exact_match",
        "Exact match",
        "The answer is one of the expected ones, or nothing is answered where nothing can be.",
        mean("exact_match"),
    ),
    Measure(
        "f1",
        "F1",
        "Words shared with the best expected answer; abstaining counts as for exact match.",
        mean("f1"),
    ),
    Measure(
        "answerable_exact_match",
        "Exact match, answerable",
        "Exact match over the questions that the sources answer.",
        over("answerable", mean("exact_match")),
    ),
    Measure(
        "answerable_f1",
        "F1, answerable",
        "F1 over the questions that the sources answer.",
        over("answerable", mean("f1")),
    ),
    Measure(
        "best_exact_match",
        "Exact match, never abstaining",
        "Exact match over answerable questions if the best answer is given whatever its confidence.",
        mean("best_exact_match"),
    ),
    Measure(
        "best_f1",
        "F1, never abstaining",
        "F1 over answerable questions if the best answer is given whatever its confidence.",
        mean("best_f1"),
    ),
    Measure(
        "best_in_evidence",
        "Evidence hit, never abstaining",
        "The best answer's quote overlaps the gold evidence; over answerable questions that have some.",
        mean("best_in_evidence"),
    ),
    Measure(
        "answered",
        "Answered",
        "Share of all questions that got an answer.",
        folds.answered_share,
        better="",
    ),
    Measure(
        "answer_precision",
        "Right among answered",
        "Of the answers given, the share that is right: F1 of at least one half, or, where the expected answer is "
        "prose, a quote from the gold evidence.",
        folds.answer_precision,
    ),
    Measure(
        "cited_answer",
        "Cited sentence holds the answer",
        "A sentence that the answer cites contains an expected answer; over answerable questions.",
        mean("cited_answer"),
    ),
    Measure(
        "citation_exactness",
        "Citation exactness",
        "Citations whose quote is, character for character, what stands in the source at that place.",
        folds.share("exact_citations", "citations"),
    ),
    Measure(
        "citation_precision",
        "Citation precision",
        "Share of the cited sentences' characters that are gold evidence; over answers to questions that have some.",
        mean("citation_precision"),
    ),
    Measure(
        "citation_recall",
        "Citation recall",
        "Share of the gold evidence's characters that the answer cites; nothing where it abstains.",
        mean("citation_recall"),
    ),
    *(
        Measure(
            f"recall_at_{k}",
            f"Recall@{k}",
            f"Share of a question's evidence that stands in the search's top {k}.",
            mean(f"recall_at_{k}"),
        )
        for k in CUTOFFS
    ),
    Measure(
        "mrr",
        "MRR",
        "1 / rank of the first passage with evidence, 0 where there is none.",
        mean("reciprocal_rank"),
    ),
    Measure(
        f"ndcg_at_{CUTOFFS[-1]}",
        f"nDCG@{CUTOFFS[-1]}",
        "How early each piece of evidence is first found, discounted by the logarithm of its rank.",
        mean("ndcg"),
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
    *(
        Measure(
            f"risk_at_{coverage}",
            f"Risk at {coverage} % coverage",
            f"Share of wrong answers when the surest {coverage} % of all questions are answered.",
            folds.risk_at(coverage / 100),
            better="less",
        )
        for coverage in (80, 90, 95)
    ),
    *(
        Measure(
            f"answerable_risk_at_{coverage}",
            f"Risk at {coverage} % coverage, answerable",
            f"Share of wrong answers when the surest {coverage} % of the answerable questions are answered.",
            over("answerable", folds.risk_at(coverage / 100)),
            better="less",
        )
        for coverage in (80, 90, 95)
    ),
    Measure(
        "aurc",
        "Area under risk–coverage",
        "The mean share of wrong answers over all coverages.",
        folds.area_under_risk,
        better="less",
    ),
    Measure(
        "coverage_at_95_precision",
        "Coverage at 95 % precision",
        "Share of all questions that can be answered with one answer in twenty wrong, if the threshold were set so.",
        folds.coverage_at(0.95),
    ),
    Measure(
        "calibration_error",
        "Calibration error (ECE)",
        "Mean distance between confidence and the share of right answers, in ten bins.",
        folds.calibration_error,
        better="less",
    ),
    *(
        Measure(
            f"latency_p{percent}_ms",
            f"Latency p{percent}",
            f"{percent} % of the questions took no longer.",
            folds.percentile("latency_ms", percent),
            "ms",
            "less",
        )
        for percent in (50, 95, 99)
    ),
)
