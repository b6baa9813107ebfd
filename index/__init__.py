"""Documents → passages → a saved index → hits."""

from index.manifest import open_index
from index.search import Index
from index.sync import SyncReport, sync
from index.types import Document, Hit, Passage

__all__ = ["Document", "Hit", "Index", "Passage", "SyncReport", "open_index", "sync"]
