"""Haystack's extractive reader with our reader's weights, over the passages that our search finds.

The weights are the shipped ones, written as a checkpoint that transformers loads (`eval.systems.checkpoint`). The rest
is Haystack's: how a passage is fed (without its title), how spans are scored, and when none is an answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from eval.systems.options import Options
from eval.types import Asks
from index.errors import FootnoteError
from index.search import Index
from index.store import Where
from index.types import Hit
from qa.assistant import PASSAGES_READ
from qa.cite import cite
from qa.history import standalone
from qa.read.span import SHIPPED
from qa.types import NOT_IN_SOURCE, Answer, Draft, History, Part, Span

INSTALL = "Install it with: pip install 'footnote[baselines]'"


@contextmanager
def over(index: Index, chosen: Options) -> Iterator[Asks]:
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when it is imported: nothing phones home
    try:
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

        from eval.systems.checkpoint import write_checkpoint
    except ImportError as exc:
        raise FootnoteError(f"haystack needs {exc.name}, which is missing. {INSTALL}") from exc
    with TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as folder:
        write_checkpoint(chosen.reader or SHIPPED, Path(folder))
        reader = TransformersExtractiveReader(model=folder, device=ComponentDevice.from_str("cpu"), token=None)
        reader.warm_up()
        yield Haystack(index, reader)


class Best(NamedTuple):
    """The best span, its score (0..1), and whether "no answer" scores higher."""

    span: Span
    score: float
    withheld: bool


class Haystack:
    """`reader` is a TransformersExtractiveReader. `guess` is its best span, also where it says that none answers."""

    def __init__(self, index: Index, reader: Any) -> None:
        self.index = index
        self._reader = reader

    def ask(self, question: str, history: History, where: Where) -> Answer:
        return self._answer(question, history, where, withholding=True)

    def guess(self, question: str, history: History, where: Where) -> Answer:
        return self._answer(question, history, where, withholding=False)

    def _answer(self, question: str, history: History, where: Where, withholding: bool) -> Answer:
        alone = standalone(question, history)
        hits = self.index.search(alone, PASSAGES_READ, where)
        documents = {hit.passage.document_id: self.index.document(hit.passage.document_id) for hit in hits}
        best = self._best(alone, hits)
        parts: tuple[Part, ...] = ()
        if best is not None and not (withholding and best.withheld):
            span = best.span
            parts = (Part(documents[span.document_id].text[span.start : span.end], (span,)),)
        sentences, citations = cite(Draft(parts, 0.0), hits, documents)
        text = " ".join(sentence.text for sentence in sentences)
        score = best.score if best else 0.0
        return Answer(question, alone, bool(text), text or NOT_IN_SOURCE, score, "haystack", citations, sentences)

    def _best(self, question: str, hits: Sequence[Hit]) -> Best | None:
        from haystack import Document

        asked = [Document(id=hit.passage.id, content=hit.passage.text) for hit in hits]
        answers = self._reader.run(query=question, documents=asked)["answers"] if asked else []
        spans = [answer for answer in answers if answer.data]
        if not spans:
            return None
        passages = {hit.passage.id: hit.passage for hit in hits}
        best, passage = spans[0], passages[spans[0].document.id]
        place = best.document_offset
        span = Span(passage.document_id, passage.start + place.start, passage.start + place.end)
        return Best(span, float(best.score), answers[0] is not best)
