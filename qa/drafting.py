"""Hits → Draft: a summary, each part's answer, or what a language model writes; step by step."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import NamedTuple, Protocol

from index.embed import Embedder
from index.errors import LLMError
from index.types import Document, Hit
from qa.read import Reader
from qa.read.longer import lengthened
from qa.read.summary import summary
from qa.read.twofold import joined
from qa.types import Draft, Part, Words


class Writer(Protocol):
    """Writes an answer of its own from passages, and takes its time: a language model, its sentences verified."""

    @property
    def mode(self) -> str:
        """How the answer came about; shown in the Answer."""
        ...

    def write(
        self, question: str, hits: Sequence[Hit], *, strictness: float | None = None
    ) -> Generator[Words | Part | Draft, None, None]:
        """Words as they come, "" four times a second while there are none; verified parts; at last the Draft. Raises
        LLMError where there is none to be had."""
        ...


class Found(NamedTuple):
    """The questions that a question is made of, the passages found for each, best first, and their documents by id."""

    asks: list[str]
    hits: list[list[Hit]]
    documents: Mapping[str, Document]


class Drafted(NamedTuple):
    """A draft, the passages that it rests on, and how it came about; `notice` is for whoever asked."""

    draft: Draft
    hits: list[Hit]
    mode: str
    notice: str = ""


Step = Words | LLMError | Drafted
"""On the way to an answer: words not yet verified, why the writer could not go on, the draft as it grows."""


def drafting(
    found: Found, reader: Reader, writer: Writer | None, embedder: Embedder, strictness: float | None
) -> Iterator[Step]:
    """The steps to a draft; the last is the whole one. Where the writer cannot answer, the sources themselves do."""
    notice = ""
    if writer is not None:
        try:
            yield from _written(found, writer, embedder, strictness)
            return
        except LLMError as error:
            yield error
            notice = f"{error} This answer was read out of the sources without it."
    yield _read(found, reader, embedder, strictness)._replace(notice=notice)


def _written(found: Found, writer: Writer, embedder: Embedder, strictness: float | None) -> Iterator[Words | Drafted]:
    hits = _to_write_from(found, embedder)
    if not hits:
        yield Drafted(Draft((), confidence=0.0), [], writer.mode)
        return
    parts: tuple[Part, ...] = ()
    with closing(writer.write(" ".join(found.asks), hits, strictness=strictness)) as steps:
        for step in steps:
            if isinstance(step, Words):
                yield step
                continue
            parts = (*parts, step) if isinstance(step, Part) else step.parts
            draft = Draft(parts, confidence=0.0) if isinstance(step, Part) else step
            yield Drafted(draft, hits, writer.mode)


def _to_write_from(found: Found, embedder: Embedder) -> list[Hit]:
    """The passages found, each once; for a summary, those that its sentences stand in, as no search finds them."""
    draft, whole = _summed_up(found, embedder)
    spans = [span for part in draft.parts for span in part.spans]
    holding = (
        next(hit for hit in whole if hit.passage.start <= span.start and span.end <= hit.passage.end) for span in spans
    )
    return list({hit.passage.id: hit for hit in (holding if spans else chain.from_iterable(found.hits))}.values())


def _summed_up(found: Found, embedder: Embedder) -> tuple[Draft, list[Hit]]:
    """The summary and all passages of its document, where one is asked for; else an abstention."""
    if len(found.asks) > 1 or not found.hits[0]:
        return Draft((), confidence=0.0), []
    return summary(found.asks[0], found.documents[found.hits[0][0].passage.document_id], embedder)


def _read(found: Found, reader: Reader, embedder: Embedder, strictness: float | None) -> Drafted:
    """What the sources themselves say: a summary where one is asked for, else what the reader finds for each part."""
    draft, whole = _summed_up(found, embedder)
    if draft.parts:
        return Drafted(draft, whole, reader.mode)
    drafts = [
        lengthened(ask, reader.read(ask, own, strictness=strictness), own, reader, strictness)
        if own
        else Draft((), confidence=0.0)
        for ask, own in zip(found.asks, found.hits, strict=True)
    ]
    draft = drafts[0] if len(drafts) == 1 else joined(found.asks, drafts)
    return Drafted(draft, list(chain.from_iterable(found.hits)), reader.mode)
