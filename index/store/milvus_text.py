"""Full text over Milvus: its own BM25 proposes passages, BM25 as all stores compute it ranks them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

import numpy as np

from index.store.bm25 import Figures
from index.store.milvus_rows import BEGUN, CHANGED, DOCUMENT, OLD, Row, is_one_of
from index.store.milvus_server import Server
from index.store.milvus_versions import NEVER, document_rows
from index.store.proposals import ranked, words_within

MOST_COUNTED = 100_000
"""Words whose counts are remembered."""
KEPT_FROM, KEPT = 10_000, 100
"""Documents. Of fewer, counts are made again after each change; of more they are kept for so many times what they took,
while others write."""
MOST_LEFT_OVER = 10_000
"""Versions that no longer count, of which the passages are left out of the counts."""


class WordCounts:
    """What BM25 must know of all passages, counted again when they have changed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._seen: frozenset[str] = frozenset()
        self._keep_until = 0.0
        self._many = False
        self._figures = Figures(1, 1)
        self._holding: dict[str, int] = {}

    def ranked(self, found: Sequence[Row], query: Sequence[str]) -> tuple[list[float], float]:
        """BM25 of each of the rows, and what no row that was not found can exceed."""
        passages = [row["words"] for row in found]
        told = np.array([row["score"] for row in found], np.float64)
        with self._lock:
            self._bring_up()
            words = words_within(passages, query)
            self._count(word for word in words if word not in self._holding)
            holding = {word: self._holding[word] for word in words}
            scores, least = ranked(passages, told, query, self._figures, holding)
        return scores.tolist(), least

    def _bring_up(self) -> None:
        changes = self._server.query(self._server.documents, f'kind == "{CHANGED}"', ["key", "version"])
        seen = frozenset(f"{row['key']}-{row['version']}" for row in changes)
        if seen == self._seen or time.monotonic() < self._keep_until:
            return
        begun = time.monotonic()
        documents = passages = words = 0
        fields = ["version", "number", "size"]
        for row in self._server.rows(self._server.documents, f'kind == "{DOCUMENT}"', fields):
            if row["version"] > 0:
                documents += 1
                passages += row["number"]
                words += row["size"]
        self._figures, self._holding, self._seen = Figures(max(1, passages), max(1, words)), {}, seen
        self._many = documents >= KEPT_FROM
        self._keep(begun)

    def _count(self, words: Iterable[str]) -> None:
        new = list(words)
        if not new:
            return
        begun = time.monotonic()
        if len(self._holding) > MOST_COUNTED:
            self._holding.clear()
        left_over = self._left_over()
        counting = f" and not ({is_one_of('state', left_over)})" if left_over else ""
        for word in new:
            holding = self._server.count(f'text_match(words, "{_plain(word)}"){counting}')
            self._holding[word] = min(max(1, holding), self._figures.passages)  # others may be writing meanwhile
        self._keep(begun)

    def _left_over(self) -> list[str]:
        """Versions that no longer count or do not count yet, and are there."""
        notes = self._server.query(
            self._server.documents, f'kind in ["{OLD}", "{BEGUN}"]', ["document", "version", "state"]
        )
        counting = document_rows(self._server, {note["document"] for note in notes})
        states = {
            note["state"] for note in notes if counting.get(note["document"], NEVER)["version"] != note["version"]
        }
        return sorted(states)[:MOST_LEFT_OVER]

    def _keep(self, begun: float) -> None:
        taken = time.monotonic() - begun
        if self._many:
            self._keep_until = time.monotonic() + KEPT * taken


def _plain(word: str) -> str:
    """Raises ValueError for what must not stand in a filter."""
    if not word.isascii() or not word.isalnum():
        raise ValueError("a filter takes coded words only")
    return word
