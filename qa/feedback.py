"""What people say of answers: one JSON line each, beside the index, for `python -m eval` and for a look by hand."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

from index.errors import FeedbackError, StorageError
from index.manifest import storage_name
from index.store import local_folder

Verdict = Literal["right", "wrong_answer", "wrong_evidence", "in_the_source"]
"""`in_the_source`: it was said not to be in the source, and it is."""
VERDICTS: tuple[str, ...] = get_args(Verdict)

FILE_NAME = "feedback.jsonl"
MAX_TEXT = 4_000
"""Characters of `comment` and of `expected`."""
MAX_BYTES = 64_000_000
"""Of the file: what strangers send must not fill the disk."""


def record(
    storage: str | Path, verdict: str, answer: Mapping[str, Any], comment: str = "", expected: str = ""
) -> dict[str, Any]:
    """Append one entry to `<storage>/feedback.jsonl` and give it back: id, time (ISO 8601, UTC), verdict, comment,
    expected, answer (the Answer JSON as it was given).

    A line is written whole, whoever else writes. Raises FeedbackError for what is no feedback and for a full file,
    StorageError when it cannot be written.
    """
    if verdict not in VERDICTS:
        raise FeedbackError(f"No verdict is called {verdict!r}. Choose one of: {', '.join(VERDICTS)}.")
    if max(len(comment), len(expected)) > MAX_TEXT:
        raise FeedbackError(f"The comment or the expected answer is over {MAX_TEXT:,} characters. Shorten it.")
    entry = {
        "id": uuid4().hex,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "verdict": verdict,
        "comment": comment,
        "expected": expected,
        "answer": dict(answer),
    }
    try:
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except ValueError as exc:
        raise FeedbackError(
            "The feedback holds what is no text or no number. Send the answer as it was given."
        ) from exc
    _append(Path(storage) / FILE_NAME, line)
    return entry


def carry_feedback(source: str, target: str) -> None:
    """Copy what was said of answers over the index at `source` beside the one at `target`, where nothing is yet.
    Raises StorageError."""
    kept, to = (local_folder(storage_name(storage)) / FILE_NAME for storage in (source, target))
    if not kept.is_file() or to.exists():
        return
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(kept, to)
    except OSError as exc:
        raise StorageError(
            f"Cannot copy {kept} to {to} ({exc.strerror}). Copy it yourself; all else is moved."
        ) from exc


def _append(file: Path, line: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # One write to a file opened for appending: two writers' lines do not mix.
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size + len(line) > MAX_BYTES:
                raise FeedbackError(f"{file} is full ({MAX_BYTES:,} bytes). Move it away to make room.")
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, size)
                raise StorageError(f"The disk that holds {file} is full. Make room and try again.")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise StorageError(f"Cannot write {file} ({exc.strerror}). Check its permissions and the disk.") from exc
