"""Points → a plot as inline SVG, styled by the page's classes; it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 12, 44
MOST_POINTS = 400
"""Of a line: more cannot be told apart."""

CHARACTER, LINE = 6.5, 14
"""A character's width and a line's height, about."""
LIFTS = (6, -14, 20, -28, 34, -42, 48, 62)
"""How far above its point a label may stand, the nearest first; below it where negative."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axes:
    """Data coordinates → SVG's. `x` and `y` are (least, greatest); titles are plain text, a tick is (value, label)."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    height: int = HEIGHT
    left: int = LEFT

    def at(self, x: float, y: float) -> Point:
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1)
        return (
            round(self.left + across * (WIDTH - self.left - RIGHT), 1),
            round(self.height - BOTTOM - up * (self.height - TOP - BOTTOM), 1),
        )

    def drawn(self, label: str, *marks: str) -> str:
        """The whole figure: frame, ticks, then the marks. `label` is what a screen reader says."""
        low, high = self.at(self.x[0], self.y[0]), self.at(self.x[1], self.y[1])
        frame = [f'<path class="axis" d="M{low[0]} {high[1]}V{low[1]}H{high[0]}"/>']
        for value, text in self.x_ticks:
            x, y = self.at(value, self.y[0])
            frame.append(f'<text class="tick" x="{x}" y="{y + 16}" text-anchor="middle">{escape(text)}</text>')
        for value, text in self.y_ticks:
            x, y = self.at(self.x[0], value)
            frame.append(f'<text class="tick" x="{x - 6}" y="{y + 4}" text-anchor="end">{escape(text)}</text>')
            frame.append(f'<path class="grid" d="M{x} {y}H{high[0]}"/>')
        middle = (low[0] + high[0]) / 2
        frame.append(
            f'<text class="title" x="{middle}" y="{self.height - 8}" text-anchor="middle">{escape(self.x_title)}</text>'
        )
        if self.y_title:
            upright = f"rotate(-90 12 {(low[1] + high[1]) / 2})"
            frame.append(
                f'<text class="title" x="12" y="{(low[1] + high[1]) / 2}" text-anchor="middle" '
                f'transform="{upright}">{escape(self.y_title)}</text>'
            )
        return (
            f'<svg viewBox="0 0 {WIDTH} {self.height}" role="img" aria-label="{escape(label)}">'
            f"{''.join(frame)}{''.join(marks)}</svg>"
        )

    def line(self, points: Sequence[Point], name: str = "line") -> str:
        step = max(1, len(points) // MOST_POINTS)
        kept = [*points[:-1:step], *points[-1:]]
        return f'<polyline class="{name}" points="{self._joined(kept)}"/>'

    def dot(self, x: float, y: float, radius: float = 4, name: str = "dot", title: str = "") -> str:
        """`title` is shown when it is pointed at."""
        a, b = self.at(x, y)
        told = f"<title>{escape(title)}</title>" if title else ""
        return f'<circle class="{name}" cx="{a}" cy="{b}" r="{round(radius, 1)}">{told}</circle>'

    def bar(self, low: float, high: float, y: float) -> str:
        """A horizontal interval."""
        return f'<polyline class="interval" points="{self._joined([(low, y), (high, y)])}"/>'

    def label(self, x: float, y: float, text: str, lifted: float = 6) -> str:
        """Text that ends left of a point's own place, or begins right of it in the left half; `lifted` above it."""
        a, b = self.at(x, y)
        left_half = a < WIDTH / 2
        anchor, moved = ("start", a + 8) if left_half else ("end", a - 8)
        place = f'x="{round(moved, 1)}" y="{round(b - lifted, 1)}" text-anchor="{anchor}"'
        return f'<text class="label" {place}>{escape(text)}</text>'

    def labels(self, named: Sequence[tuple[float, float, str]]) -> list[str]:
        """A label for each (x, y, text), lifted or lowered until it covers no earlier one."""
        taken: list[tuple[float, float, float]] = []
        made = []
        for x, y, text in named:
            a, b = self.at(x, y)
            width = CHARACTER * len(text)
            begin = a + 8 if a < WIDTH / 2 else a - 8 - width
            inside = [lifted for lifted in LIFTS if TOP <= b - lifted <= self.height - BOTTOM]
            free = (lifted for lifted in inside if _is_free(begin, begin + width, b - lifted, taken))
            lifted = next(free, LIFTS[0])
            taken.append((begin, begin + width, b - lifted))
            made.append(self.label(x, y, text, lifted))
        return made

    def _joined(self, points: Iterable[Point]) -> str:
        return " ".join(f"{a},{b}" for a, b in (self.at(x, y) for x, y in points))


def _is_free(begin: float, end: float, baseline: float, taken: Sequence[tuple[float, float, float]]) -> bool:
    """Whether a text covers none of those that are there: (begin, end, baseline)."""
    return all(end < left or right < begin or abs(baseline - there) >= LINE for left, right, there in taken)


def standalone(drawn: str) -> str:
    """A figure as a file of its own, with the page's colours for light and dark."""
    opened, rest = drawn.removeprefix("<svg ").split(">", 1)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {opened}>' + f"<style>{_STYLE}</style>{rest}\n"


_STYLE = """
svg { font: 12px system-ui, sans-serif; background: #fff; }
text { fill: #5d5a54; } .label { fill: #1d1c1a; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
.axis { fill: none; stroke: #5d5a54; } .grid { stroke: #dedad2; }
.line, .ring { fill: none; stroke: #2b5a8c; stroke-width: 2; } .dot { fill: #2b5a8c; fill-opacity: .85; }
.ideal { fill: none; stroke: #5d5a54; stroke-dasharray: 4 4; }
@media (prefers-color-scheme: dark) {
  svg { background: #161614; } text { fill: #a8a59c; } .label { fill: #ecebe6; stroke: #161614; }
  .axis { stroke: #a8a59c; } .grid { stroke: #383732; }
  .line, .ring { stroke: #7fb2e5; } .dot { fill: #7fb2e5; } .ideal { stroke: #a8a59c; }
}
"""

SHARES = [(number / 5, f"{number / 5:.1f}") for number in range(6)]
"""Ticks of an axis from 0 to 1."""
