"""What the SQLite store keeps in memory: all vectors, and which documents they and the tags belong to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.store.rows import damaged_index, vector_checksum


@dataclass(frozen=True, slots=True)
class Loaded:
    """Passages in document order. `vectors` is (passages, dimension); `owners` gives the place of each passage's
    document in `documents`."""

    ids: list[str]
    documents: list[str]
    owners: NDArray[np.int64]
    vectors: Vectors

    def belong_to(self, documents: Collection[str]) -> NDArray[np.bool_]:
        """For each passage, whether its document is one of these ids."""
        if not self.documents:
            return np.zeros(0, np.bool_)
        wanted: NDArray[np.bool_] = np.array([id_ in documents for id_ in self.documents])[self.owners]
        return wanted


def loaded(db: sqlite3.Connection, folder: Path) -> Loaded:
    """All passages as they are now. Raises IndexDamaged where a checksum is wrong."""
    (count,) = db.execute("SELECT count(*) FROM passages").fetchone()
    ids: list[str] = []
    owners = np.empty(count, np.int64)
    places: dict[str, int] = {}
    vectors = np.empty((0, 0), np.float32)
    rows = db.execute("SELECT id, document_id, vector, vector_checksum FROM passages ORDER BY document_id, start")
    for place, (id_, document_id, blob, kept) in enumerate(rows):
        if vector_checksum(id_, blob) != kept:
            raise damaged_index(folder, "a vector's checksum is wrong")
        if not place:
            vectors = np.empty((count, len(blob) // 4), np.float32)
        vectors[place] = np.frombuffer(blob, np.float32)
        owners[place] = places.setdefault(document_id, len(places))
        ids.append(id_)
    return Loaded(ids, list(places), owners, vectors)


def tagged(db: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Tag → the ids of the documents that carry it. Tags lie behind the texts: reading them takes a while."""
    found: dict[str, set[str]] = {}
    for id_, tags in db.execute("SELECT id, tags FROM documents WHERE tags != '[]'"):
        for tag in json.loads(tags):
            found.setdefault(tag, set()).add(id_)
    return {tag: frozenset(ids) for tag, ids in found.items()}
