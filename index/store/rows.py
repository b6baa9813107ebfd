"""What the SQLite store keeps: its tables, and values ↔ rows.

Each row carries a checksum of all that it says: a bit that flips on the disk is an error and never another text.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexDamaged
from index.store.analysis import FIELDS, TOKENIZER, fields
from index.types import Document, Heading, Passage

FILE_NAME = "index.sqlite"
SCHEMA = (
    "CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE documents (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, path TEXT NOT NULL, location BLOB NOT NULL, text TEXT NOT NULL,
        sha256 TEXT NOT NULL, pages TEXT, headings TEXT NOT NULL, tags TEXT NOT NULL, checksum INTEGER NOT NULL
    )""",
    """CREATE TABLE passages (
        row INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, document_id TEXT NOT NULL REFERENCES documents (id),
        start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, section TEXT NOT NULL, title TEXT NOT NULL,
        grams TEXT NOT NULL, vector BLOB NOT NULL, checksum INTEGER NOT NULL, vector_checksum INTEGER NOT NULL
    )""",
    "CREATE INDEX passages_by_document ON passages (document_id, start)",
    f"""CREATE VIRTUAL TABLE words USING fts5 (
        {", ".join(FIELDS)}, content='passages', content_rowid='row',
        tokenize="{TOKENIZER}"
    )""",
    """CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
        INSERT INTO words (rowid, text, section, title, grams)
        VALUES (new.row, new.text, new.section, new.title, new.grams);
    END""",
    """CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
        INSERT INTO words (words, rowid, text, section, title, grams)
        VALUES ('delete', old.row, old.text, old.section, old.title, old.grams);
    END""",
)
TABLES = {"manifest", "documents", "passages", "words"}
DOCUMENT_COLUMNS = "id, title, path, location, text, sha256, pages, headings, tags, checksum"
PASSAGE_COLUMNS = "id, document_id, start, end, text, section, title, grams, checksum"
Row = tuple[Any, ...]


def document_row(document: Document, folder: Path) -> Row:
    """In the order of DOCUMENT_COLUMNS."""
    values = (
        document.id,
        document.title,
        document.path,
        _location_kept(document.location, folder),
        document.text,
        document.sha256,
        None if document.pages is None else json.dumps(document.pages),
        json.dumps([(heading.start, heading.end, heading.level) for heading in document.headings]),
        json.dumps(document.tags, ensure_ascii=False),
    )
    return (*values, checksum(*values))


def document_of(row: Row, folder: Path) -> Document:
    """Raises IndexDamaged when the row is not what was written."""
    *values, kept = row
    if checksum(*values) != kept:
        raise damaged_index(folder, "a document's checksum is wrong")
    id_, title, path, location, text, sha256, pages, headings, tags = values
    return Document(
        id_,
        title,
        path,
        text,
        sha256,
        pages=None if pages is None else tuple(json.loads(pages)),
        headings=tuple(Heading(*heading) for heading in json.loads(headings)),
        location=str(folder.resolve() / os.fsdecode(location)) if location else "",
        tags=tuple(json.loads(tags)),
    )


def passage_row(passage: Passage) -> Row:
    """In the order of PASSAGE_COLUMNS."""
    values = (
        passage.id,
        passage.document_id,
        passage.start,
        passage.end,
        *fields(passage),
    )
    return (*values, checksum(*values))


def passage_of(row: Row, folder: Path) -> Passage:
    """Raises IndexDamaged when the row is not what was written."""
    *values, kept = row
    if checksum(*values) != kept:
        raise damaged_index(folder, "a passage's checksum is wrong")
    return Passage(*values[:-1])


def vector_row(passage_id: str, vector: Vectors) -> tuple[bytes, int]:
    """The vector's bytes, and their checksum."""
    blob = np.ascontiguousarray(vector, np.float32).tobytes()
    return blob, vector_checksum(passage_id, blob)


def vector_checksum(passage_id: str, blob: bytes) -> int:
    return zlib.crc32(blob, zlib.crc32(passage_id.encode()))


def checksum(*values: str | int | bytes | None) -> int:
    """CRC-32, which finds every change of a few bits."""
    return zlib.crc32(repr(values).encode("utf-8", "surrogatepass"))


def damaged_index(folder: Path, why: object) -> IndexDamaged:
    return IndexDamaged(
        f"{folder / FILE_NAME} is damaged or not an index ({why}). "
        f"Move it away and build it again with: qa index YOUR_SOURCES --storage {folder}"
    )


def _location_kept(location: str, folder: Path) -> bytes:
    """A file's name may be bytes that are no text. What lies in the storage itself is named from there, so that the
    storage can be moved."""
    path = Path(location)
    own = folder.resolve()
    return os.fsencode(path.relative_to(own) if location and path.is_relative_to(own) else location)
