"""Evaluation → the tables that the terminal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from eval.evaluation import Evaluation
from eval.intervals import Interval
from eval.measures import MEASURES, by_tag, by_type, measured
from eval.types import Score

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
    """The measures, then a line a tag and a line a type of question."""
    return Group(
        Text(headline(evaluation)),
        _measures(evaluation),
        _parts("tag", by_tag(evaluation.scores)),
        _parts("type", by_type(evaluation.scores)),
    )


def side_by_side(evaluations: Mapping[str, Evaluation]) -> Table:
    """A column a system."""
    table = Table("measure", box=SIMPLE)
    for name in evaluations:
        table.add_column(name, justify="right")
    for row in MEASURES:
        table.add_row(row.title, *(shown(one.measures[row.key], row.unit) for one in evaluations.values()))
    return table


def shown(value: float | None, unit: str) -> str:
    """A measure as a person reads it: – where there is nothing to measure."""
    if value is None:
        return "–"
    return f"{value:.3f}" if unit == "share" else f"{value:.1f} ms"


def between(interval: Interval | None, unit: str) -> str:
    """An interval as a person reads it."""
    if interval is None:
        return ""
    low, high = (f"{side:.3f}" if unit == "share" else f"{side:.0f}" for side in interval)
    return f"{low} to {high}"


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
    table.add_column("95 % interval", justify="right", style="dim")
    values = evaluation.measures
    for row in MEASURES:
        table.add_row(row.title, shown(values[row.key], row.unit), between(evaluation.intervals[row.key], row.unit))
    return table


def _parts(name: str, parts: Mapping[str, Sequence[Score]]) -> Table:
    table = Table(box=SIMPLE)
    table.add_column(name)
    for column in ("n", *TAG_COLUMNS.values()):
        table.add_column(column, justify="right")
    for part, scores in parts.items():
        values = measured(scores)
        table.add_row(escape(part), str(len(scores)), *(shown(values[key], UNITS[key]) for key in TAG_COLUMNS))
    return table
