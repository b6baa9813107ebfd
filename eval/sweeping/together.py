"""Several sweeps of the same settings, on different questions, as one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.columns import from_rows
from eval.intervals import intervals
from eval.measures import MEASURES, measure
from eval.saved import Saved, read_saved
from eval.sweeping.clock import FILE
from eval.sweeping.front import Point, point
from eval.sweeping.settings import Setting
from index.errors import CasesError

QUANTILES = np.linspace(0, 1, 101)


def together(folders: Sequence[Path], quality: str) -> list[Point]:
    """A point for each setting that all the sweeps tried: its questions thrown together, its times averaged quantile by
    quantile, so that each sweep weighs the same there. Raises CasesError for a folder that no sweep wrote."""
    tried = [_tried(folder) for folder in folders]
    times = [_times(folder) for folder in folders]
    every = [name for name in tried[0] if all(name in others for others in (*tried[1:], *times))]
    made = []
    for name in every:
        saved = _joined([read_saved(folder / name) for folder in folders], quality)
        took = np.mean([np.quantile(own[name], QUANTILES) for own in times], axis=0)
        made.append(point(tried[0][name], saved, quality, [float(one) for one in took]))
    return [one for one in made if one is not None]


def _joined(runs: Sequence[Saved], quality: str) -> Saved:
    """One run of all their questions; of the intervals it has the quality's alone."""
    rows = {f"{place}-{id_}": row for place, run in enumerate(runs) for id_, row in run.rows.items()}
    table = from_rows(list(rows.values()))
    chosen = [row for row in MEASURES if row.key == quality]
    found = intervals(table, measures=chosen)
    metrics = {"measures": measure(table), "intervals": found, "counts": {"asked": len(rows)}}
    return Saved(runs[0].folder, rows, metrics)


def told_of(folder: Path) -> dict[str, Any]:
    """sweep.json. Raises CasesError."""
    return _read(folder / "sweep.json")


def _tried(folder: Path) -> dict[str, Setting]:
    return {row["name"]: Setting(**row["changed"]) for row in told_of(folder)["settings"]}


def _times(folder: Path) -> Mapping[str, Sequence[float]]:
    times: Mapping[str, Sequence[float]] = _read(folder / FILE)["times"]
    return times


def _read(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise CasesError(f"{file.parent} holds no sweep ({exc}). Make one with: python -m eval sweep --out …") from exc
    return told
