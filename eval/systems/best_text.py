"""A system that quotes the best of what it found and never abstains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from eval.types import Searches
from index.search import Index
from index.store import Where
from index.types import Hit
from qa.cite import cite
from qa.history import standalone
from qa.types import NOT_IN_SOURCE, Answer, Draft, History, Part, Span


class Chosen(NamedTuple):
    """A span of the sources and what it scored, 0 to 1."""

    span: Span
    score: float


Choose = Callable[[str, Sequence[Hit]], Chosen | None]


class BestText:
    """`searches` finds, `choose` picks the span. What is quoted is checked as Footnote's own answers are."""

    def __init__(self, mode: str, index: Index, searches: Searches, choose: Choose, k: int) -> None:
        self.index = searches
        self._mode, self._documents, self._choose, self._k = mode, index, choose, k

    def ask(self, question: str, history: History, where: Where) -> Answer:
        alone = standalone(question, history)
        hits = list(self.index.search(alone, self._k, where))
        documents = {hit.passage.document_id: self._documents.document(hit.passage.document_id) for hit in hits}
        chosen = self._choose(alone, hits)
        parts: tuple[Part, ...] = ()
        if chosen is not None:
            span = chosen.span
            parts = (Part(documents[span.document_id].text[span.start : span.end], (span,)),)
        sentences, citations = cite(Draft(parts, 0.0), hits, documents)
        text = " ".join(sentence.text for sentence in sentences)
        score = chosen.score if chosen is not None else 0.0
        return Answer(question, alone, bool(text), text or NOT_IN_SOURCE, score, self._mode, citations, sentences)

    def guess(self, question: str, history: History, where: Where) -> Answer:
        return self.ask(question, history, where)
