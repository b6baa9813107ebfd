"""Make an index equal to its sources: add what is new, replace what changed, remove what is gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from index.config import load_settings
from index.embed import Embedder, open_embedder
from index.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    NoSources,
    SourceError,
    SourceMissing,
    StorageError,
)
from index.passages import Splitter, split
from index.pieces import encodable
from index.reading import SourceReader
from index.search import Index
from index.sources import document_id, file_digest, find_sources, is_gone, load_document
from index.store import FORMAT, Store, open_store, store_opener
from index.types import Document, Passage

Progress = Callable[[int, int, str], None]
"""Called before each source with (sources done, sources in all, the next one's name), and once at the end."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, by path; `failed` holds (path, reason)."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    passages: int = 0


def open_index(storage: str | Path | None = None, embedder: str | None = None) -> Index:
    """Open a saved index with the embedder that made it.

    Raises IndexMissing, IndexDamaged, and IndexMismatch when it was made with another format, splitter or, if
    `embedder` is given, another embedder.
    """
    storage = _named(storage)
    store = open_store(storage)
    try:
        name = _checked(store.manifest(), storage, embedder)
        return Index(store, _opened(name, store, storage))
    except BaseException:
        store.close()
        raise


def sync(
    sources: Sequence[str | Path],
    storage: str | Path | None = None,
    *,
    embedder: str | None = None,
    prune: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Bring the index at `storage` into step with `sources` (files, or folders with all below them).

    Files whose bytes are unchanged are not touched; each document is replaced in one atomic step, so that a process
    killed at any moment leaves the last committed state and the next sync goes on from there. A source that cannot be
    read is reported in `failed` and stops nothing; its old version, if any, stays. With `prune`, documents
    below `sources` whose file is gone are removed. Raises SourceError when there is nothing to index, IndexBusy
    when another process writes, IndexMismatch, StorageFull.
    """
    storage = _named(storage)
    store_opener(storage)  # a URI that nothing opens must not become a folder
    found = _found(sources, storage, prune)
    with _one_writer(storage):
        return _Sync(storage, embedder, progress).run(found, sources if prune else ())


class _Sync:
    """One run. The store is made with the first document that can be read, so that a failure leaves no empty index."""

    def __init__(self, storage: str, embedder: str | None, progress: Progress | None) -> None:
        self._storage = storage
        self._progress = progress or (lambda done, total, name: None)
        self._splitter = Splitter()
        self._embedder: Embedder | None = None
        self._store: Store | None
        try:
            self._store = open_store(storage)
            self._embedder_name = _checked(self._store.manifest(), storage, embedder)
        except IndexMissing:
            self._store = None
            self._embedder_name = embedder or load_settings().embedder

    def run(self, found: Sequence[Path], prune_below: Sequence[str | Path]) -> SyncReport:
        try:
            known = {document.id: document for document in self._store.documents()} if self._store else {}
            report = self._bring_in(found, known)
            return replace(report, removed=self._remove_gone(known.values(), set(found), prune_below))
        finally:
            if self._store is not None:
                self._store.close()

    def _bring_in(self, found: Sequence[Path], known: Mapping[str, Document]) -> SyncReport:
        added: list[str] = []
        replaced: list[str] = []
        unchanged: list[str] = []
        failed: list[tuple[str, str]] = []
        passages = 0
        with SourceReader() as reader:
            for done, location in enumerate(found):
                self._progress(done, len(found), encodable(location.name))
                old = known.get(document_id(location))
                try:
                    if old is not None and old.sha256 == file_digest(location):
                        unchanged.append(old.path)
                        continue
                    document = load_document(location, reader)
                except SourceError as exc:
                    failed.append((encodable(str(location)), encodable(str(exc))))
                    continue
                passages += self._write(document)
                (added if old is None else replaced).append(document.path)
        self._progress(len(found), len(found), "")
        return SyncReport(tuple(added), tuple(replaced), tuple(unchanged), (), tuple(failed), passages)

    def _write(self, document: Document) -> int:
        """Embed and store one document; the number of its passages."""
        if self._embedder is None:
            self._embedder = _opened(self._embedder_name, self._store, self._storage)
        passages = split(document, self._splitter)
        vectors = self._embedder.embed_passages([embedded_text(passage) for passage in passages])
        if self._store is None:
            self._store = open_store(self._storage, create=_manifest(self._embedder, self._splitter))
        self._store.replace_document(document, passages, vectors)
        return len(passages)

    def _remove_gone(
        self, known: Iterable[Document], found: Collection[Path], prune_below: Sequence[str | Path]
    ) -> tuple[str, ...]:
        removed = []
        roots = [Path(path).resolve() for path in prune_below]
        for document in known:
            location = Path(document.location)
            below = any(map(location.is_relative_to, roots))
            # No source any more: gone, or left out since by .footnoteignore. What cannot be looked at stays.
            if self._store and below and (is_gone(location) or (location not in found and location.is_file())):
                self._store.delete_document(document.id)
                removed.append(document.path)
        return tuple(removed)


def embedded_text(passage: Passage) -> str:
    """What is embedded for a passage: the document's title and the section's heading in front of its text."""
    return f"{passage.lead}\n{passage.text}" if passage.lead else passage.text


def _found(sources: Sequence[str | Path], storage: str, prune: bool) -> list[Path]:
    """The source files. When pruning, a source that is gone or empty now, but from which something is indexed, is what
    there is to prune and no error."""
    if not prune:
        return find_sources(sources)
    found: dict[Path, None] = {}
    for source in sources:
        try:
            found.update(dict.fromkeys(find_sources([source])))
        except (SourceMissing, NoSources):
            if not _indexed_below(Path(source).resolve(), storage):
                raise
    return list(found)


def _indexed_below(root: Path, storage: str) -> bool:
    try:
        store = open_store(storage)
    except IndexMissing:
        return False
    try:
        return any(Path(document.location).is_relative_to(root) for document in store.documents())
    finally:
        store.close()


def _manifest(embedder: Embedder, splitter: Splitter) -> dict[str, str]:
    return {
        "format": str(FORMAT),
        "embedder": embedder.name,
        "dimension": str(embedder.dimension),
        **{f"splitter.{key}": str(value) for key, value in splitter.settings().items()},
    }


def _checked(manifest: dict[str, str], storage: str, embedder: str | None) -> str:
    """The embedder that made the index. Raises IndexMismatch naming what differs and the command that mends it."""
    made_with = manifest.get("embedder", "")
    if not made_with:
        raise IndexDamaged(f"The index at {storage}/ does not say what made it. Build it again from its sources.")
    if embedder is not None and embedder != made_with:
        raise IndexMismatch(
            f"The index at {storage}/ was made with the embedder {made_with}, not {embedder}. Leave --embedder out, or "
            f"build another index with: qa index YOUR_SOURCES --embedder {embedder} --storage {storage}-new"
        )
    for key, value in Splitter().settings().items():
        if manifest.get(f"splitter.{key}") != str(value):
            raise IndexMismatch(
                f"The index at {storage}/ was split with {key} {manifest.get(f'splitter.{key}')}, but this version "
                f"uses {value}. Build a new one with: qa index YOUR_SOURCES --storage {storage}-new"
            )
    return made_with


def _named(storage: str | Path | None) -> str:
    """A folder's name without a slash at its end; a URI as it is."""
    name = str(storage or load_settings().storage)
    return name if "://" in name else str(Path(name))


def _opened(name: str, store: Store | None, storage: str) -> Embedder:
    """The embedder, checked against the vectors that the store holds. Raises IndexMismatch."""
    embedder = open_embedder(name)
    dimension = store.manifest().get("dimension") if store else None
    if dimension not in (None, str(embedder.dimension)):
        raise IndexMismatch(
            f"The index at {storage}/ holds vectors of {dimension} dimensions, but {name} now makes "
            f"{embedder.dimension}: it is another model. Build a new index with: qa index YOUR_SOURCES "
            f"--embedder {name} --storage {storage}-new"
        )
    return embedder


@contextmanager
def _one_writer(storage: str) -> Iterator[None]:
    folder = Path(storage)
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder} is a file. --storage needs a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".writer.lock")
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise IndexBusy(f"Another process is indexing into {folder}/. Wait until it is done.") from exc
    except OSError as exc:
        reason = exc.strerror or os.strerror(exc.errno or 0)
        raise StorageError(f"Cannot write to {folder}/ ({reason}). Choose another --storage.") from exc
    try:
        yield
    finally:
        lock.release()
