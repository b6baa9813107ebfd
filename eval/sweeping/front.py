"""Which settings are worth having: those that none beats in both quality and latency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eval.columns import Columns, from_rows
from eval.compare import differences
from eval.intervals import Interval, difference_interval
from eval.measures import MEASURES, Measure
from eval.saved import Saved
from eval.sweeping.settings import Setting

NOISE = 0.05
"""What medians of the same work are taken to differ by where the sweep itself does not tell."""
CHANCE = 0.05
"""A p-value below it is taken for a difference."""


@dataclass(frozen=True)
class Point:
    """A setting's quality (0..1, more is better) and the milliseconds that its questions took."""

    setting: Setting
    saved: Saved
    quality: float
    times: tuple[float, ...]

    @cached_property
    def latency(self) -> float:
        """The median."""
        return float(np.median(self.times))

    @cached_property
    def slow(self) -> float:
        """What 95 % of the questions did not exceed."""
        return float(np.percentile(self.times, 95))

    def dominates(self, other: Point) -> bool:
        """At least as good and as fast, and one of them strictly (Pareto)."""
        return (self.quality, -self.latency) != (other.quality, -other.latency) and (
            self.quality >= other.quality and self.latency <= other.latency
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point stands. `rivals`: those that dominate it, best first; `clear`: those of them that are better by
    more than chance, or faster by more than the same work differs when it is timed again; `p`: how often chance alone
    would make the lead in quality of the first clear one, or of the first rival, None without one."""

    point: Point
    rivals: tuple[Point, ...]
    clear: tuple[Point, ...]
    p: float | None

    @property
    def tied(self) -> bool:
        """Beaten, but by none clearly."""
        return bool(self.rivals) and not self.clear

    @property
    def beaten_by(self) -> Point | None:
        """The rival that `p` is about."""
        return next(iter((*self.clear, *self.rivals)), None)

    @property
    def on_front(self) -> bool:
        return not self.rivals


def point(setting: Setting, saved: Saved, quality: str, times: Sequence[float]) -> Point | None:
    """None where the measure has no value."""
    value = saved.metrics["measures"].get(quality)
    return None if value is None else Point(setting, saved, value, tuple(times))


def places(points: Sequence[Point], quality: str) -> list[Place]:
    """A place for each point, in their order."""
    return [_place(one, points, quality, noise(points)) for one in points]


def noise(points: Sequence[Point]) -> float:
    """How far medians of the same work lie apart, as a share of the least: settings that are strict otherwise, and
    nothing else, take the same steps. NOISE where fewer than three of them were timed."""
    same = [one.latency for one in points if not one.setting.changed.keys() - {"strictness"}]
    return max(same) / min(same) - 1 if len(same) > 2 else NOISE


def front(points: Sequence[Point]) -> list[Point]:
    """Those that none dominates, fastest first."""
    kept = [one for one in points if not any(other.dominates(one) for other in points)]
    return sorted(kept, key=lambda one: one.latency)


def lead(behind: Point, ahead: Point, quality: str) -> Interval | None:
    """The 95 % interval of how far `ahead` leads in quality, over the same questions."""
    return difference_interval(*_columns(behind.saved, ahead.saved), _measure(quality).fold)


def _place(one: Point, points: Sequence[Point], quality: str, apart: float) -> Place:
    rivals = sorted((other for other in points if other.dominates(one)), key=lambda other: -other.quality)
    chances = [_chance(one.saved, other.saved, quality) for other in rivals]
    clear = [p < CHANCE or other.latency * (1 + apart) < one.latency for other, p in zip(rivals, chances, strict=True)]
    first = clear.index(True) if any(clear) else 0
    beating = tuple(other for other, is_clear in zip(rivals, clear, strict=True) if is_clear)
    return Place(one, tuple(rivals), beating, chances[first] if chances else None)


def _chance(before: Saved, after: Saved, quality: str) -> float:
    """p of the paired test; 1 where it cannot be told."""
    found = differences(*_columns(before, after), measures=(_measure(quality),))
    return found[0].p or 1.0 if found else 1.0


def _columns(before: Saved, after: Saved) -> tuple[Columns, Columns]:
    """Of the questions that both were asked, in one order."""
    ids = [id_ for id_ in before.rows if id_ in after.rows]
    return from_rows([before.rows[id_] for id_ in ids]), from_rows([after.rows[id_] for id_ in ids])


def _measure(key: str) -> Measure:
    return next(row for row in MEASURES if row.key == key)
