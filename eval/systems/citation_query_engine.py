"""llama-index's CitationQueryEngine over its VectorStoreIndex, with the same embedder and a language model.

It is asked as its maker wrote it: its prompts, its chunks of 512 tokens. An answer that cites none of its sources has
said that they do not help, as its prompt asks it to; that counts as abstaining. What it cites are whole chunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eval.systems.language_model import open_language_model
from eval.systems.llama_index import Retriever
from eval.systems.options import Options
from eval.types import Asks
from index.search import Index
from index.store import Where
from index.types import Document
from qa.assistant import PASSAGES_READ
from qa.history import standalone
from qa.types import NOT_IN_SOURCE, Answer, Citation, History

_CITED = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")


@contextmanager
def over(index: Index, chosen: Options) -> Iterator[Asks]:
    model = open_language_model(chosen, "citation-query-engine")
    yield CitationEngine(Retriever(index), model)


class CitationEngine:
    """See the module's docstring. `model` is a llama-index LLM."""

    def __init__(self, retriever: Retriever, model: Any) -> None:
        self.index = retriever
        self._model = model
        self._documents = {document.id: document for document in retriever.documents()}

    def ask(self, question: str, history: History, where: Where) -> Answer:
        from llama_index.core.query_engine import CitationQueryEngine

        alone = standalone(question, history)
        engine = CitationQueryEngine.from_args(
            self.index.vectors, llm=self._model, retriever=self.index.retriever(PASSAGES_READ, where)
        )
        reply = engine.query(alone)
        text, cited = _read(str(reply.response or ""))
        sources = list(reply.source_nodes)
        citations = tuple(
            _citation(place, number, sources[number - 1].node, self._documents)
            for place, number in enumerate((number for number in cited if 0 < number <= len(sources)), start=1)
        )
        answered = bool(citations)
        said = text if answered else NOT_IN_SOURCE
        return Answer(question, alone, answered, said, float(answered), "citation-query-engine", citations)

    def guess(self, question: str, history: History, where: Where) -> Answer | None:
        """What a model would have said instead is not known."""
        return None


def _read(reply: str) -> tuple[str, list[int]]:
    """A reply without its marks, and the numbers of the sources that it cites, each once."""
    numbers = [int(number) for found in _CITED.findall(reply) for number in re.split(r"\s*,\s*", found)]
    text = re.sub(r"\s+([.,;:!?])", r"\1", re.sub(r"[^\S\n]+", " ", _CITED.sub("", reply))).strip()
    return text, list(dict.fromkeys(numbers))


def _citation(place: int, number: int, node: Any, documents: Mapping[str, Document]) -> Citation:
    """A chunk as a citation, at the place where its node begins at the earliest; where its words do not stand there as
    they are, the citation says so by not being exact."""
    document = documents[node.metadata["document_id"]]
    chunk = node.get_content().removeprefix(f"Source {number}:\n").removesuffix("\n")
    begins = node.start_char_idx or 0
    start = document.text.find(chunk, begins)
    start = begins if start < 0 else start
    return Citation(place, document, start, start + len(chunk), chunk, chunk, start, None)
