"""Where an index is kept: the Store protocol, and the table that a URI chooses from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.embed import Vectors
from index.errors import StorageError
from index.types import Document, Passage

FORMAT = 1
"""The version of what is stored; another version is refused with the command that rebuilds."""


@dataclass(frozen=True, slots=True)
class Where:
    """Limits a search. `documents`: ids; None means all."""

    documents: frozenset[str] | None = None


EVERYWHERE = Where()
Ranked = list[tuple[str, float]]
"""(passage id, score), best first; ties keep document order."""


class Store(Protocol):
    """Documents, their passages and vectors. One writer at a time; readers always see a whole state."""

    def manifest(self) -> dict[str, str]:
        """Format, embedder, dimension and splitter settings, as they were given to `create`."""
        ...

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        """One atomic step: a reader sees the old document or the new one, never neither, never both.

        `vectors` is (len(passages), dimension). Raises StorageFull, IndexBusy; the old state stays then.
        """
        ...

    def delete_document(self, document_id: str) -> None:
        """Also atomic. Raises DocumentUnknown."""
        ...

    def dense(self, vector: Vectors, k: int, where: Where = EVERYWHERE) -> Ranked:
        """The k passages with the greatest cosine to `vector` (dimension,), exactly."""
        ...

    def text(self, query: str, k: int, where: Where = EVERYWHERE) -> Ranked:
        """The k passages with the greatest BM25 for the words of `query`; only those that share a word."""
        ...

    def get(self, ids: Sequence[str]) -> Mapping[str, Passage]:
        """The passages with these ids; an id that is not there is left out."""
        ...

    def documents(self) -> list[Document]:
        """All documents, by path."""
        ...

    def document(self, document_id: str) -> Document:
        """Raises DocumentUnknown."""
        ...

    def counts(self) -> tuple[int, int]:
        """How many documents and how many passages there are."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it, this thread's reads all see one state."""
        ...

    def close(self) -> None: ...


def _sqlite(uri: str, create: Mapping[str, str] | None) -> Store:
    from index.store.sqlite import SqliteStore

    return SqliteStore.open(Path(uri), create)


Opener = Callable[[str, Mapping[str, str] | None], Store]
STORES: dict[str, Opener] = {"": _sqlite}
"""URI scheme → how to open; a plain path has no scheme."""


def open_store(uri: str, create: Mapping[str, str] | None = None) -> Store:
    """The store at `uri`; with `create`, a manifest, it is made if there is none. Raises StorageError."""
    return store_opener(uri)(uri, create)


def store_opener(uri: str) -> Opener:
    """The row of STORES for `uri`. Raises StorageError."""
    scheme = uri.partition("://")[0] if "://" in uri else ""
    if scheme not in STORES:
        raise StorageError(f"No store for {uri!r}. Give a folder, such as storage/.")
    return STORES[scheme]
