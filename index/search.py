"""Question → Hits: dense and BM25 searches of the store, fused."""

from __future__ import annotations

from contextlib import AbstractContextManager

from index.embed import Embedder, open_embedder
from index.store import EVERYWHERE, Ranked, Store, Where
from index.types import Document, Hit

DEPTH = 50
"""How many passages each search hands to the fusion."""
DENSE_SHARE = 0.7
"""What the dense search's word counts for in the fusion, 0..1 (train/fit_search.py)."""


class Index:
    """An opened index: a store and the embedder that its vectors were made with. `dense_share`: see `fuse`."""

    def __init__(self, store: Store, embedder: Embedder, dense_share: float = DENSE_SHARE) -> None:
        self.store = store
        self.embedder = embedder
        self._dense_share = dense_share

    def search(self, question: str, k: int = 10, where: Where = EVERYWHERE) -> list[Hit]:
        """The k passages that are likeliest to answer, best first; ties keep the dense search's order."""
        with self.store.snapshot():
            vector = self._embedder_now().embed_question(question)
            dense = self.store.dense(vector, DEPTH, where)
            lexical = self.store.text(question, DEPTH, where)
            fused = fuse(dense, lexical, self._dense_share)[:k]
            passages = self.store.get([passage_id for passage_id, _ in fused])
        dense_ranks, lexical_ranks, cosines = _ranks(dense), _ranks(lexical), dict(dense)
        return [
            Hit(passages[id_], score, dense_ranks.get(id_), lexical_ranks.get(id_), cosines.get(id_, 0.0))
            for id_, score in fused
            if id_ in passages
        ]

    def _embedder_now(self) -> Embedder:
        """The embedder that made what is stored now: the index may have been rebuilt with another."""
        name = self.store.manifest().get("embedder")
        if name and name != self.embedder.name:
            self.embedder = open_embedder(name)
        return self.embedder

    def documents(self) -> list[Document]:
        """All documents, by path."""
        return self.store.documents()

    def document(self, document_id: str) -> Document:
        """Raises DocumentUnknown."""
        return self.store.document(document_id)

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it, this thread's searches and documents all come from one state of the index."""
        return self.store.snapshot()

    def close(self) -> None:
        self.store.close()


def fuse(dense: Ranked, lexical: Ranked, share: float = DENSE_SHARE) -> Ranked:
    """Convex combination of the two searches' scores: share · cosine + (1 - share) · BM25 / its greatest.

    A cosine is cut to 0..1; a passage that a search did not return has 0 from it. Theoretical-minimum,
    maximum-one scaling after Bruch, Gai and Ingber (2023), "An Analysis of Fusion Functions for Hybrid Retrieval",
    who found it to beat reciprocal rank fusion; so it did here (train/fit_search.py).
    """
    greatest = max((score for _, score in lexical), default=0.0) or 1.0
    scores = {passage_id: share * min(max(score, 0.0), 1.0) for passage_id, score in dense}
    for passage_id, score in lexical:
        scores[passage_id] = scores.get(passage_id, 0.0) + (1 - share) * max(score, 0.0) / greatest
    return sorted(scores.items(), key=lambda item: -item[1])


def _ranks(ranked: Ranked) -> dict[str, int]:
    return {passage_id: rank for rank, (passage_id, _) in enumerate(ranked, start=1)}
