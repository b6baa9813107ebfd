"""BM25 alone: the store's full-text search finds the passages, and their best sentence is the answer.

The best sentence holds the most of the question's content words, each weighed by how telling it is; the share that it
holds is the confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eval.systems.best_text import BestText, Chosen
from eval.systems.options import Options
from eval.types import Asks
from index.search import Index
from index.sentences import sentence_spans
from index.store import Where
from index.types import Document, Hit
from index.words import content_words, stems, weight
from qa.assistant import PASSAGES_READ
from qa.types import Span


@contextmanager
def over(index: Index, chosen: Options) -> Iterator[Asks]:
    yield BestText("bm25", index, Bm25(index), best_sentence, PASSAGES_READ)


class Bm25:
    """The store's full-text search, nothing else."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def search(self, question: str, k: int, where: Where) -> list[Hit]:
        ranked = self._index.store.text(question, k, where)
        passages = self._index.store.get([id_ for id_, _ in ranked])
        return [Hit(passages[id_], score, None, rank) for rank, (id_, score) in enumerate(ranked, start=1)]

    def documents(self) -> Sequence[Document]:
        return self._index.documents()


def best_sentence(question: str, hits: Sequence[Hit]) -> Chosen | None:
    """The first of the best ones; None where no sentence shares a word with the question."""
    words = list(dict.fromkeys(content_words(question)))
    weights = dict(zip(stems(words), map(weight, words), strict=True))
    best: Chosen | None = None
    for hit in hits:
        passage = hit.passage
        for start, end in sentence_spans(passage.text):
            there = set(stems(content_words(passage.text[start:end])))
            score = sum(value for stem, value in weights.items() if stem in there) / sum(weights.values())
            if score > (best.score if best else 0.0):
                best = Chosen(Span(passage.document_id, passage.start + start, passage.start + end), score)
    return best
