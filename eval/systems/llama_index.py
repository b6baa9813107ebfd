"""llama-index's VectorStoreIndex with its own splitter and store, the same embedder and no LLM.

Without an LLM a retriever gives nodes; its first node is the answer that a person would read, and its similarity the
confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eval.progress import watched
from eval.systems.best_text import BestText, Chosen
from eval.systems.options import Options
from eval.types import Asks
from index.embed import Embedder
from index.search import Index
from index.store import Where
from index.types import Document, Hit, Passage
from qa.assistant import PASSAGES_READ
from qa.types import Span


@contextmanager
def over(index: Index, chosen: Options) -> Iterator[Asks]:
    yield BestText("llama-index", index, Retriever(index), first, PASSAGES_READ)


def first(question: str, hits: Sequence[Hit]) -> Chosen | None:
    if not hits:
        return None
    passage = hits[0].passage
    return Chosen(Span(passage.document_id, passage.start, passage.end), min(max(hits[0].score, 0.0), 1.0))


class Retriever:
    """The index's documents again, split and searched by llama-index; `vectors` is its VectorStoreIndex."""

    def __init__(self, index: Index) -> None:
        from llama_index.core import Document as Source
        from llama_index.core import VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter

        self._documents = index.documents()
        model = _embedding(index.embedder)
        splitter = SentenceSplitter()
        self.vectors: Any = VectorStoreIndex([], embed_model=model, transformations=[splitter])
        for document in watched(self._documents, len(self._documents), "Indexing with llama-index"):
            source = Source(text=document.text, doc_id=document.id, metadata={"document_id": document.id})
            source.excluded_embed_metadata_keys = ["document_id"]
            self.vectors.insert(source)

    def retriever(self, k: int, where: Where) -> Any:
        """llama-index's own, for the k best nodes."""
        from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters

        filters = None
        if where.documents is not None:
            named = MetadataFilter(key="document_id", value=sorted(where.documents), operator=FilterOperator.IN)
            filters = MetadataFilters(filters=[named])
        return self.vectors.as_retriever(similarity_top_k=k, filters=filters)

    def search(self, question: str, k: int, where: Where) -> list[Hit]:
        found = self.retriever(k, where).retrieve(question)
        return [_hit(node, rank) for rank, node in enumerate(found, start=1)]

    def documents(self) -> Sequence[Document]:
        return self._documents


def _hit(scored: Any, rank: int) -> Hit:
    node = scored.node
    passage = Passage(node.node_id, node.metadata["document_id"], node.start_char_idx, node.end_char_idx, node.text)
    return Hit(passage, float(scored.score), rank, None, float(scored.score))


def _embedding(embedder: Embedder) -> Any:
    """Our embedder as llama-index knows one, so that both search with the same vectors."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class Ours(BaseEmbedding):  # type: ignore[misc]
        def _get_query_embedding(self, query: str) -> list[float]:
            return list(map(float, embedder.embed_question(query)))

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [list(map(float, vector)) for vector in embedder.embed_passages(texts)]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Ours(model_name=embedder.name)
