"""Where an index is kept: the Store protocol, and the table that a URI chooses from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from index.embed import Vectors
from index.errors import DocumentUnknown, StorageError
from index.types import Document, Passage

FORMAT = 2
"""The version of what is stored; another version is refused with the command that rebuilds."""


@dataclass(frozen=True, slots=True)
class Where:
    """Limits a search to documents by their ids, or by a tag that they carry; one of the two is enough.
    Both None: all documents."""

    documents: frozenset[str] | None = None
    tags: frozenset[str] | None = None

    @property
    def everywhere(self) -> bool:
        return self.documents is None and self.tags is None


EVERYWHERE = Where()
_NOT_IN_NAMES = re.compile(r"[^\w.]+")
Ranked = list[tuple[str, float]]
"""(passage id, score), best first; ties keep document order."""
Content = tuple[Document, Sequence[Passage], Vectors]
"""A document, its passages and their vectors (passages, dimension)."""


class Store(Protocol):
    """Documents, their passages and vectors. One writer at a time, but for SEVERAL_WRITERS; readers always see a whole
    state."""

    @property
    def uri(self) -> str:
        """Where it is kept, as `open_store` takes it."""
        ...

    def manifest(self) -> dict[str, str]:
        """Format, embedder, dimension and splitter settings, as they were given to `create`."""
        ...

    def replace_document(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        """One atomic step: a reader sees the old document or the new one, never neither, never both.

        `vectors` is (len(passages), dimension). Raises StorageFull, IndexBusy; the old state stays then.
        """
        ...

    def replace_documents(self, contents: Sequence[Content]) -> None:
        """The same for several in one step, which is what makes writing many fast."""
        ...

    def delete_document(self, document_id: str) -> None:
        """Also atomic. Raises DocumentUnknown."""
        ...

    def move_document(self, document_id: str, moved: Document) -> None:
        """Give a document another id, place, title or tags; its text, passages and vectors stay. Also atomic.
        Raises DocumentUnknown."""
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

    def content(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a document by their start, and their vectors (passages, dimension); none if unknown."""
        ...

    def contents(self, document_ids: Sequence[str]) -> list[Content]:
        """The same of several, each with its document; an id that is not there is left out."""
        ...

    def sizes(self) -> dict[str, int]:
        """Document id → how many passages it has, of all documents."""
        ...

    def documents(self) -> list[Document]:
        """All documents, by path."""
        ...

    def outlines(self) -> list[Document]:
        """All documents, by path, each as `outline` leaves it: these fit into memory however long the texts are."""
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

    def maintain(self) -> None:
        """Bring what speeds up searching up to date, after much was written."""
        ...

    def close(self) -> None: ...


def _sqlite(uri: str, create: Mapping[str, str] | None) -> Store:
    from index.store.sqlite import SqliteStore

    return SqliteStore.open(Path(uri), create)


def _lancedb(uri: str, create: Mapping[str, str] | None) -> Store:
    os.environ.setdefault("LANCEDB_LOG", "error")  # it warns of parts of an index that are empty, by the hundred
    try:
        from index.store.lancedb import LanceStore
    except ImportError as exc:
        raise StorageError(f"{uri} needs LanceDB. Install it with: pip install 'footnote[lancedb]'") from exc
    return LanceStore.open(uri, create)


def _milvus(uri: str, create: Mapping[str, str] | None) -> Store:
    try:
        from index.store.milvus import MilvusStore
    except ImportError as exc:
        raise StorageError(f"{uri} needs Milvus's client. Install it with: pip install 'footnote[milvus]'") from exc
    return MilvusStore.open(uri, create)


Opener = Callable[[str, Mapping[str, str] | None], Store]
STORES: dict[str, Opener] = {
    "": _sqlite,
    "lancedb": _lancedb,
    "s3": _lancedb,
    "milvus+http": _milvus,
    "milvus+https": _milvus,
}
"""URI scheme → how to open; a plain path has no scheme."""
SEVERAL_WRITERS = {"milvus+http", "milvus+https"}


def open_store(uri: str, create: Mapping[str, str] | None = None) -> Store:
    """The store at `uri`; with `create`, a manifest, it is made if there is none. Raises StorageError."""
    return store_opener(uri)(uri, create)


def store_opener(uri: str) -> Opener:
    """The row of STORES for `uri`. Raises StorageError."""
    scheme = uri.partition("://")[0] if "://" in uri else ""
    if scheme not in STORES:
        raise StorageError(
            f"No store for {uri!r}. Give a folder, such as storage/, lancedb://FOLDER, s3://BUCKET/PREFIX or "
            "milvus+http://HOST:19530/NAME."
        )
    return STORES[scheme]


def has_several_writers(uri: str) -> bool:
    """Whether processes may write other documents to the store at `uri` at the same time."""
    return uri.partition("://")[0] in SEVERAL_WRITERS


def local_folder(uri: str) -> Path:
    """The folder on this machine that belongs to the store at `uri`: for the writer's lock, uploads and feedback. Where
    the store itself is elsewhere, it is below $XDG_DATA_HOME (~/.local/share) and named for the URI without a password.
    """
    scheme, _, place = uri.rpartition("://")
    if scheme in ("", "lancedb"):
        return Path(place)
    public = f"{scheme}://{place.rpartition('@')[2].rstrip('/')}"
    name = f"{_NOT_IN_NAMES.sub('-', public)[:80]}-{sha256(public.encode()).hexdigest()[:8]}"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data, "footnote", name)


def outline(document: Document) -> Document:
    """Without what grows with its length: text, pages and headings."""
    return replace(document, text="", pages=None, headings=())


def checked_content(document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
    """Raises ValueError for what a caller must not hand to a store."""
    if len(passages) != len(vectors):
        raise ValueError(f"{len(passages)} passages but {len(vectors)} vectors")
    if any(passage.document_id != document.id for passage in passages):
        raise ValueError("constraint: a passage belongs to another document")
    if len({passage.id for passage in passages}) < len(passages):
        raise ValueError("constraint: two passages have one id")


def unknown_document(document_id: str) -> DocumentUnknown:
    return DocumentUnknown(f"No document has the id {document_id!r}. List them with: qa documents")
