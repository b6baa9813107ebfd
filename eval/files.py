"""Evaluation → predictions.jsonl, scores.jsonl, metrics.json and report.html, each written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from eval.evaluation import Evaluation
from eval.page import page
from eval.scorelines import score_line
from index.errors import FootnoteError

FILES: dict[str, Callable[[Evaluation], str]] = {
    "predictions.jsonl": lambda evaluation: _lines(one.to_dict() for one in evaluation.predictions),
    "scores.jsonl": lambda evaluation: _lines(map(score_line, evaluation.scores)),
    "metrics.json": lambda evaluation: json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2) + "\n",
    "report.html": page,
}
"""Name → what it holds. The report comes last: where it stands, all do."""


def make_folder(folder: Path) -> None:
    """Make the folder that the files will go to. Raises FootnoteError, before an hour of asking is lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise FootnoteError(_cannot_write(folder, exc)) from exc
    if not os.access(folder, os.W_OK):
        raise FootnoteError(f"Cannot write to {folder}: no permission. Choose another folder with --out.")


def write_files(evaluation: Evaluation, folder: Path) -> None:
    """Write, or replace, FILES. Raises FootnoteError."""
    try:
        for name, content in FILES.items():
            _replace(folder / name, content(evaluation))
    except OSError as exc:
        raise FootnoteError(_cannot_write(folder, exc)) from exc


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _replace(path: Path, content: str) -> None:
    """A reader of `path` sees the old file or the new, never half of one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # A model may answer with half a character; the file stays UTF-8 all the same.
        temporary.write_text(content, encoding="utf-8", errors="replace", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _cannot_write(folder: Path, exc: OSError) -> str:
    return f"Cannot write to {folder}: {exc.strerror or exc}. Choose another folder with --out."
