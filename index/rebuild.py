"""Make an index anew from what it holds, beside the old one, and put it in its place at the end."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from index.config import load_settings
from index.embed import open_embedder
from index.errors import SourceError, StorageError
from index.manifest import make_manifest, storage_name
from index.passages import Splitter, split
from index.pieces import encodable
from index.reading import SourceReader
from index.sources import is_gone, load_document
from index.store import store_opener
from index.store.sqlite import SqliteStore
from index.store.whole import kept_documents, put_in_place
from index.sync import Progress, SyncReport
from index.types import Document
from index.unfinished import MARK, check_whole
from index.uploads import is_upload
from index.writer import embedded_text, one_writer

BESIDE = ".rebuilding"


def rebuild(
    storage: str | Path | None = None,
    *,
    embedder: str | None = None,
    progress: Progress | None = None,
    wait: float = 0,
) -> SyncReport:
    """Read, split and embed every document of the index anew, with another embedder if one is named.

    A document whose file is gone or cannot be read any more is made from its stored text. Questions are answered from
    the old index meanwhile; the new one takes its place in one step, and a process killed before leaves the old one.
    An index of an earlier format becomes one of this. Raises IndexMissing, IndexDamaged, IndexBusy, StorageFull.
    """
    storage = storage_name(storage)
    if "://" in storage:
        store_opener(storage)
        raise StorageError(
            f"Only an index in a folder can be rebuilt. Move it there with: qa move {storage} FOLDER; then: "
            "qa index --rebuild --storage FOLDER; and back to another place: qa move FOLDER URI"
        )
    folder = Path(storage)
    _, documents = kept_documents(folder)  # where there is no index, no folder is to be made
    if any(document.id == MARK for document in documents):
        with closing(SqliteStore.open(folder)) as store:
            check_whole(store, storage)
    with one_writer(storage, wait):
        made_with, documents = kept_documents(folder)
        beside = folder / BESIDE
        shutil.rmtree(beside, ignore_errors=True)
        try:
            name = embedder or made_with or load_settings().embedder
            report = _build(documents, folder, beside, name, progress or (lambda *_: None))
            put_in_place(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return report


def _build(documents: list[Document], folder: Path, beside: Path, embedder_name: str, progress: Progress) -> SyncReport:
    embedder, splitter = open_embedder(embedder_name), Splitter()
    read_again: list[str] = []
    stored: list[str] = []
    failed: list[tuple[str, str]] = []
    passages = 0
    store = SqliteStore.open(beside, make_manifest(embedder, splitter), home=folder)
    try:
        with SourceReader() as reader:
            for done, old in enumerate(documents):
                progress(done, len(documents), old.path)
                document = old
                location = Path(old.location)
                if not is_gone(location):
                    try:
                        name = old.path if is_upload(old, folder) else None
                        document = replace(load_document(location, reader, name=name), id=old.id, tags=old.tags)
                    except SourceError as exc:
                        failed.append((encodable(str(location)), encodable(str(exc))))
                (stored if document is old else read_again).append(document.path)
                parts = split(document, splitter)
                vectors = embedder.embed_passages([embedded_text(part) for part in parts])
                store.replace_document(document, parts, vectors)
                passages += len(parts)
        progress(len(documents), len(documents), "")
    finally:
        store.close()
    return SyncReport(replaced=tuple(read_again), unchanged=tuple(stored), failed=tuple(failed), passages=passages)
