"""The store for many machines: a collection of a Milvus server, which several writers and readers share."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from index.embed import Vectors
from index.errors import IndexBusy, IndexMismatch, IndexMissing, StorageError
from index.store import EVERYWHERE, Content, Ranked, Where, checked_content, outline, unknown_document
from index.store.analysis import query_words
from index.store.bm25 import sizes
from index.store.milvus_rows import (
    BEGUN,
    CHANGED,
    DOCUMENT,
    DOCUMENTS_INDEXES,
    FOUND_FIELDS,
    LAYOUT,
    MANIFEST,
    MOST_TAGS,
    OLD,
    PASSAGE_FIELDS,
    PASSAGES_INDEXES,
    SPILLED,
    TEXT,
    Row,
    coded,
    digest,
    document_of,
    documents_schema,
    is_one_of,
    kept_row,
    outline_content,
    outline_of,
    passage_of,
    passage_rows,
    passages_schema,
    state,
    text_rows,
)
from index.store.milvus_server import Server
from index.store.milvus_text import WordCounts
from index.store.milvus_versions import NEVER, Versions, document_rows
from index.store.proposals import AGAIN, PROPOSED
from index.store.ranking import CLOSE, best, cosines
from index.types import Document, Passage

SPARE = 50
"""Passages fetched beyond k, for those with the same score and for versions that no longer count; or more."""
MOST = 16_384
"""Passages that Milvus finds at once, at the most."""
EFFORT = 4
"""How many times what is fetched HNSW looks at; what it finds is compared exactly."""
SLOTS = 64
"""Rows by which readers know that something has changed; a writer has one of them."""
IDS_AT_ONCE = 10_000
"""Documents in one filter; for more there are several searches."""
KEEP_OLD = 600.0
"""Seconds that an old version is kept for those who still read it."""
WRITTEN_WITHIN = 3_600.0
"""Seconds after which a version that was begun and not finished is swept away; who takes half of it gives up."""
SWEEP_EVERY = 500
"""Writes after which is swept."""
NOTES_AT_ONCE = 200
ATTEMPTS = 5
"""To write a document that others write at the same time."""
Search = Callable[[int, str], list[Row]]
"""How many, and the filter → rows, best first."""
Scored = Callable[[Sequence[Row], Sequence[Row]], tuple[list[float], float]]
"""Rows that count, all that were found → the scores of the first, and what none that was not found can exceed."""


class MilvusStore:
    """See `Store`. A document is replaced in one step, and so are several; see `milvus_versions` for how. Writers need
    no lock: of two that replace one document, the last to commit wins whole. A snapshot holds each document at the
    version in which it is first met; only after `documents` or `counts` is it one state of them all."""

    def __init__(self, server: Server, manifest: Mapping[str, str]) -> None:
        self._server = server
        self._manifest = dict(manifest)
        self._dimension = int(manifest["dimension"])
        self._outdated: set[tuple[str, int]] = set()
        self._words = WordCounts(server)
        self._reader = threading.local()
        self._slot = secrets.randbelow(SLOTS)
        self._writes = 0

    @classmethod
    def open(cls, uri: str, create: Mapping[str, str] | None = None) -> MilvusStore:
        """Open the store at `milvus+http://host:19530/collection`; with `create`, a manifest, make it if there is none.

        Raises IndexMissing, IndexMismatch (another layout), StorageError (wrong address, login, name).
        """
        server = Server(uri)
        try:
            if create is not None:
                _create(server, create)
            elif not server.exists(server.documents):
                raise _missing(uri)
            return cls(server, _manifest(server))
        except BaseException:
            server.close()
            raise

    @property
    def uri(self) -> str:
        return self._server.uri

    def manifest(self) -> dict[str, str]:
        return dict(self._manifest)

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        self.replace_documents([(document, passages, vectors)])

    def replace_documents(self, contents: Sequence[Content]) -> None:
        for document, passages, vectors in contents:
            checked_content(document, passages, vectors)
            if len(passages):
                self._check_width(np.shape(vectors)[1])
            if len(document.tags) > MOST_TAGS:
                raise StorageError(f"{document.path} has {len(document.tags)} tags; Milvus keeps {MOST_TAGS} at most.")
        self._write(contents, [])

    def delete_document(self, document_id: str) -> None:
        with self._reading() as versions:
            if not versions.exists(digest(document_id)):
                raise unknown_document(document_id)
        self._write([], [document_id])

    def move_document(self, document_id: str, moved: Document) -> None:
        with self.snapshot():
            self.document(document_id)
            passages, vectors = self.content(document_id)
        renamed = [
            replace(p, id=f"{moved.id}:{p.start}-{p.end}", document_id=moved.id, title=moved.title) for p in passages
        ]
        self._write([(moved, renamed, vectors)], [document_id] if document_id != moved.id else [])

    def dense(self, vector: Vectors, k: int, where: Where = EVERYWHERE) -> Ranked:
        """Found by HNSW where Milvus has made an index of a segment, else by comparing all; the scores are exact."""
        wanted = np.asarray(vector, np.float32)
        self._check_width(len(wanted))

        def search(count: int, limit: str) -> list[Row]:
            params = {"ef": min(EFFORT * count, MOST)}
            return self._server.search("vector", wanted.tolist(), count, limit, [*FOUND_FIELDS, "vector"], params)

        def scored(live: Sequence[Row], found: Sequence[Row]) -> tuple[list[float], float]:
            vectors = self._matrix([row["vector"] for row in live])
            return cosines(vectors, wanted).tolist(), found[-1]["score"] + CLOSE

        return self._best(search, scored, k, k + SPARE, where)

    def text(self, query: str, k: int, where: Where = EVERYWHERE) -> Ranked:
        words = coded(" ".join(query_words(query))).split()
        if not words:
            return []
        asked = " ".join(dict.fromkeys(words))

        def search(count: int, limit: str) -> list[Row]:
            found = self._server.search("bm25", asked, count, limit, [*FOUND_FIELDS, "words"], {})
            # Milvus Lite gives the negative of what Milvus does.
            return [{**row, "score": abs(row["score"])} for row in found]

        def scored(live: Sequence[Row], found: Sequence[Row]) -> tuple[list[float], float]:
            scores, least = self._words.ranked(found, words)
            ids = {id(row): score for row, score in zip(found, scores, strict=True)}
            return [ids[id(row)] for row in live], least

        return self._best(search, scored, k, PROPOSED * k, where)

    def get(self, ids: Sequence[str]) -> Mapping[str, Passage]:
        if not ids:
            return {}
        limit = is_one_of("passage", {digest(id_) for id_ in ids})
        with self._reading() as versions:
            found, _ = versions.live(lambda: self._server.query(self._server.passages, limit, PASSAGE_FIELDS))
            return {row["id"]: passage_of(row, self._whole_content(row)) for row in found}

    def content(self, document_id: str) -> tuple[list[Passage], Vectors]:
        key = digest(document_id)
        with self._reading() as versions:
            return self._passages(versions.states([key])).get(key, ([], self._matrix([])))

    def contents(self, document_ids: Sequence[str]) -> list[Content]:
        with self._reading() as versions:
            states = versions.states({digest(id_) for id_ in document_ids})
            documents, passages = self._documents(is_one_of("state", states)), self._passages(states)
        none: tuple[list[Passage], Vectors] = [], self._matrix([])
        return [
            (document, *passages.get(digest(document.id), none))
            for document in sorted(documents.values(), key=lambda document: document.id)
        ]

    def sizes(self) -> dict[str, int]:
        with self._reading() as versions:
            return {self._outline(row).id: row["number"] for row in versions.all()}

    def documents(self) -> list[Document]:
        with self._reading() as versions:
            documents = self._documents("", {state(row["document"], row["version"]) for row in versions.all()})
        return sorted(documents.values(), key=lambda document: (document.path, document.id))

    def outlines(self) -> list[Document]:
        with self._reading() as versions:
            documents = [self._outline(row) for row in versions.all()]
        return sorted(documents, key=lambda document: (document.path, document.id))

    def document(self, document_id: str) -> Document:
        with self._reading() as versions:
            states = versions.states([digest(document_id)])
            if not states:
                raise unknown_document(document_id)
            (document,) = self._documents(is_one_of("state", states)).values()
        return document

    def counts(self) -> tuple[int, int]:
        with self._reading() as versions:
            documents = versions.all()
        return len(documents), sum(row["number"] for row in documents)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._reading():
            yield

    def maintain(self) -> None:
        """Sweep away versions that another has replaced for KEEP_OLD, and those that a killed writer has left."""
        self._writes = 0
        now = time.time()
        for kind, age in ((OLD, KEEP_OLD), (BEGUN, WRITTEN_WITHIN)):
            limit = f'kind == "{kind}" and number <= {_milliseconds(now - age)}'
            notes = list(self._server.rows(self._server.documents, limit, ["key", "document", "version", "state"]))
            for start in range(0, len(notes), NOTES_AT_ONCE):
                self._sweep(notes[start : start + NOTES_AT_ONCE])

    def close(self) -> None:
        with suppress(StorageError):  # the next writer sweeps as well
            if self._writes:
                self.maintain()
        self._server.close()

    @contextmanager
    def _reading(self) -> Iterator[Versions]:
        """The versions that this thread sees, however deeply nested."""
        outer: Versions | None = getattr(self._reader, "versions", None)
        if outer is not None:
            yield outer
            return
        self._reader.versions = Versions(self._server, self._outdated)
        try:
            yield self._reader.versions
        finally:
            self._reader.versions = None

    def _write(self, contents: Sequence[Content], removed: Sequence[str]) -> None:
        for _ in range(ATTEMPTS):
            if self._written(contents, removed):
                break
        else:
            raise IndexBusy(f"Other processes are writing the same documents to {self.uri}. Run it again.")
        self._writes += 1
        if self._writes >= SWEEP_EVERY:
            self.maintain()

    def _written(self, contents: Sequence[Content], removed: Sequence[str]) -> bool:
        """Write new versions where nobody looks for them yet; then let them be the ones that count. False: another
        writer's version is newer."""
        server, begun = self._server, time.time()
        touched = [digest(id_) for id_ in (*(content[0].id for content in contents), *removed)]
        before = document_rows(server, touched)
        version = max([time.time_ns() // 1_000, *(abs(row["version"]) + 1 for row in before.values())])
        notes = [
            kept_row(BEGUN, f"{key}:{version}", document=key, version=version, number=_milliseconds(begun))
            for key in touched[: len(contents)]
        ]
        commit: list[Row] = []
        beside: list[Row] = []
        rows: list[Row] = []
        for document, passages, vectors in contents:
            found, spilled = passage_rows(document, passages, vectors, version)
            rows += found
            beside += [*text_rows(document, version), *spilled]
            key = digest(document.id)
            size = int(sizes([row["words"] for row in found]).sum())
            commit.append(
                kept_row(
                    DOCUMENT,
                    key,
                    document=key,
                    version=version,
                    number=len(passages),
                    size=size,
                    content=outline_content(document),
                )
            )
        commit += [kept_row(DOCUMENT, key, document=key, version=-version) for key in touched[len(contents) :]]
        server.upsert(server.documents, [*notes, *beside])
        server.upsert(server.passages, rows)
        if not self._committed(commit, touched, version, begun):
            return False
        if notes:
            server.delete(server.documents, is_one_of("key", [note["key"] for note in notes]))
        return True

    def _committed(self, rows: list[Row], touched: Sequence[str], version: int, begun: float) -> bool:
        """One upsert. The versions are looked up again just before: another writer may have changed them."""
        now = time.time()
        if now - begun > WRITTEN_WITHIN / 2:
            raise IndexBusy(f"Writing to {self.uri} took too long. Nothing has changed; run it again.")
        for document, row in document_rows(self._server, touched).items():
            old = row["version"]
            if abs(old) >= version:
                return False
            if old > 0:
                number = _milliseconds(now)
                rows.append(kept_row(OLD, f"{document}:{old}", document=document, version=old, number=number))
        rows.append(kept_row(CHANGED, str(self._slot), version=version))
        self._server.call("upsert", self._server.documents, rows)
        return True

    def _sweep(self, notes: Sequence[Row]) -> None:
        server = self._server
        counting = document_rows(server, {note["document"] for note in notes})
        gone = [note["state"] for note in notes if counting.get(note["document"], NEVER)["version"] != note["version"]]
        if gone:
            server.delete(server.passages, is_one_of("state", gone))
            kinds = f'kind in ["{TEXT}", "{SPILLED}"]'
            server.delete(server.documents, f"{is_one_of('state', gone)} and {kinds}")
        server.delete(server.documents, is_one_of("key", [note["key"] for note in notes]))

    def _best(self, search: Search, scored: Scored, k: int, count: int, where: Where) -> Ranked:
        """The k best of the versions that count: more are fetched until none that is left out can be one of them."""
        if k <= 0:
            return []
        found: dict[str, tuple[Row, float]] = {}
        with self._reading() as versions:
            for limit in _limits(where):
                for row, score in self._scored(versions, search, scored, k, min(count, MOST), limit):
                    found[row["id"]] = (row, score)
        rows = [row for row, _ in found.values()]
        return best(
            [row["id"] for row in rows],
            [row["document_id"] for row in rows],
            [row["start"] for row in rows],
            [score for _, score in found.values()],
            k,
        )

    def _scored(
        self, versions: Versions, search: Search, scored: Scored, k: int, count: int, limit: str
    ) -> list[tuple[Row, float]]:
        while True:
            live, fetched = versions.live(partial(search, count, limit))
            scores, least = scored(live, fetched) if fetched else ([], 0.0)
            enough = len(scores) >= k and sorted(scores)[-k] > least
            if enough or len(fetched) < count or count == MOST:
                return list(zip(live, scores, strict=True))
            count = min(AGAIN * count, MOST)

    def _documents(self, limit: str, states: Collection[str] | None = None) -> dict[str, Document]:
        """By digest, those whose parts a filter lets through, or those of `states`."""
        parts: dict[str, list[Row]] = {}
        limit = f'{limit}{" and " if limit else ""}kind == "{TEXT}"'
        for row in self._server.rows(self._server.documents, limit, ["document", "state", "number", "content"]):
            if states is None or row["state"] in states:
                parts.setdefault(row["document"], []).append(row)
        return {document: document_of(found) for document, found in parts.items()}

    def _outline(self, row: Row) -> Document:
        if row["content"]:
            return outline_of(row["content"])
        (document,) = self._documents(is_one_of("state", [state(row["document"], row["version"])])).values()
        return outline(document)

    def _passages(self, states: Sequence[str]) -> dict[str, tuple[list[Passage], Vectors]]:
        """By the digest of their document, in their order."""
        if not states:
            return {}
        found: dict[str, list[Row]] = {}
        for row in self._server.rows(self._server.passages, is_one_of("state", states), [*PASSAGE_FIELDS, "vector"]):
            found.setdefault(row["document"], []).append(row)
        for rows in found.values():
            rows.sort(key=lambda row: row["start"])
        return {
            document: (
                [passage_of(row, self._whole_content(row)) for row in rows],
                self._matrix([row["vector"] for row in rows]),
            )
            for document, rows in found.items()
        }

    def _whole_content(self, row: Row) -> str:
        if row["content"]:
            return str(row["content"])
        limit = f'{is_one_of("state", [row["state"]])} and kind == "{SPILLED}"'
        parts = self._server.rows(self._server.documents, limit, ["key", "number", "content"])
        own = [part for part in parts if part["key"].startswith(f"{SPILLED}:{row['passage']}:")]
        return "".join(part["content"] for part in sorted(own, key=lambda part: part["number"]))

    def _matrix(self, vectors: Sequence[Any]) -> Vectors:
        return np.array(vectors, np.float32).reshape(len(vectors), self._dimension)

    def _check_width(self, width: int) -> None:
        if width != self._dimension:
            raise IndexMismatch(
                f"The index at {self.uri} holds vectors of {self._dimension} dimensions, not {width}. Use the embedder "
                f"that made it ({self._manifest.get('embedder', '?')}), or index into a new collection."
            )


def _create(server: Server, manifest: Mapping[str, str]) -> None:
    """What is missing of the two collections and the manifest: another may have been killed after each of them."""
    made: tuple[tuple[str, Any, Mapping[str, Mapping[str, Any]], dict[str, int]], ...] = (
        (server.passages, passages_schema(int(manifest.get("dimension", 0)) or 1), PASSAGES_INDEXES, {}),
        (server.documents, documents_schema(), DOCUMENTS_INDEXES, {"num_shards": 1}),
    )
    for name, schema, indexes, settings in made:
        server.make(name, schema, indexes, settings)
    if not server.query(server.documents, is_one_of("key", [f"{MANIFEST}:{MANIFEST}"]), ["key"]):
        kept = json.dumps({"layout": LAYOUT, "manifest": dict(manifest)})
        server.upsert(server.documents, [kept_row(MANIFEST, MANIFEST, content=kept)])


def _manifest(server: Server) -> Mapping[str, str]:
    server.check(server.documents, ("key", "kind", "content"))
    rows = server.query(server.documents, is_one_of("key", [f"{MANIFEST}:{MANIFEST}"]), ["content"])
    if not rows:
        raise _missing(server.uri)
    kept = json.loads(rows[0]["content"])
    if kept["layout"] != LAYOUT:
        raise IndexMismatch(
            f"The index at {server.uri} has layout {kept['layout']}; this version reads layout {LAYOUT}. "
            f"Build a new one with: qa index YOUR_SOURCES --storage {server.uri}_new"
        )
    manifest: Mapping[str, str] = kept["manifest"]
    return manifest


def _missing(uri: str) -> IndexMissing:
    return IndexMissing(f"No index at {uri}. Build one with: qa index YOUR_SOURCES --storage {uri}")


def _limits(where: Where) -> list[str]:
    """The filters of the searches that together are one."""
    if where.everywhere:
        return [""]
    limits = []
    if where.tags:
        tags = ", ".join(f'"{digest(tag)}"' for tag in sorted(where.tags))
        limits.append(f"array_contains_any(tags, [{tags}])")
    documents = sorted(map(digest, where.documents or ()))
    limits += [
        is_one_of("document", documents[start : start + IDS_AT_ONCE]) for start in range(0, len(documents), IDS_AT_ONCE)
    ]
    return limits


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1_000)
