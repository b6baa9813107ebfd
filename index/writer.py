"""The one process that changes an index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock
from types import TracebackType

import numpy as np

from index.config import load_settings
from index.embed import Embedder
from index.errors import IndexBusy, IndexMissing, StorageError, StorageFull
from index.manifest import checked_manifest, make_manifest, matching_embedder
from index.part import WHOLE, Part
from index.passages import Splitter, split
from index.store import Content, Store, has_several_writers, local_folder, open_store, store_opener
from index.types import Document, Passage
from index.unfinished import check_whole

STEP = 256
"""Passages that are embedded at once: a second's work, after which a stop is noticed."""


class Writer:
    """Changes the index at `storage`, a document an atomic step. Use as a context manager, under `one_writer`.

    The store is made with the first document, so that a failure leaves no empty index. Raises IndexMismatch,
    IndexUnfinished.
    """

    def __init__(self, storage: str, embedder: str | None = None) -> None:
        self._storage = storage
        self._splitter = Splitter()
        self._opened: Embedder | None = None
        self._opening, self._stopped = Lock(), Event()
        self.store: Store | None
        try:
            self.store = open_store(storage)
            check_whole(self.store, storage)
            self._embedder_name = checked_manifest(self.store.manifest(), storage, embedder)
        except IndexMissing:
            self.store = None
            self._embedder_name = embedder or load_settings().embedder
        except BaseException:
            self.close()
            raise

    def documents(self) -> dict[str, Document]:
        """By id, without their texts: see `Store.outlines`."""
        return {document.id: document for document in self.store.outlines()} if self.store else {}

    def write(self, document: Document) -> int:
        """Split, embed and store a document in place of the one with its id; the number of its passages."""
        return self.keep(self.prepared([document]))

    def prepared(self, documents: Sequence[Document]) -> list[Content]:
        """The documents, split, and embedded together; nothing is stored yet. May run in several threads. Raises
        StorageError after `stop`."""
        if not documents:
            return []
        parts = [split(document, self._splitter) for document in documents]
        texts = [embedded_text(passage) for passages in parts for passage in passages]
        vectors = []
        for start in range(0, max(1, len(texts)), STEP):
            if self._stopped.is_set():
                raise StorageError("Indexing was stopped.")
            vectors.append(self._embedder().embed_passages(texts[start : start + STEP]))
        ends = np.cumsum([len(passages) for passages in parts])[:-1]
        return list(zip(documents, parts, np.split(np.concatenate(vectors), ends), strict=True))

    def stop(self) -> None:
        """End what other threads are preparing."""
        self._stopped.set()

    def keep(self, contents: Sequence[Content]) -> int:
        """Store what was prepared in place of the documents with these ids, in one step; the number of passages. Where
        the disk is too full for all, those before the first that does not fit are stored, and StorageFull is raised."""
        if self.store is None:
            self.store = open_store(self._storage, create=make_manifest(self._embedder(), self._splitter))
            # Another worker may have made it just now, with another embedder.
            checked_manifest(self.store.manifest(), self._storage, self._embedder_name)
        try:
            self.store.replace_documents(contents)
        except StorageFull:
            for content in contents:
                self.store.replace_document(*content)
        return sum(len(passages) for _, passages, _ in contents)

    def move(self, document_id: str, moved: Document) -> None:
        """Give a document another id, place, title or tags without embedding it again."""
        assert self.store is not None
        self.store.move_document(document_id, moved)

    def delete(self, document_id: str) -> None:
        assert self.store is not None
        self.store.delete_document(document_id)

    def _embedder(self) -> Embedder:
        with self._opening:
            if self._opened is None:
                self._opened = matching_embedder(self._embedder_name, self.store, self._storage)
            return self._opened

    def close(self) -> None:
        if getattr(self, "store", None) is not None:
            assert self.store is not None
            self.store.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def embedded_text(passage: Passage) -> str:
    """What is embedded for a passage: the document's title and the section's heading in front of its text."""
    return f"{passage.lead}\n{passage.text}" if passage.lead else passage.text


@contextmanager
def one_writer(storage: str, wait: float = 0, part: Part = WHOLE) -> Iterator[None]:
    """Nobody else on this machine changes the index meanwhile, or this part of it. Raises IndexBusy when somebody does
    for longer than `wait` seconds, StorageError for a part of an index that has one writer only."""
    from filelock import FileLock, Timeout

    store_opener(storage)  # a URI that nothing opens must not become a folder
    if not part.whole and not has_several_writers(storage):
        raise StorageError(
            f"{storage} has one writer at a time. Workers share an index on a Milvus server, as in "
            "--storage milvus+http://HOST:19530/NAME; move it there with qa move."
        )
    name = ".writer.lock" if part.whole else f".writer-{part.worker}-of-{part.workers}.lock"
    folder = local_folder(storage)
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder} is a file. --storage needs a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / name)
        lock.acquire(timeout=wait)
    except Timeout as exc:
        raise IndexBusy(f"Another process is indexing into {folder}/. Wait until it is done.") from exc
    except OSError as exc:
        reason = exc.strerror or os.strerror(exc.errno or 0)
        raise StorageError(f"Cannot write to {folder}/ ({reason}). Choose another --storage.") from exc
    try:
        yield
    finally:
        lock.release()
