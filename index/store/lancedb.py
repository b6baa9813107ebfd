"""The store for millions of passages: LanceDB in a folder or a bucket; BM25 and vectors are both indexed there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lancedb.index import Bitmap, BTree

from index.embed import Vectors
from index.errors import IndexMismatch, IndexMissing
from index.store import EVERYWHERE, Content, Ranked, Where, checked_content, outline, unknown_document
from index.store.analysis import query_words
from index.store.lance_place import lance_place, translated
from index.store.lance_rows import (
    DOCUMENT,
    DOCUMENT_COLUMNS,
    LAYOUT,
    PASSAGE,
    PASSAGE_COLUMNS,
    TABLE,
    as_table,
    document_of,
    is_one_of,
    passage_of,
    rows,
    schema,
)
from index.store.lance_text import WORDS_INDEX, WordCounts, ranked_text
from index.store.lance_vectors import INDEX_CACHE, METADATA_CACHE, REFINE, Probes, index_vectors
from index.store.ranking import CLOSE, best, cosines
from index.types import Document, Passage

SPARE = 50
"""Passages fetched beyond k, so that those with the same score can be put into document order; more where it takes."""
TIDY_EVERY = 100
"""Writes after which small files are merged and indexes brought up to date."""
KEEP_OLD = timedelta(minutes=10)
"""Old states are kept this long for those who still read them."""
_INDEXES: dict[str, Any] = {"words": WORDS_INDEX, "key": BTree(), "document_id": BTree(), "kind": Bitmap()}


class LanceStore:
    """See `Store`. A handle stays at the state it has read until it is told to look again: that is the snapshot."""

    def __init__(self, table: Any, uri: str) -> None:
        self._table = table
        self._uri = uri
        self._lock = threading.RLock()
        self._nested = 0
        self._writes = 0
        self._has_words = False
        self._counts = WordCounts()
        self._probes = Probes()

    @classmethod
    def open(cls, uri: str, create: Mapping[str, str] | None = None) -> LanceStore:
        """Open the store at `lancedb://PATH` or `s3://BUCKET/PREFIX`; with `create`, a manifest, make it where none is.

        Raises IndexMissing, IndexMismatch (another layout), IndexDamaged, StorageError.
        """
        place = lance_place(uri)
        missing = IndexMissing(f"No index at {uri}. Build one with: qa index YOUR_SOURCES --storage {uri}")
        if place.empty and create is None:
            raise missing
        session = lancedb.Session(index_cache_size_bytes=INDEX_CACHE, metadata_cache_size_bytes=METADATA_CACHE)
        with translated(uri):
            database = lancedb.connect(place.address, session=session, storage_options=place.options)
            empty = TABLE not in database.list_tables().tables if place.empty is None else place.empty
            if not empty:
                table = database.open_table(TABLE)
            elif create is None:
                raise missing
            else:
                made = schema(int(create["dimension"]), create)
                table = database.create_table(TABLE, schema=made, exist_ok=True)
            layout = (table.schema.metadata or {}).get(b"layout", b"?").decode()
        if layout != LAYOUT:
            raise IndexMismatch(
                f"The index at {uri} has layout {layout}; this version reads layout {LAYOUT}. "
                f"Build a new one with: qa index YOUR_SOURCES --storage {uri}-new"
            )
        return cls(table, uri)

    @property
    def uri(self) -> str:
        return self._uri

    def manifest(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._table.schema.metadata[b"manifest"])
        return kept

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        self.replace_documents([(document, passages, vectors)])

    def replace_documents(self, contents: Sequence[Content]) -> None:
        for content in contents:
            checked_content(*content)
        self._write([row for content in contents for row in rows(*content)], [content[0].id for content in contents])

    def delete_document(self, document_id: str) -> None:
        with self._writing():
            limit = is_one_of("document_id", [document_id])
            if not self._table.count_rows(limit):
                raise unknown_document(document_id)
            self._table.delete(limit)

    def move_document(self, document_id: str, moved: Document) -> None:
        with self._lock:
            self.document(document_id)
            passages, vectors = self.content(document_id)
            renamed = [
                replace(p, id=f"{moved.id}:{p.start}-{p.end}", document_id=moved.id, title=moved.title)
                for p in passages
            ]
            self._write(rows(moved, renamed, vectors), [document_id, moved.id])

    def dense(self, vector: Vectors, k: int, where: Where = EVERYWHERE) -> Ranked:
        """Exact below INDEX_FROM passages; above, the best are found by an index and their scores are exact."""
        if k <= 0:
            return []
        wanted = np.asarray(vector, np.float32)
        with self._reading():
            found = self._nearest(wanted, k, self._limit(where))
        return best(*_places(found), cosines(_matrix(found["vector"]), wanted).tolist(), k)

    def text(self, query: str, k: int, where: Where = EVERYWHERE) -> Ranked:
        words = query_words(query)
        if not words or k <= 0:
            return []
        with self._reading():
            if not self._words_indexed():
                return []
            found, scores = ranked_text(self._table, words, k, self._limit(where), self._counts)
        return best(*_places(found), scores, k)

    def get(self, ids: Sequence[str]) -> Mapping[str, Passage]:
        found = self._select(is_one_of("key", [f"p:{id_}" for id_ in ids]), PASSAGE_COLUMNS)
        return {row["id"]: passage_of(row) for row in found.to_pylist()}

    def content(self, document_id: str) -> tuple[list[Passage], Vectors]:
        limit = f"kind = '{PASSAGE}' AND {is_one_of('document_id', [document_id])}"
        found = self._select(limit, [*PASSAGE_COLUMNS, "vector"]).sort_by("start")
        passages = [passage_of(row) for row in found.select(PASSAGE_COLUMNS).to_pylist()]
        return passages, _matrix(found["vector"])

    def contents(self, document_ids: Sequence[str]) -> list[Content]:
        columns = dict.fromkeys(["kind", *DOCUMENT_COLUMNS, *PASSAGE_COLUMNS, "vector"])
        found = self._select(is_one_of("document_id", document_ids), [*columns])
        documents = map(
            document_of, found.filter(pc.equal(found["kind"], DOCUMENT)).select(DOCUMENT_COLUMNS).to_pylist()
        )
        passages = found.filter(pc.equal(found["kind"], PASSAGE)).sort_by(
            [("document_id", "ascending"), ("start", "ascending")]
        )
        of_document: dict[str, list[int]] = {}
        for place, document_id in enumerate(passages["document_id"].to_pylist()):
            of_document.setdefault(document_id, []).append(place)
        values = [passage_of(row) for row in passages.select(PASSAGE_COLUMNS).to_pylist()]
        vectors = _matrix(passages["vector"])
        return [
            (document, [values[place] for place in places], vectors[places])
            for document in sorted(documents, key=lambda document: document.id)
            for places in [of_document.get(document.id, [])]
        ]

    def sizes(self) -> dict[str, int]:
        found = self._select("true", ["document_id"])
        counted = found.group_by("document_id").aggregate([([], "count_all")])
        rows = zip(counted["document_id"].to_pylist(), counted["count_all"].to_pylist(), strict=True)
        return {document_id: count - 1 for document_id, count in rows}

    def documents(self) -> list[Document]:
        found = self._select(f"kind = '{DOCUMENT}'", DOCUMENT_COLUMNS)
        return sorted(map(document_of, found.to_pylist()), key=lambda document: (document.path, document.id))

    def outlines(self) -> list[Document]:
        found = self._select(f"kind = '{DOCUMENT}'", [column for column in DOCUMENT_COLUMNS if column != "text"])
        documents = [outline(document_of({**row, "text": ""})) for row in found.to_pylist()]
        return sorted(documents, key=lambda document: (document.path, document.id))

    def document(self, document_id: str) -> Document:
        found = self._select(is_one_of("key", [f"d:{document_id}"]), DOCUMENT_COLUMNS).to_pylist()
        if not found:
            raise unknown_document(document_id)
        return document_of(found[0])

    def counts(self) -> tuple[int, int]:
        with self._reading():
            documents = self._table.count_rows(f"kind = '{DOCUMENT}'")
            return documents, self._table.count_rows() - documents

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._reading():
            yield

    def close(self) -> None:
        with self._lock:
            if self._writes:
                self.maintain()

    def maintain(self) -> None:
        """Merge small files, bring the indexes up to date, drop states that nobody reads any more."""
        with self._lock, translated(self._uri):
            self._table.checkout_latest()
            index_vectors(self._table)
            self._table.optimize(cleanup_older_than=KEEP_OLD)
            self._writes = 0

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One state a thread, however deeply nested."""
        with self._lock, translated(self._uri):
            if self._nested == 0:
                self._table.checkout_latest()
            self._nested += 1
            try:
                yield
            finally:
                self._nested -= 1

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, translated(self._uri):
            self._table.checkout_latest()
            if not self._words_indexed():
                for column, config in _INDEXES.items():
                    self._table.create_index(column, config=config)
            yield
            self._writes += 1
            if self._writes >= TIDY_EVERY:
                self.maintain()

    def _write(self, new: list[dict[str, Any]], document_ids: Sequence[str]) -> None:
        """Put `new` in place of all rows of these documents, in one commit."""
        with self._writing():
            batch = as_table(new, self._table.schema)
            limit = is_one_of("document_id", document_ids)
            # A document row has no vector; others' were checked.
            if not self._table.count_rows(limit):
                self._table.add(batch, on_bad_vectors="null")
                return
            merge = self._table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
            merge.when_not_matched_by_source_delete(limit).execute(batch, on_bad_vectors="null")

    def _nearest(self, wanted: Vectors, k: int, limit: str | None) -> pa.Table:
        """The k nearest, and more: all that are as near as the last of them, as far as can be told."""
        wider = k + SPARE
        while True:
            query = self._table.search(wanted, vector_column_name="vector").distance_type("dot")
            query = query.nprobes(self._probes.of(self._table)).refine_factor(REFINE).limit(wider)
            query = query.select(["id", "document_id", "start", "vector", "_distance"])
            found = (query.where(limit, prefilter=True) if limit else query).to_arrow()
            distances = found["_distance"].to_numpy()
            if len(distances) < wider or distances[-1] > distances[k - 1] + CLOSE:
                return found
            wider *= 4

    def _limit(self, where: Where) -> str | None:
        if where.everywhere:
            return None
        ids = set(where.documents or ())
        if where.tags:
            tags = ", ".join("'" + tag.replace("'", "''") + "'" for tag in sorted(where.tags))
            tagged = self._select(f"kind = '{DOCUMENT}' AND array_has_any(tags, make_array({tags}))", ["id"])
            ids.update(tagged["id"].to_pylist())
        return is_one_of("document_id", sorted(ids))

    def _select(self, limit: str, columns: list[str]) -> pa.Table:
        with self._reading():
            return self._table.search().where(limit).select(columns).to_arrow()

    def _words_indexed(self) -> bool:
        self._has_words = self._has_words or any(index.columns == ["words"] for index in self._table.list_indices())
        return self._has_words


def _matrix(column: pa.ChunkedArray) -> Vectors:
    """(n, dimension) of a column of vectors."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, np.float32).reshape(len(column), -1 if len(column) else column.type.list_size)


def _places(found: pa.Table) -> tuple[list[str], list[str], list[int]]:
    return found["id"].to_pylist(), found["document_id"].to_pylist(), found["start"].to_pylist()
