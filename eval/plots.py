"""Evaluation → the plots of report.html, each with a sentence that says how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from eval.columns import columns
from eval.evaluation import Evaluation
from eval.folds import answered_share, value
from eval.intervals import mean_interval
from eval.measures import by_tag, by_type
from eval.risk import reliability, risk_curve
from eval.svg import BOTTOM, SHARES, TOP, Axes
from eval.types import Score

ROW = 22
"""Height of a line of the scores by tag."""


class Plot(NamedTuple):
    title: str
    drawn: str
    caption: str


def plots(evaluation: Evaluation) -> list[Plot]:
    """Those that the run has something to show for."""
    made = [
        _risk_coverage(evaluation),
        _reliability(evaluation),
        _latency(evaluation),
        _scores("F1 by tag", by_tag(evaluation.scores)),
        _scores("F1 by type of question", by_type(evaluation.scores)),
    ]
    return [plot for plot in made if plot is not None]


def figure(plot: Plot) -> str:
    return f"<figure><h3>{escape(plot.title)}</h3>{plot.drawn}<figcaption>{escape(plot.caption)}</figcaption></figure>"


def _risk_coverage(evaluation: Evaluation) -> Plot | None:
    table = evaluation.columns
    curve = risk_curve(table["confidence"], table["right"], np.ones((1, len(table["right"])))).risk[0]
    known = int((~np.isnan(curve)).sum())
    if known < 2:
        return None
    points = [((number + 1) / len(curve), float(curve[number])) for number in range(known)]
    axes = Axes((0, 1), (0, 1), "coverage: share of the questions answered", "risk: share wrong", SHARES, SHARES)
    marks = [axes.line(points)]
    covered = value(answered_share, table)
    if 0 < covered <= known / len(curve):
        place = (covered, points[max(0, round(covered * len(curve)) - 1)][1])
        marks += [axes.dot(*place), axes.label(*place, f"now: {place[0]:.2f} answered, {place[1]:.2f} wrong")]
    caption = (
        "The surest questions are answered first. Low and flat is good; the dot is the threshold that the run had."
    )
    if known < len(curve):
        caption += " The line ends where the best answer of a question not answered is not known."
    return Plot("Risk and coverage", axes.drawn("Risk against coverage", *marks), caption)


def _reliability(evaluation: Evaluation) -> Plot | None:
    bins = reliability(evaluation.columns["confidence"], evaluation.columns["right"])
    if not bins:
        return None
    axes = Axes((0, 1), (0, 1), "confidence", "share right", SHARES, SHARES)
    most = max(one.questions for one in bins)
    dots = [axes.dot(one.confidence, one.right, 3 + 9 * (one.questions / most) ** 0.5) for one in bins]
    line = axes.line([(one.confidence, one.right) for one in bins])
    drawn = axes.drawn("Share of right answers against confidence", axes.line([(0, 0), (1, 1)], "ideal"), line, *dots)
    caption = (
        "On the dashed line the confidence means what it says; below it, it promises too much. "
        "A dot's area is how many questions it stands for."
    )
    return Plot("Reliability", drawn, caption)


def _latency(evaluation: Evaluation) -> Plot | None:
    times = np.sort([score.latency_ms for score in evaluation.scores if score.latency_ms is not None])
    if len(times) < 2:
        return None
    # The slowest percent would squeeze all others to the left edge.
    end = float(np.percentile(times, 99)) * 1.1 or 1.0
    axes = Axes((0, end), (0, 1), "milliseconds", "share answered by then", ticks(end), SHARES)
    points = [(0.0, 0.0), *((float(ms), (n + 1) / len(times)) for n, ms in enumerate(times) if ms <= end)]
    caption = "How many questions were answered within a time; the slowest percent may lie outside."
    return Plot("Latency", axes.drawn("Share of questions answered within a time", axes.line(points)), caption)


def _scores(title: str, parts: dict[str, list[Score]]) -> Plot | None:
    if len(parts) < 2:
        return None
    height = TOP + BOTTOM + ROW * len(parts)
    rows = [(len(parts) - number - 0.5, name, scores) for number, (name, scores) in enumerate(parts.items())]
    ticks = [(y, f"{_short(name)} ({len(scores)})") for y, name, scores in rows]
    axes = Axes((0, 1), (0, len(parts)), "F1", "", SHARES, ticks, height, left=150)
    marks = [mark for y, _, scores in rows for mark in _with_interval(axes, y, scores)]
    caption = "Mean and 95 % bootstrap interval; in brackets how many questions."
    return Plot(title, axes.drawn(title, *marks), caption)


def _with_interval(axes: Axes, y: float, scores: Sequence[Score]) -> list[str]:
    values = columns(scores)["f1"]
    interval = mean_interval(values)
    return [*([axes.bar(*interval, y)] if interval else []), axes.dot(float(values.mean()), y)]


def ticks(end: float) -> list[tuple[float, str]]:
    """Four to eight round numbers from 0 to `end`."""
    power = 10 ** np.floor(np.log10(end))
    step = next(power * part for part in (0.2, 0.5, 1.0, 2.0) if end / (power * part) <= 8)
    return [(float(value), f"{value:g}") for value in np.arange(0, end, step)]


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"
