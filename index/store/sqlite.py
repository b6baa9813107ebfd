"""The default store: one SQLite file in a folder; full text by FTS5, vectors compared exactly by numpy."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np

from index.embed import Vectors
from index.errors import (
    IndexBusy,
    IndexMismatch,
    IndexMissing,
    StorageError,
    StorageFull,
)
from index.store import EVERYWHERE, FORMAT, Content, Ranked, Where, checked_content, outline, unknown_document
from index.store.bm25 import WEIGHTS
from index.store.loaded import Loaded, loaded, tagged
from index.store.ranking import CLOSE, cosines
from index.store.rows import (
    DOCUMENT_COLUMNS,
    FILE_NAME,
    PASSAGE_COLUMNS,
    SCHEMA,
    TABLES,
    Row,
    damaged_index,
    document_of,
    document_row,
    passage_of,
    passage_row,
    vector_checksum,
    vector_row,
)
from index.types import Document, Passage
from index.words import terms

BUSY_SECONDS = 10.0
GENERATION = "generation"
"""The manifest's count of committed changes, by which a reader knows that its vectors are old."""
NOTHING: tuple[list[Passage], Vectors] = ([], np.zeros((0, 0), np.float32))
"""The content of a document that is not there."""


class SqliteStore:
    """See `Store`. One connection, shared among threads under a lock; vectors are cached in memory."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, home: Path | None = None) -> None:
        self._db = connection
        self._folder = folder
        self._home = home or folder
        self._lock = threading.RLock()
        self._nested = 0
        self._cached: tuple[int, Loaded] | None = None
        self._tags: tuple[int, dict[str, frozenset[str]]] | None = None
        self._inode = 0

    @classmethod
    def open(cls, folder: Path, create: Mapping[str, str] | None = None, home: Path | None = None) -> SqliteStore:
        """Open the store in `folder`; with `create`, a manifest, make it if there is none. `home` is the folder in
        which it will be used, if another: what lies there is named from there.

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
        with translated(folder):
            db = connected(file)
            try:
                store = cls(db, folder, home)
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
            mend = (
                f"Bring it up to date with: qa index --rebuild --storage {self._folder}"
                if 0 < version < FORMAT
                else f"Update Footnote, or build a new one with: qa index YOUR_SOURCES --storage {self._folder}-new"
            )
            raise IndexMismatch(
                f"The index at {self._folder}/ has format {version}; this version reads format {FORMAT}. {mend}"
            )
        elif not tables >= TABLES:
            raise damaged_index(self._folder, "tables are missing")
        self._db.execute("PRAGMA synchronous = FULL")
        self._inode = os.stat(self._folder / FILE_NAME).st_ino

    def _create(self, manifest: Mapping[str, str]) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._writing():
            for statement in SCHEMA:
                self._db.execute(statement)
            rows = {**manifest, GENERATION: "0"}.items()
            self._db.executemany("INSERT INTO manifest VALUES (?, ?)", rows)
            self._db.execute(f"PRAGMA user_version = {FORMAT}")

    @property
    def uri(self) -> str:
        return str(self._folder)

    def manifest(self) -> dict[str, str]:
        with self._reading():
            rows = self._db.execute("SELECT key, value FROM manifest").fetchall()
        return {key: value for key, value in rows if key != GENERATION}

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        self.replace_documents([(document, passages, vectors)])

    def replace_documents(self, contents: Sequence[Content]) -> None:
        for content in contents:
            checked_content(*content)
        with self._writing():
            for document, passages, vectors in contents:
                self._remove(document.id)
                self._insert_document(document)
                self._db.executemany(
                    f"INSERT INTO passages ({PASSAGE_COLUMNS}, vector, vector_checksum) VALUES ({', '.join('?' * 11)})",
                    [
                        (*passage_row(passage), *vector_row(passage.id, vector))
                        for passage, vector in zip(passages, vectors, strict=True)
                    ],
                )
            self._count_change()

    def delete_document(self, document_id: str) -> None:
        with self._writing():
            if not self._remove(document_id):
                raise unknown_document(document_id)
            self._count_change()

    def move_document(self, document_id: str, moved: Document) -> None:
        with self._writing():
            rows = self._db.execute(
                f"SELECT {PASSAGE_COLUMNS}, vector FROM passages WHERE document_id = ? ORDER BY start", (document_id,)
            ).fetchall()
            if not self._remove(document_id):
                raise unknown_document(document_id)
            self._remove(moved.id)
            self._insert_document(moved)
            for *row, blob in rows:
                old = passage_of(tuple(row), self._folder)
                id_ = f"{moved.id}:{old.start}-{old.end}"
                passage = replace(old, id=id_, document_id=moved.id, title=moved.title)
                self._db.execute(
                    f"INSERT INTO passages ({PASSAGE_COLUMNS}, vector, vector_checksum) VALUES ({', '.join('?' * 11)})",
                    (*passage_row(passage), blob, vector_checksum(id_, blob)),
                )
            self._count_change()

    def dense(self, vector: Vectors, k: int, where: Where = EVERYWHERE) -> Ranked:
        with self._reading():
            kept = self._loaded()
            allowed = self._allowed(where)
        ids, vectors = kept.ids, kept.vectors
        if not ids or k <= 0:
            return []
        scores = vectors @ np.asarray(vector, np.float32)
        if allowed is not None:
            scores = np.where(kept.belong_to(allowed), scores, -np.inf)
        # Partition first, since sorting 100,000 scores costs more.
        least = np.partition(scores, -k)[-k] - CLOSE if k < len(scores) else -np.inf
        near = np.flatnonzero((scores >= least) & np.isfinite(scores))
        exact = cosines(vectors[near], vector)
        order = np.argsort(-exact, kind="stable")[:k]  # keeps ties in document order
        return [(ids[near[i]], float(exact[i])) for i in order]

    def text(self, query: str, k: int, where: Where = EVERYWHERE) -> Ranked:
        # FTS5's query language is not exposed: every word is quoted.
        match = " OR ".join(f'"{word}"' for word in terms(query))
        if not match or k <= 0:
            return []
        with self._reading():
            allowed = self._allowed(where)
            # One parameter for all ids: SQLite allows no more than 32,766. The plus: FTS5 would search once a row.
            limit = (
                ""
                if allowed is None
                else """AND +rowid IN
                    (SELECT row FROM passages WHERE document_id IN (SELECT value FROM json_each(?)))"""
            )
            documents = [] if allowed is None else [json.dumps([*allowed])]
            # The passages of those that cannot be among the best stay unread: that is half of the time.
            rows = self._db.execute(
                f"""WITH scored AS MATERIALIZED (
                        SELECT rowid AS row, -bm25(words, {", ".join(map(str, WEIGHTS))}) AS score
                        FROM words WHERE words MATCH ? {limit}),
                    least AS (SELECT score FROM scored ORDER BY score DESC LIMIT 1 OFFSET ?)
                    SELECT p.id, scored.score FROM scored JOIN passages p ON p.row = scored.row
                    WHERE scored.score >= ifnull((SELECT score FROM least), -1)
                    ORDER BY scored.score DESC, p.document_id, p.start LIMIT ?""",
                (match, *documents, k - 1, k),
            ).fetchall()
        return [(passage_id, score) for passage_id, score in rows]

    def get(self, ids: Sequence[str]) -> Mapping[str, Passage]:
        with self._reading():
            rows = self._db.execute(
                f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN ({', '.join('?' * len(ids))})", list(ids)
            ).fetchall()
        return {row[0]: passage_of(row, self._folder) for row in rows}

    def content(self, document_id: str) -> tuple[list[Passage], Vectors]:
        return next(((list(passages), vectors) for _, passages, vectors in self.contents([document_id])), NOTHING)

    def contents(self, document_ids: Sequence[str]) -> list[Content]:
        ids = json.dumps([*document_ids])
        with self._reading():
            documents = self._db.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (ids,),
            ).fetchall()
            rows = self._db.execute(
                f"SELECT {PASSAGE_COLUMNS}, vector, vector_checksum FROM passages "
                "WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY document_id, start",
                (ids,),
            ).fetchall()
        if any(vector_checksum(row[0], row[-2]) != row[-1] for row in rows):
            raise damaged_index(self._folder, "a vector's checksum is wrong")
        of_document: dict[str, list[Row]] = {row[0]: [] for row in documents}
        for row in rows:
            of_document[row[1]].append(row)
        return [self._content(document_of(row, self._home), of_document[row[0]]) for row in documents]

    def _content(self, document: Document, rows: list[Row]) -> Content:
        """Of rows with PASSAGE_COLUMNS, the vector and its checksum."""
        vectors = np.frombuffer(b"".join(row[-2] for row in rows), np.float32).reshape(len(rows), -1 if rows else 0)
        return document, [passage_of(row[:-2], self._folder) for row in rows], vectors

    def sizes(self) -> dict[str, int]:
        with self._reading():
            rows = self._db.execute(
                "SELECT d.id, (SELECT count(*) FROM passages WHERE document_id = d.id) FROM documents d"
            ).fetchall()
        return dict(rows)

    def documents(self) -> list[Document]:
        with self._reading():
            rows = self._db.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY path, id").fetchall()
        return [document_of(row, self._home) for row in rows]

    def outlines(self) -> list[Document]:
        with self._reading():
            rows = self._db.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents")
            found = [outline(document_of(row, self._home)) for row in rows]
        return sorted(found, key=lambda document: (document.path, document.id))

    def document(self, document_id: str) -> Document:
        with self._reading():
            row = self._db.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise unknown_document(document_id)
        return document_of(row, self._home)

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

    def maintain(self) -> None:
        with self._lock, translated(self._folder):
            self._db.execute("PRAGMA optimize")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One read transaction a thread, however deeply nested."""
        with self._lock, translated(self._folder):
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
            self._db, self._cached, self._tags = connected(self._folder / FILE_NAME), None, None
            self._prepare(None)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, translated(self._folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def _insert_document(self, document: Document) -> None:
        self._db.execute(
            f"INSERT INTO documents ({DOCUMENT_COLUMNS}) VALUES ({', '.join('?' * 10)})",
            document_row(document, self._home),
        )

    def _remove(self, document_id: str) -> bool:
        self._db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        return self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0

    def _count_change(self) -> None:
        self._db.execute(
            "UPDATE manifest SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = ?", (GENERATION,)
        )

    def _generation(self) -> int:
        row = self._db.execute("SELECT value FROM manifest WHERE key = ?", (GENERATION,)).fetchone()
        return int(row[0])

    def _allowed(self, where: Where) -> frozenset[str] | None:
        """The ids of the documents that a search is limited to; None: all."""
        if where.everywhere:
            return None
        found = where.documents or frozenset()
        return found.union(*(self._tagged().get(tag, ()) for tag in where.tags)) if where.tags else found

    def _tagged(self) -> dict[str, frozenset[str]]:
        """See `tagged`; read again after a change."""
        generation = self._generation()
        if self._tags is None or self._tags[0] != generation:
            self._tags = (generation, tagged(self._db))
        return self._tags[1]

    def _loaded(self) -> Loaded:
        """See `Loaded`; read again after a change."""
        generation = self._generation()
        if self._cached is None or self._cached[0] != generation:
            self._cached = (generation, loaded(self._db, self._folder))
        return self._cached[1]


def missing_index(folder: Path) -> IndexMissing:
    return IndexMissing(f"No index at {folder}/. Build one with: qa index YOUR_SOURCES --storage {folder}")


def connected(file: Path) -> sqlite3.Connection:
    """A connection that can at least read; in a folder where nothing may be written, one that only reads."""
    uri, log = f"file:{quote(str(file.absolute()))}", file.with_name(f"{file.name}-wal")
    mode = "rwc"
    if not os.access(file.parent, os.W_OK):
        # Without a log there is nothing that "immutable" would overlook.
        mode = "ro" if log.is_file() and log.stat().st_size else "ro&immutable=1"
    return sqlite3.connect(
        f"{uri}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """SQLite's errors → ours, with what to do."""
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
        if not hasattr(exc, "sqlite_errorcode"):  # Python's own: what is stored is no text
            raise damaged_index(folder, exc) from exc
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
        # Our statements never change and fit the format, which was checked: where one does not compile, the schema has.
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            raise damaged_index(folder, exc) from exc
        raise
