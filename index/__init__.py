"""Documents → passages → a saved index → hits."""

from index.search import Index
from index.sync import SyncReport, open_index, sync
from index.types import Document, Hit, Passage

__all__ = ["Document", "Hit", "Index", "Passage", "SyncReport", "open_index", "sync"]
