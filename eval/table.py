"""Evaluation → the tables that the terminal shows."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from eval.evaluation import Evaluation
from eval.measures import MEASURES, by_tag, measure

TAG_COLUMNS = {
    "exact_match": "EM",
    "f1": "F1",
    "cited_answer": "cited",
    "recall_at_5": "R@5",
    "mrr": "MRR",
    "abstention_recall": "abst.",
    "latency_p50_ms": "p50",
}
"""The measures that fit beside a tag, and their short names."""

UNITS = {row.key: row.unit for row in MEASURES}


def tables(evaluation: Evaluation) -> Group:
    """The measures, then a line a tag."""
    return Group(Text(headline(evaluation)), _measures(evaluation), _tags(evaluation))


def shown(value: float | None, unit: str) -> str:
    """A measure as a person reads it: – where there is nothing to measure."""
    if value is None:
        return "–"
    return f"{value:.3f}" if unit == "share" else f"{value:.1f} ms"


def headline(evaluation: Evaluation) -> str:
    """How many questions the figures stand on."""
    asked, failed = len(evaluation.scores), len(evaluation.failed)
    answerable = sum(score.case.answerable for score in evaluation.scores)
    of = "" if evaluation.complete else f" of {evaluation.cases}"
    return f"{asked}{of} questions: {answerable} answerable, {asked - answerable} not; {failed} failed"


def _measures(evaluation: Evaluation) -> Table:
    table = Table(box=SIMPLE)
    table.add_column("measure")
    table.add_column("value", justify="right")
    values = measure(evaluation.scores)
    for row in MEASURES:
        table.add_row(row.title, shown(values[row.key], row.unit))
    return table


def _tags(evaluation: Evaluation) -> Table:
    table = Table(box=SIMPLE)
    table.add_column("tag")
    for name in ("n", *TAG_COLUMNS.values()):
        table.add_column(name, justify="right")
    for tag, scores in by_tag(evaluation.scores).items():
        values = measure(scores)
        table.add_row(escape(tag), str(len(scores)), *(shown(values[key], UNITS[key]) for key in TAG_COLUMNS))
    return table
