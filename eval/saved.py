"""A folder that an evaluation wrote → what later commands need of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.columns import Columns, from_rows
from index.errors import CasesError


@dataclass(frozen=True, slots=True)
class Saved:
    """`rows` are the lines of scores.jsonl by the question's id, `metrics` is metrics.json."""

    folder: Path
    rows: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, Any]

    def columns(self, ids: Sequence[str]) -> Columns:
        return from_rows([self.rows[id_] for id_ in ids])


def holds(folder: Path, settings: Mapping[str, Any]) -> bool:
    """Whether an evaluation of every case, made with these settings, is in the folder. Its date does not matter."""
    try:
        metrics = read_saved(folder).metrics
    except CasesError:
        return False
    wanted = json.loads(json.dumps({key: value for key, value in settings.items() if key != "date"}))
    there = metrics["settings"]
    return bool(metrics["complete"]) and all(there.get(key) == value for key, value in wanted.items())


def read_saved(folder: Path) -> Saved:
    """Raises CasesError for a folder that no evaluation wrote."""
    try:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        lines = (folder / "scores.jsonl").read_text(encoding="utf-8").split("\n")
        rows = {row["id"]: row for row in map(json.loads, filter(None, lines))}
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise CasesError(f"{folder} holds no evaluation ({exc}). Make one with: python -m eval --out {folder}") from exc
    return Saved(folder, rows, metrics)
