"""The default store: one SQLite file in a folder; full text by FTS5, vectors compared exactly by numpy."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.embed import Vectors
from index.errors import (
    DocumentUnknown,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    StorageError,
    StorageFull,
)
from index.store import EVERYWHERE, FORMAT, Ranked, Where
from index.types import Document, Heading, Passage
from index.words import content_words

FILE_NAME = "index.sqlite"
BUSY_SECONDS = 10.0
TEXT_WEIGHT, SECTION_WEIGHT, TITLE_WEIGHT = 1.0, 0.5, 0.25
"""What a word is worth to BM25 in the text, the section heading and the title. Chosen by hand: title weights from 0
to 1 moved MRR by .002 on train/fit_search.py's "all articles"."""

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, path TEXT NOT NULL, location TEXT NOT NULL, text TEXT NOT NULL,
    sha256 TEXT NOT NULL, pages TEXT, headings TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, document_id TEXT NOT NULL REFERENCES documents (id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, section TEXT NOT NULL, title TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id, start);
CREATE VIRTUAL TABLE words USING fts5 (
    text, section, title, content='passages', content_rowid='row', tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO words (rowid, text, section, title) VALUES (new.row, new.text, new.section, new.title);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO words (words, rowid, text, section, title)
    VALUES ('delete', old.row, old.text, old.section, old.title);
END;
"""
_GENERATION = "generation"  # counts committed changes, so that a reader knows when its vectors are old
_TABLES = {"manifest", "documents", "passages", "words"}
_PASSAGE_COLUMNS = "id, document_id, start, end, text, section, title"
_DOCUMENT_COLUMNS = "id, title, path, text, sha256, pages, headings, location"


class SqliteStore:
    """See `Store`. One connection, shared among threads under a lock; vectors are cached in memory."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._db = connection
        self._folder = folder
        self._lock = threading.RLock()
        self._nested = 0
        self._cached: tuple[int, list[str], list[str], Vectors] | None = None
        self._inode = 0

    @classmethod
    def open(cls, folder: Path, create: Mapping[str, str] | None = None) -> SqliteStore:
        """Open the store in `folder`; with `create`, a manifest, make it if there is none.

        Raises IndexMissing, IndexMismatch (another format), IndexDamaged, StorageError (not writable).
        """
        file = folder / FILE_NAME
        if folder.exists() and not folder.is_dir():
            raise StorageError(f"{folder} is a file. --storage needs a folder.")
        if not file.is_file() and create is None:
            raise missing_index(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StorageError(f"Cannot make the folder {folder} ({exc.strerror}). Choose another --storage.") from exc
        with _translated(folder):
            db = _connected(file)
            try:
                store = cls(db, folder)
                store._prepare(create)
            except BaseException:
                db.close()
                raise
        return store

    def _prepare(self, create: Mapping[str, str] | None) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        tables = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}
        if version == 0 and not tables:
            if create is None:
                raise IndexMissing(f"The index at {self._folder}/ is empty. Build it with: qa index YOUR_SOURCES")
            self._create(create)
        elif version != FORMAT:
            raise IndexMismatch(
                f"The index at {self._folder}/ has format {version}; this version reads format {FORMAT}. "
                f"Build a new one beside it with: qa index YOUR_SOURCES --storage {self._folder}-new"
            )
        elif not tables >= _TABLES:
            raise damaged_index(self._folder, "tables are missing")
        self._db.execute("PRAGMA synchronous = FULL")
        self._inode = os.stat(self._folder / FILE_NAME).st_ino

    def _create(self, manifest: Mapping[str, str]) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._writing():
            for statement in re.split(r";\n(?!END)(?! )", _SCHEMA.strip().rstrip(";")):
                self._db.execute(statement)
            rows = {**manifest, _GENERATION: "0"}.items()
            self._db.executemany("INSERT INTO manifest VALUES (?, ?)", rows)
            self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def manifest(self) -> dict[str, str]:
        with self._reading():
            rows = self._db.execute("SELECT key, value FROM manifest").fetchall()
        return {key: value for key, value in rows if key != _GENERATION}

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages but {len(vectors)} vectors")
        with self._writing():
            self._remove(document.id)
            self._db.execute(
                f"INSERT INTO documents ({_DOCUMENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _document_row(document)
            )
            self._db.executemany(
                f"INSERT INTO passages ({_PASSAGE_COLUMNS}, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (p.id, p.document_id, p.start, p.end, p.text, p.section, p.title, _blob(vector))
                    for p, vector in zip(passages, vectors, strict=True)
                ],
            )
            self._count_change()

    def delete_document(self, document_id: str) -> None:
        with self._writing():
            if not self._remove(document_id):
                raise unknown_document(document_id)
            self._count_change()

    def dense(self, vector: Vectors, k: int, where: Where = EVERYWHERE) -> Ranked:
        with self._reading():
            ids, document_ids, vectors = self._vectors()
        if not ids or k <= 0:
            return []
        scores = vectors @ np.asarray(vector, np.float32)
        if where.documents is not None:
            scores = np.where([d in where.documents for d in document_ids], scores, -np.inf)
        # A stable sort keeps ties in document order; partition first, since sorting 100,000 scores costs more.
        best = np.flatnonzero(scores >= np.partition(scores, -k)[-k]) if k < len(scores) else np.arange(len(scores))
        best = best[np.argsort(-scores[best], kind="stable")][:k]
        return [(ids[i], float(scores[i])) for i in best if np.isfinite(scores[i])]

    def text(self, query: str, k: int, where: Where = EVERYWHERE) -> Ranked:
        # FTS5's query language is not exposed: every word is quoted.
        match = " OR ".join(f'"{word}"' for word in dict.fromkeys(content_words(query)))
        if not match or k <= 0:
            return []
        # One parameter for all ids: SQLite allows no more than 32,766.
        limit, documents = ("", [])
        if where.documents is not None:
            limit, documents = "AND p.document_id IN (SELECT value FROM json_each(?))", [json.dumps([*where.documents])]
        with self._reading():
            rows = self._db.execute(
                f"""SELECT p.id, -bm25(words, {TEXT_WEIGHT}, {SECTION_WEIGHT}, {TITLE_WEIGHT}) AS score
                    FROM words JOIN passages p ON p.row = words.rowid
                    WHERE words MATCH ? {limit} ORDER BY score DESC, p.document_id, p.start LIMIT ?""",
                (match, *documents, k),
            ).fetchall()
        return [(passage_id, score) for passage_id, score in rows]

    def get(self, ids: Sequence[str]) -> Mapping[str, Passage]:
        with self._reading():
            rows = self._db.execute(
                f"SELECT {_PASSAGE_COLUMNS} FROM passages WHERE id IN ({', '.join('?' * len(ids))})", list(ids)
            ).fetchall()
        return {row[0]: Passage(*row) for row in rows}

    def documents(self) -> list[Document]:
        with self._reading():
            rows = self._db.execute(f"SELECT {_DOCUMENT_COLUMNS} FROM documents ORDER BY path, id").fetchall()
        return [_document(row) for row in rows]

    def document(self, document_id: str) -> Document:
        with self._reading():
            row = self._db.execute(f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise unknown_document(document_id)
        return _document(row)

    def counts(self) -> tuple[int, int]:
        with self._reading():
            row = self._db.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
            ).fetchone()
        return (int(row[0]), int(row[1]))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._reading():
            yield

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One read transaction a thread, however deeply nested."""
        with self._lock, _translated(self._folder):
            if self._nested == 0:
                self._follow()
                if self._db.in_transaction:  # an interrupt came between BEGIN and the count
                    self._db.execute("ROLLBACK")
                self._db.execute("BEGIN")
            self._nested += 1
            try:
                yield
            finally:
                self._nested -= 1
                if self._nested == 0 and self._db.in_transaction:  # some errors have rolled it back already
                    self._db.execute("COMMIT")

    def _follow(self) -> None:
        """An index that was moved away and built anew is another file: open that one. Raises IndexMissing."""
        try:
            inode = os.stat(self._folder / FILE_NAME).st_ino
        except FileNotFoundError as exc:
            raise missing_index(self._folder) from exc
        if inode != self._inode:
            self._db.close()
            self._db, self._cached = _connected(self._folder / FILE_NAME), None
            self._prepare(None)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _translated(self._folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def _remove(self, document_id: str) -> bool:
        self._db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        return self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0

    def _count_change(self) -> None:
        self._db.execute(
            "UPDATE manifest SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = ?", (_GENERATION,)
        )

    def _vectors(self) -> tuple[list[str], list[str], Vectors]:
        """Passage ids, their document ids and (n, dimension) vectors in document order, read again after a change."""
        row = self._db.execute("SELECT value FROM manifest WHERE key = ?", (_GENERATION,)).fetchone()
        generation = int(row[0])
        if self._cached is None or self._cached[0] != generation:
            rows = self._db.execute(
                "SELECT id, document_id, vector FROM passages ORDER BY document_id, start"
            ).fetchall()
            matrix = np.frombuffer(b"".join(row[2] for row in rows), np.float32).reshape(len(rows), -1 if rows else 0)
            self._cached = (generation, [row[0] for row in rows], [row[1] for row in rows], matrix)
        return self._cached[1:]


def missing_index(folder: Path) -> IndexMissing:
    return IndexMissing(f"No index at {folder}/. Build one with: qa index YOUR_SOURCES --storage {folder}")


def _connected(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def unknown_document(document_id: str) -> DocumentUnknown:
    return DocumentUnknown(f"No document has the id {document_id!r}. List them with: qa documents")


def damaged_index(folder: Path, why: object) -> IndexDamaged:
    return IndexDamaged(
        f"{folder / FILE_NAME} is damaged or not an index ({why}). "
        f"Move it away and build it again with: qa index YOUR_SOURCES --storage {folder}"
    )


def _blob(vector: Vectors) -> bytes:
    return np.ascontiguousarray(vector, np.float32).tobytes()


def _document_row(document: Document) -> tuple[str | bytes | None, ...]:
    headings = json.dumps([(heading.start, heading.end, heading.level) for heading in document.headings])
    pages = None if document.pages is None else json.dumps(document.pages)
    return (
        document.id,
        document.title,
        document.path,
        document.text,
        document.sha256,
        pages,
        headings,
        os.fsencode(document.location),  # a file's name may be bytes that are no text
    )


def _document(row: tuple[str, ...]) -> Document:
    document_id, title, path, text, sha256, pages, headings, location = row
    return Document(
        document_id,
        title,
        path,
        text,
        sha256,
        pages=None if pages is None else tuple(json.loads(pages)),
        headings=tuple(Heading(*heading) for heading in json.loads(headings)),
        location=os.fsdecode(location),
    )


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """SQLite's errors → ours, with what to do."""
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StorageFull(
                f"The disk that holds {folder}/ is full. What was indexed before is safe: make room and run it again."
            ) from exc
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(f"Another process is writing to {folder}/. Wait until it is done.") from exc
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StorageError(
                f"Cannot open or write to {folder}/. Check its permissions or choose another --storage."
            ) from exc
        if code == sqlite3.SQLITE_IOERR:
            raise StorageError(f"Reading or writing {folder}/ failed ({exc}). Check the disk.") from exc
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise damaged_index(folder, exc) from exc
        raise
