"""What report.html says first: what was asked and when, the figures that matter most, and what became of the
questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import PurePath
from typing import Any

from eval.evaluation import Evaluation
from eval.measures import MEASURES
from eval.outcomes import OUTCOMES, outcome
from eval.table import between, headline, shown

TILES = (
    "f1", "answer_precision", "abstention_recall", "citation_exactness", "recall_at_5", "answerability_auroc",
    "calibration_error", "latency_p50_ms",
)  # fmt: skip
"""Measures that stand in front of the table, those that have a value."""
WIDTH, HEIGHT, GAP = 1000, 22, 3


def subject(settings: Mapping[str, Any]) -> str:
    """What was asked: the names of the case files, and which set and baseline that was; "" where nobody says."""
    cases = settings.get("cases")
    files = [one for one in (cases if isinstance(cases, list) else [cases]) if isinstance(one, Mapping)]
    names = [PurePath(str(one["path"])).name for one in files if "path" in one]
    words = [settings.get("system"), settings.get("set"), settings.get("setting"), ", ".join(names)]
    return " · ".join(word for word in words if isinstance(word, str) and word)


def head(evaluation: Evaluation) -> str:
    """The heading, and a line on what stands behind the figures."""
    settings = evaluation.settings
    sources = settings.get("documents")
    told = [
        headline(evaluation),
        f"{len(sources)} source{'s' if len(sources) != 1 else ''}" if isinstance(sources, list) else "",
        str(settings.get("date", "")).replace("T", " ").replace("+00:00", " UTC"),
    ]
    about = subject(settings)
    name = f": {about}" if about else ""
    return f"<h1>Evaluation{escape(name)}</h1><p>{escape(' · '.join(filter(None, told)))}</p>"


def summary(evaluation: Evaluation) -> str:
    """The tiles, then a bar of the questions' outcomes with its legend."""
    return f'<dl class="tiles">{"".join(_tiles(evaluation))}</dl>{_outcomes(evaluation)}'


def _tiles(evaluation: Evaluation) -> list[str]:
    rows = {row.key: row for row in MEASURES}
    made = []
    for row in (rows[key] for key in TILES):
        value = evaluation.measures[row.key]
        if value is not None:
            interval = between(evaluation.intervals[row.key], row.unit)
            made.append(
                f"<div><dt>{escape(row.title)}</dt><dd>{escape(shown(value, row.unit))}</dd>"
                f"<dd>{escape(interval)}</dd></div>"
            )
    return made


def _outcomes(evaluation: Evaluation) -> str:
    counts = Counter(outcome(score) for score in evaluation.scores)
    there = [(name, counts[name]) for name in reversed(OUTCOMES) if counts[name]]
    if not there:
        return ""
    room = WIDTH - GAP * (len(there) - 1)
    bars, begun = [], 0.0
    for name, count in there:
        width = room * count / len(evaluation.scores)
        bars.append(
            f'<rect class="{name}" x="{begun:.1f}" y="0" width="{width:.1f}" height="{HEIGHT}">'
            f"<title>{escape(OUTCOMES[name])}: {count}</title></rect>"
        )
        begun += width + GAP
    legend = "".join(f'<li class="{name}"><b>{count}</b> {escape(OUTCOMES[name])}</li>' for name, count in there)
    return (
        f'<svg class="outcomes" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="What became of the questions">{"".join(bars)}</svg><ul class="legend">{legend}</ul>'
    )
