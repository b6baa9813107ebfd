"""Figures by number of passages → a plot with both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from eval.svg import Axes, Point, standalone

Lines = Mapping[str, Sequence[Point]]
"""Name of a line → (passages, value), ascending."""


def curves(title: str, unit: str, lines: Lines) -> str:
    """A whole SVG file; every value is above 0."""
    points = [point for line in lines.values() for point in line]
    across, up = _range([x for x, _ in points]), _range([y for _, y in points])
    axes = Axes(across, up, "passages", unit, _ticks(across), _ticks(up))
    marks, ends = [], []
    for name, line in lines.items():
        logs = [(log10(x), log10(y)) for x, y in line]
        marks.append(axes.line(logs, "ideal" if name.startswith("SQLite") else "line"))
        marks += [
            axes.dot(a, b, 3, title=f"{name}: {x:,} passages, {y:.3g}")
            for (a, b), (x, y) in zip(logs, line, strict=True)
        ]
        ends.append((*logs[-1], name))
    return standalone(axes.drawn(title, *marks, *axes.labels(ends)))


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Whole powers of ten around them."""
    least, most = floor(log10(min(values))), ceil(log10(max(values)))
    return float(least), float(max(most, least + 1))


def _ticks(ends: tuple[float, float]) -> list[tuple[float, str]]:
    return [(float(power), f"{10.0**power:,g}") for power in range(int(ends[0]), int(ends[1]) + 1)]
