"""A SQLite index as a whole: put another in its place, save one as a file, read the documents of an older format."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from index.store.rows import DOCUMENT_COLUMNS, FILE_NAME, damaged_index, document_of
from index.store.sqlite import GENERATION, connected, missing_index, translated
from index.types import Document, Heading


def put_in_place(other: Path, folder: Path) -> None:
    """Put the index in the folder `other` in place of the one in `folder`, whatever its format, as one transaction of
    the file that is there: who reads goes on reading the old state, then the new; killed, it is the old one."""
    with (
        translated(folder),
        closing(connected(other / FILE_NAME)) as source,
        closing(connected(folder / FILE_NAME)) as target,
    ):
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        # Readers know a change by the count of changes: it must go on.
        source.execute("UPDATE manifest SET value = ? WHERE key = ?", (str(_generation(target) + 1), GENERATION))
        source.backup(target)


def save(folder: Path, file: Path) -> None:
    """Write one state of the index into a file of its own, which must not be there yet."""
    if not (folder / FILE_NAME).is_file():
        raise missing_index(folder)
    with translated(folder), closing(connected(folder / FILE_NAME)) as db:
        db.execute("VACUUM INTO ?", (str(file),))


def check(folder: Path) -> None:
    """Read everything once. Raises IndexDamaged."""
    with translated(folder), closing(connected(folder / FILE_NAME)) as db:
        db.execute("PRAGMA trusted_schema = OFF")
        (told,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if told != "ok":
            raise damaged_index(folder, told)


def kept_documents(folder: Path) -> tuple[str, list[Document]]:
    """The name of the embedder and all documents of an index of this format or an earlier one.

    Raises IndexMissing, IndexDamaged."""
    if not (folder / FILE_NAME).is_file():
        raise missing_index(folder)
    with translated(folder), closing(connected(folder / FILE_NAME)) as db:
        columns = {row[1] for row in db.execute("PRAGMA table_info(documents)")}
        if not columns:
            raise missing_index(folder)
        (name,) = db.execute("SELECT value FROM manifest WHERE key = 'embedder'").fetchone() or ("",)
        if "checksum" in columns:
            rows = db.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY path, id").fetchall()
            return name, [document_of(row, folder) for row in rows]
        return name, _documents_of_format_1(db, folder)


def _documents_of_format_1(db: sqlite3.Connection, folder: Path) -> list[Document]:
    rows = db.execute(
        "SELECT id, title, path, text, sha256, pages, headings, location FROM documents ORDER BY path, id"
    )
    try:
        return [
            Document(
                id_,
                title,
                path,
                text,
                sha256,
                pages=None if pages is None else tuple(json.loads(pages)),
                headings=tuple(Heading(*heading) for heading in json.loads(headings)),
                location=os.fsdecode(location),
            )
            for id_, title, path, text, sha256, pages, headings, location in rows
        ]
    except (ValueError, TypeError) as exc:
        raise damaged_index(folder, exc) from exc


def _generation(db: sqlite3.Connection) -> int:
    try:
        row = db.execute("SELECT value FROM manifest WHERE key = ?", (GENERATION,)).fetchone()
    except sqlite3.OperationalError:  # an empty file
        return 0
    return int(row[0]) if row else 0
