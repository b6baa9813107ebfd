"""The flow: question → stand-alone question → hits → draft → verified answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from index import Index, open_index
from index.store import EVERYWHERE, Where
from qa.cite import cite
from qa.history import checked_history, checked_question, standalone
from qa.read import Reader, open_reader
from qa.types import NOT_IN_SOURCE, Answer, Draft, History, Nearest

PASSAGES_READ = 5
"""How many passages the reader gets: what its confidence was fitted with."""
NEAREST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Event:
    """A step of `Assistant.stream`: `name` is standalone_question, passages, text, citation or answer, and `data`
    what the contract's JSON has for it (the last event's is the whole Answer)."""

    name: str
    data: Any


class Assistant:
    """Answers questions from an opened index with a reader. Safe to share among threads; see `qa.worker`."""

    def __init__(self, index: Index, reader: Reader) -> None:
        self.index = index
        self.reader = reader

    def ask(self, question: str, history: History = (), where: Where = EVERYWHERE) -> Answer:
        """Answer, or abstain with what came nearest. `history` holds the earlier turns, oldest first.

        Raises QuestionError for a question or history that cannot be asked.
        """
        *_, last = self._steps(question, history, where)
        assert isinstance(last, Answer)
        return last

    def stream(self, question: str, history: History = (), where: Where = EVERYWHERE) -> Iterator[Event]:
        """`ask` in steps, as each becomes known; the last event holds the Answer."""
        for step in self._steps(question, history, where):
            if isinstance(step, str):
                yield Event("standalone_question", step)
            elif isinstance(step, tuple):
                yield Event("passages", [near.to_dict() for near in step])
            else:
                yield from (Event("text", sentence.to_dict()) for sentence in step.sentences)
                yield from (Event("citation", citation.to_dict()) for citation in step.citations)
                yield Event("answer", step)

    def _steps(self, question: str, history: History, where: Where) -> Iterator[str | tuple[Nearest, ...] | Answer]:
        begun = perf_counter()
        asked = checked_question(question)
        alone = standalone(asked, checked_history(history))
        yield alone
        # One state of the index from search to citation: a document replaced meanwhile cannot be quoted wrongly.
        with self.index.snapshot():
            hits = self.index.search(alone, PASSAGES_READ, where)
            documents = {hit.passage.document_id: self.index.document(hit.passage.document_id) for hit in hits}
        searched = perf_counter()
        nearest = tuple(Nearest(documents[hit.passage.document_id], hit) for hit in hits[:NEAREST_SHOWN])
        yield nearest
        draft = self.reader.read(alone, hits) if hits else Draft((), confidence=0.0)
        sentences, citations = cite(draft, hits, documents)
        done = perf_counter()
        yield Answer(
            question=asked,
            standalone_question=alone,
            answered=bool(sentences),
            text=" ".join(sentence.text for sentence in sentences) or NOT_IN_SOURCE,
            # A draft that lost all it claimed was no answer, however sure the reader was.
            confidence=draft.confidence if sentences or not draft.parts else 0.0,
            mode=self.reader.mode,
            citations=citations,
            sentences=sentences,
            nearest=nearest,
            timings_ms={
                "search": (searched - begun) * 1000,
                "read": (done - searched) * 1000,
                "total": (done - begun) * 1000,
            },
        )


def open_assistant(storage: str | Path | None = None, *, reader: str = "span") -> Assistant:
    """An assistant over the saved index. Raises IndexMissing, IndexMismatch, IndexDamaged."""
    index = open_index(storage)
    return Assistant(index, open_reader(reader, index))
