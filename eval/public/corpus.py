"""Documents that come from no file → an opened index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.progress import watched
from eval.systems.footnote import over_index
from eval.types import Asks
from index.config import load_settings
from index.embed import open_embedder
from index.passages import Splitter, split
from index.search import Index
from index.store import open_store
from index.sync import embedded_text
from index.types import Document


@contextmanager
def assistant_over_documents(documents: Sequence[Document], reader: Path | None = None) -> Iterator[Asks]:
    """An assistant over `documents`, indexed into a temporary folder that goes when the context ends."""
    with (
        TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as folder,
        over_index(indexed(documents, Path(folder)), reader) as assistant,
    ):
        yield assistant


def indexed(documents: Sequence[Document], folder: Path, splitter: Splitter | None = None) -> Index:
    """All documents in a new index at `folder`, opened; cut by `splitter`, the shipped one where it is None."""
    embedder = open_embedder(load_settings().embedder)
    store = open_store(str(folder), create={"embedder": embedder.name})
    for document in watched(documents, len(documents), "Indexing"):
        passages = split(document, splitter)
        texts = [embedded_text(passage) for passage in passages]
        store.replace_document(document, passages, embedder.embed_passages(texts))
    return Index(store, embedder)
