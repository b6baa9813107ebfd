"""Which settings are worth having: those that none beats in both quality and latency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eval.columns import from_rows
from eval.compare import differences
from eval.measures import MEASURES
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
    """Where a point stands. `rivals`: those that dominate it, best first; `p`: how often chance alone would make the
    first one's lead in quality, None without one. `tied`: no rival is better by more than chance, nor faster by more
    than the same work differs when it is timed again."""

    point: Point
    rivals: tuple[Point, ...]
    p: float | None
    tied: bool

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


def _place(one: Point, points: Sequence[Point], quality: str, apart: float) -> Place:
    rivals = sorted((other for other in points if other.dominates(one)), key=lambda other: -other.quality)
    chances = [_chance(one.saved, other.saved, quality) for other in rivals]
    tied = all(
        p >= CHANCE and other.latency * (1 + apart) >= one.latency for other, p in zip(rivals, chances, strict=True)
    )
    return Place(one, tuple(rivals), chances[0] if chances else None, bool(rivals) and tied)


def _chance(before: Saved, after: Saved, quality: str) -> float:
    """p of the paired test; 1 where it cannot be told."""
    row = next(row for row in MEASURES if row.key == quality)
    ids = [id_ for id_ in before.rows if id_ in after.rows]
    old, new = (from_rows([saved.rows[id_] for id_ in ids]) for saved in (before, after))
    found = differences(old, new, measures=(row,))
    return found[0].p or 1.0 if found else 1.0
