"""How often one client may ask: a bucket a client, filled at a steady rate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MAX_CLIENTS = 10_000
"""Remembered at once; the one not seen for longest is forgotten first."""


class Rates:
    """`burst` at once, and `per_second` after that."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, cost: float = 1) -> float:
        """0 and the cost is taken, or the seconds until there will be enough. Cost 0 only looks."""
        now = self._clock()
        left, seen = self._buckets.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - seen) * self._per_second)
        missing = max(cost, 1) - left
        self._buckets[client] = (left if missing > 0 else left - cost, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return max(0.0, missing / self._per_second)

    def forget(self) -> None:
        """Everybody begins anew."""
        self._buckets.clear()
