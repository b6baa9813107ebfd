"""One document, read again from its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.manifest import storage_name
from index.reading import SourceReader
from index.sources import load_document
from index.store import open_store
from index.types import Document
from index.uploads import WAIT_SECONDS
from index.writer import Writer, one_writer


def reindex_document(document_id: str, storage: str | Path | None = None, *, wait: float = WAIT_SECONDS) -> Document:
    """Bring a document into step with its file, in one atomic step; its id, path and tags stay.

    Raises DocumentUnknown, IndexMissing, IndexBusy, and SourceError for a file that has gone or cannot be read: the
    document stays as it was then.
    """
    storage = storage_name(storage)
    open_store(storage).close()  # where there is no index, none is to be made
    with one_writer(storage, wait), Writer(storage) as writer, SourceReader() as reader:
        assert writer.store is not None
        old = writer.store.document(document_id)
        document = load_document(Path(old.location), reader, name=old.path)
        document = replace(document, id=old.id, tags=old.tags)
        writer.write(document)
    return document
