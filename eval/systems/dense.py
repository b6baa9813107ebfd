"""The embedder alone: passages by cosine, without BM25; our reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eval.systems.footnote import Footnote, span_reader
from eval.systems.options import Options
from eval.types import Asks
from index.search import Index
from index.store import EVERYWHERE, Where
from index.types import Hit


@contextmanager
def over(index: Index, chosen: Options) -> Iterator[Asks]:
    yield Footnote(Dense(index.store, index.embedder), span_reader(chosen.reader))


class Dense(Index):
    """An index whose search is the dense one. Its store stays open for whoever opened it."""

    def search(self, question: str, k: int = 10, where: Where = EVERYWHERE) -> list[Hit]:
        with self.store.snapshot():
            ranked = self.store.dense(self.embedder.embed_question(question), k, where)
            passages = self.store.get([id_ for id_, _ in ranked])
        return [
            Hit(passages[id_], max(score, 0.0), rank, None, score)
            for rank, (id_, score) in enumerate(ranked, start=1)
            if id_ in passages
        ]
