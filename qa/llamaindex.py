"""Footnote for llama-index users: our retriever and our whole chain as llama-index components.

    from qa.llamaindex import FootnoteQueryEngine
    engine = FootnoteQueryEngine.from_storage("storage")
    print(engine.query("When does the ceasefire start?").source_nodes[0].text)

Neither needs an LLM or an embedding model of llama-index, so none is ever resolved from its settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from index import Document, Index, open_index
from qa.assistant import Assistant, open_assistant
from qa.history import checked_question


class FootnoteRetriever(BaseRetriever):  # type: ignore[misc]
    """Hybrid search as a llama-index retriever: passages as nodes, best first, with exact offsets."""

    def __init__(self, index: Index, k: int = 10) -> None:
        super().__init__()
        self._index = index
        self._k = k

    @classmethod
    def from_storage(cls, storage: str | Path | None = None, k: int = 10) -> FootnoteRetriever:
        """Raises IndexMissing, IndexMismatch, IndexDamaged."""
        return cls(open_index(storage), k)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        with self._index.snapshot():
            return [
                _node(
                    self._index.document(hit.passage.document_id),
                    hit.passage.start,
                    hit.passage.text,
                    hit.score,
                    {"section": hit.passage.section},
                )
                for hit in self._index.search(checked_question(query_bundle.query_str), self._k)
            ]


class FootnoteQueryEngine(BaseQueryEngine):  # type: ignore[misc]
    """The chain as a llama-index query engine.

    The response's `source_nodes` are the citations: each node's text is the quote, `start_char_idx` and
    `end_char_idx` its place in the document, its score the answer's confidence; `metadata` is the Answer JSON. An
    abstention has no source nodes and `metadata["answered"]` false.
    """

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(callback_manager=None)
        self._assistant = assistant

    @classmethod
    def from_storage(cls, storage: str | Path | None = None) -> FootnoteQueryEngine:
        """Raises IndexMissing, IndexMismatch, IndexDamaged."""
        return cls(open_assistant(storage))

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._assistant.ask(query_bundle.query_str)
        nodes = [
            _node(
                citation.document,
                citation.start,
                citation.quote,
                answer.confidence,
                {"number": citation.number, "context": citation.context, "page": citation.page},
            )
            for citation in answer.citations
        ]
        return Response(answer.text, nodes, answer.to_dict())

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return self._query(query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


def _node(document: Document, start: int, text: str, score: float, extra: dict[str, Any]) -> NodeWithScore:
    end = start + len(text)
    node = TextNode(
        id_=f"{document.id}:{start}-{end}",
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={"document_id": document.id, "title": document.title, "path": document.path, **extra},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.id)},
    )
    return NodeWithScore(node=node, score=score)
