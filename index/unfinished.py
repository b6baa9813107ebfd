"""The mark of an index that is not whole yet, because it is being moved there: a document that says from where."""

from __future__ import annotations

import shlex

from index.errors import DocumentUnknown, IndexUnfinished
from index.store import Store
from index.types import Document

MARK = "footnote:moving"
"""The id of the mark: documents' own are hexadecimal."""


def mark(source: str) -> Document:
    return Document(MARK, "", "", source, sha256="")


def moving_from(store: Store) -> str | None:
    """Where an index comes from that is not all in `store` yet; None for one that is whole."""
    try:
        return store.document(MARK).text
    except DocumentUnknown:
        return None


def check_whole(store: Store, storage: str) -> None:
    """Raises IndexUnfinished naming the command that finishes it."""
    source = moving_from(store)
    if source is not None:
        raise IndexUnfinished(
            f"The index at {storage} is not whole: it was not moved to its end. Finish it with: "
            f"qa move {shlex.quote(source)} {shlex.quote(storage)}"
        )
