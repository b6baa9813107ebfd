"""Evaluation → predictions.jsonl, metrics.json and report.html, each written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

from eval.evaluation import Evaluation
from eval.page import page
from index.errors import FootnoteError


def make_folder(folder: Path) -> None:
    """Make the folder that the files will go to. Raises FootnoteError, before an hour of asking is lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise FootnoteError(_cannot_write(folder, exc)) from exc
    if not os.access(folder, os.W_OK):
        raise FootnoteError(f"Cannot write to {folder}: no permission. Choose another folder with --out.")


def write_files(evaluation: Evaluation, folder: Path) -> None:
    """Write, or replace, the three files. Raises FootnoteError."""
    lines = [prediction.to_dict() for prediction in evaluation.predictions]
    contents = {
        "predictions.jsonl": "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines),
        "metrics.json": json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2) + "\n",
        "report.html": page(evaluation),
    }
    try:
        for name, content in contents.items():
            _replace(folder / name, content)
    except OSError as exc:
        raise FootnoteError(_cannot_write(folder, exc)) from exc


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
