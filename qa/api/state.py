"""What /healthz says."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from index.search import Index


def state(index: Index) -> dict[str, Any]:
    """Raises StorageError when the index cannot be read."""
    documents, passages = index.store.counts()
    return {"status": "ok", "documents": documents, "passages": passages, "version": version("footnote")}
