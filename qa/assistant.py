"""The flow: question → stand-alone question → hits → draft → verified answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

from index import Index, open_index
from index.config import load_settings
from index.errors import LLMError
from index.store import EVERYWHERE, Where
from qa.cite import cite
from qa.drafting import Drafted, Found, Writer, drafting
from qa.history import checked_history, checked_question, standalone
from qa.read import Reader, open_reader
from qa.read.twofold import parts
from qa.types import NOT_IN_SOURCE, Answer, Draft, History, Nearest, OnUnsupported, Words

PASSAGES_READ = 5
"""How many passages the reader gets: what its confidence was fitted with."""
NEAREST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Event:
    """A step of `Assistant.stream`; `data` is what the contract's JSON has for it.

    standalone_question: the question as it is understood. passages: what came nearest. delta: {"text"}, words of a
    language model as it writes them, not yet verified, "" while it is silent. text: a sentence of the answer, verified.
    citation: a footnote. notice: {"text"}, why the language model could not answer; what was told of its answer no
    longer holds. answer: the whole Answer, always the last.
    """

    name: str
    data: Any


class Assistant:
    """Answers questions from an opened index with a reader, which gets `passages_read` passages a question; where there
    is a writer, that one writes the answer, and the reader answers when it cannot. Safe to share among threads; see
    `qa.worker`."""

    def __init__(
        self, index: Index, reader: Reader, passages_read: int = PASSAGES_READ, *, writer: Writer | None = None
    ) -> None:
        self.index = index
        self.reader = reader
        self.writer = writer
        self._passages_read = passages_read

    def ask(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Answer:
        """Answer, or abstain with what came nearest. `history` holds the earlier turns, oldest first.

        strictness: the share, 0 to 1, of the answers given that shall be right; None is the reader's own balance.
        Raises QuestionError for a question or history that cannot be asked.
        """
        *_, last = self._events(question, history, where, strictness)
        assert isinstance(last.data, Answer)
        return last.data

    def stream(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Generator[Event, None, None]:
        """`ask` in steps, as each becomes known. While a writer works, an event comes four times a second at least:
        closing the iterator ends its work."""
        yield from self._events(question, history, where, strictness)

    def _events(
        self, question: str, history: History, where: Where, strictness: float | None
    ) -> Generator[Event, None, None]:
        begun = perf_counter()
        asked = checked_question(question)
        asks = _asks(self._standalone(asked, checked_history(history), where))
        alone = " ".join(asks)
        yield Event("standalone_question", alone)
        # One state of the index from search to citation: a document replaced meanwhile cannot be quoted wrongly.
        with self.index.snapshot():
            hits = [self.index.search(ask, self._passages_read, where) for ask in asks]
            named = dict.fromkeys(hit.passage.document_id for hit in chain.from_iterable(hits))
            found = Found(asks, hits, {name: self.index.document(name) for name in named})
        searched = perf_counter()
        nearest = tuple(
            Nearest(found.documents[hit.passage.document_id], hit)
            for hit in list(chain.from_iterable(hits))[:NEAREST_SHOWN]
        )
        yield Event("passages", [near.to_dict() for near in nearest])
        made = yield from self._drafted(found, strictness)
        sentences, citations = cite(made.draft, made.hits, found.documents)
        done = perf_counter()
        answer = Answer(
            question=asked,
            standalone_question=alone,
            answered=bool(sentences),
            text=" ".join(filter(None, [*(sentence.text for sentence in sentences), made.draft.lacks]))
            if sentences
            else NOT_IN_SOURCE,
            # A draft that lost all it claimed was no answer, however sure the reader was.
            confidence=made.draft.confidence if sentences or not made.draft.parts else 0.0,
            mode=made.mode,
            citations=citations,
            sentences=sentences,
            nearest=nearest,
            timings_ms={
                "search": (searched - begun) * 1000,
                "read": (done - searched) * 1000,
                "total": (done - begun) * 1000,
            },
            notice=made.notice,
        )
        yield Event("answer", answer)

    def unaided(self) -> Assistant:
        """The same without the writer: for questions that nobody asked, which no server needs to hear of."""
        return Assistant(self.index, self.reader, self._passages_read)

    def _drafted(self, found: Found, strictness: float | None) -> Generator[Event, None, Drafted]:
        """The draft; on the way to it words, and each sentence with the footnotes that are new with it."""
        made, sentences, citations = Drafted(Draft((), 0.0), [], self.reader.mode), 0, 0
        for step in drafting(found, self.reader, self.writer, self.index.embedder, strictness):
            if isinstance(step, Words):
                yield Event("delta", {"text": step.text})
            elif isinstance(step, LLMError):
                sentences = citations = 0
                yield Event("notice", {"text": str(step)})
            else:
                made = step
                said, noted = cite(made.draft, made.hits, found.documents)
                yield from (Event("text", sentence.to_dict()) for sentence in said[sentences:])
                yield from (Event("citation", citation.to_dict()) for citation in noted[citations:])
                sentences, citations = len(said), len(noted)
        return made

    def _standalone(self, asked: str, history: list[tuple[str, str]], where: Where) -> str:
        """The question as it stands alone. Where nothing in it leans and only a topic would be added, the reader says
        which of the two the sources answer more surely; a change of subject is noticed so."""
        with_topic, without = standalone(asked, history), standalone(asked, history, topics=False)
        if with_topic == without:
            return without
        hits = [self.index.search(text, self._passages_read, where) for text in (without, with_topic)]
        plain, wider = (
            self.reader.read(text, found).confidence if found else 0.0
            for text, found in zip((without, with_topic), hits, strict=True)
        )
        return with_topic if wider > plain else without


def _asks(question: str) -> list[str]:
    """The questions that it is made of, each standing alone."""
    asks: list[str] = []
    for part in parts(question):
        asks.append(standalone(part, [(ask, "") for ask in asks], topics=False))
    return asks


def open_assistant(
    storage: str | Path | None = None,
    *,
    reader: str = "span",
    llm: str | None = None,
    on_unsupported: OnUnsupported = "flag",
    llm_seconds: float | None = None,
) -> Assistant:
    """An assistant over the saved index. `llm`: a language model that writes the answers, as in ollama:llama3.2; None
    is the `llm` setting, and where that is empty too, nothing is ever sent anywhere. `llm_seconds` is for one answer.

    Raises IndexMissing, IndexMismatch, IndexDamaged; LLMUnknown for a model that cannot be used.
    """
    index = open_index(storage)
    settings = load_settings()
    spec = settings.llm if llm is None else llm
    reads = open_reader(reader, index)
    if not spec:
        return Assistant(index, reads)
    from qa.llm import open_writer

    writer = open_writer(spec, index.embedder, reads, on_unsupported, llm_seconds or settings.llm_seconds)
    return Assistant(index, reads, writer=writer)
