"""An index into another store, vectors and all: nothing is read, split or embedded again."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.errors import IndexMissing, StorageError, StorageFull
from index.manifest import storage_name
from index.sources import file_digest
from index.store import Content, Store, local_folder, open_store, store_opener
from index.types import Document
from index.unfinished import MARK, check_whole, mark, moving_from
from index.uploads import is_upload
from index.writer import one_writer

BATCH = 5_000
"""Passages that are written in one commit: some 30 MB. A document that has more is written by itself."""

Moved = Callable[[int, int], None]
"""Called with (passages done, passages in all) as they are written, and once before."""


@dataclass(frozen=True, slots=True)
class MoveReport:
    """How many documents and passages the new index has, and how many passages of it were there from a run before."""

    documents: int
    passages: int
    there: int


def move(source: str | Path, target: str | Path, progress: Moved | None = None) -> MoveReport:
    """Copy the index at `source` into `target`, where there is none yet; the old one stays as it is.

    Until it is whole, the new one is refused by whoever opens it. Stopped at any moment, the same call goes on, also
    when the old one has changed since. Originals of uploads go along. Nobody may write to either meanwhile. Raises
    IndexMissing, IndexBusy, StorageFull; StorageError where `target` holds another index.
    """
    source, target = storage_name(source), storage_name(target)
    store_opener(target)
    if source == target or _one_place(source, target):
        raise StorageError(f"{target} is where the index is already. Name another place.")
    with closing(open_store(source)) as old:  # where there is no index, no folder is to be made
        check_whole(old, source)
        with one_writer(source), one_writer(target), closing(_opened(target, old, source)) as new:
            report = _copied(old, new, source, target, progress or (lambda *_: None))
            new.maintain()
            new.delete_document(MARK)
    return report


def _one_place(source: str, target: str) -> bool:
    places = [local_folder(uri).resolve() for uri in (source, target)]
    return places[0] == places[1]


def _opened(target: str, old: Store, source: str) -> Store:
    """The store at `target`, marked. Raises StorageError where it holds another index."""
    try:
        store = open_store(target)
    except IndexMissing:
        store = open_store(target, create=old.manifest())
    try:
        coming = moving_from(store)
        if coming is None and store.counts() != (0, 0):
            raise StorageError(f"There is an index at {target} already. Name another place.")
        if coming not in (None, source) or store.manifest() != old.manifest():
            raise StorageError(
                f"{target} holds part of another index{f', of {coming}' if coming else ''}. Name another place."
            )
        if coming is None:
            store.replace_document(mark(source), [], np.zeros((0, int(old.manifest()["dimension"])), np.float32))
    except BaseException:
        store.close()
        raise
    return store


def _copied(old: Store, new: Store, source: str, target: str, progress: Moved) -> MoveReport:
    wanted, there = old.sizes(), new.sizes()
    for gone in there.keys() - wanted.keys() - {MARK}:  # the old index has changed since
        new.delete_document(gone)
    total, done, kept = sum(wanted.values()), 0, 0
    progress(done, total)
    for ids in _batches(wanted):
        contents = [_carried(content, source, target) for content in old.contents(ids)]
        known = {content[0].id: content for content in new.contents([id_ for id_ in ids if id_ in there])}
        missing = [content for content in contents if not _same(content, known.get(content[0].id))]
        if missing:
            new.replace_documents(missing)
        count = sum(wanted[id_] for id_ in ids)
        done, kept = done + count, kept + count - sum(len(passages) for _, passages, _ in missing)
        progress(done, total)
    if (found := {id_: size for id_, size in new.sizes().items() if id_ != MARK}) != wanted:
        raise StorageError(
            f"{target} holds {len(found)} of {len(wanted)} documents. Move it again with the same command."
        )
    return MoveReport(len(wanted), total, kept)


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """The documents' ids, so many at a time that their passages are at most BATCH, or one."""
    batch: list[str] = []
    held = 0
    for id_, size in sorted(sizes.items()):
        if batch and (held + size > BATCH or len(batch) == BATCH):
            yield batch
            batch, held = [], 0
        batch.append(id_)
        held += size
    if batch:
        yield batch


def _same(content: Content, other: Content | None) -> bool:
    if other is None:
        return False
    document, passages, vectors = content
    return document == other[0] and list(passages) == list(other[1]) and np.array_equal(vectors, other[2])


def _carried(content: Content, source: str, target: str) -> Content:
    """The same; of an upload, with its original copied into the folder that belongs to `target`."""
    document, passages, vectors = content
    if not is_upload(document, source):
        return content
    place = Path(document.location).relative_to(local_folder(source).resolve())
    location = local_folder(target).resolve() / place
    _copy(Path(document.location), location, document)
    return replace(document, location=str(location)), passages, vectors


def _copy(original: Path, location: Path, document: Document) -> None:
    """Raises StorageFull, StorageError. An original that is gone is not there afterwards either."""
    if not original.is_file() or (location.is_file() and file_digest(location) == document.sha256):
        return
    beside = location.with_name(f".{location.name}")
    try:
        location.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(original, beside)
        beside.replace(location)
    except OSError as exc:
        kind = StorageFull if exc.errno in (errno.ENOSPC, errno.EDQUOT) else StorageError
        raise kind(f"Cannot write {location} ({exc.strerror}). Make room, and move the index again.") from exc
