"""Footnote for llama-index users: retriever, query engine, chat engine and agent tool; examples/ has one of each.

    from qa.llamaindex import FootnoteQueryEngine
    engine = FootnoteQueryEngine.from_storage("storage")
    print(engine.query("When does the ceasefire start?").source_nodes[0].text)

None needs an LLM or an embedding model of llama-index, so none is ever resolved from its settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.chat_engine.types import AgentChatResponse, BaseChatEngine
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from llama_index.core.tools import FunctionTool

from index import Document, Index, open_index
from qa.assistant import Assistant, open_assistant
from qa.history import checked_question
from qa.types import Answer


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
        return Response(answer.text, _cited(answer), answer.to_dict())

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return self._query(query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


class FootnoteChatEngine(BaseChatEngine):  # type: ignore[misc]
    """The chain as a llama-index chat engine: it keeps the conversation, so follow-ups are understood, without an LLM.

    The reply's `source_nodes` and `metadata` are those of `FootnoteQueryEngine`. A `chat_history` that is handed in
    takes the place of the engine's own.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._said: list[ChatMessage] = []

    @classmethod
    def from_storage(cls, storage: str | Path | None = None) -> FootnoteChatEngine:
        """Raises IndexMissing, IndexMismatch, IndexDamaged."""
        return cls(open_assistant(storage))

    @property
    def chat_history(self) -> list[ChatMessage]:
        return list(self._said)

    def reset(self) -> None:
        self._said = []

    def chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        return self._reply(message, chat_history)

    async def achat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        return self._reply(message, chat_history)

    def stream_chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        """`response_gen` gives the finished answer's words."""
        return self._reply(message, chat_history, streams=True)

    async def astream_chat(self, message: str, chat_history: list[ChatMessage] | None = None) -> AgentChatResponse:
        """`async_response_gen` gives the finished answer's words."""
        return self._reply(message, chat_history, streams=True)

    def _reply(self, message: str, chat_history: list[ChatMessage] | None, streams: bool = False) -> AgentChatResponse:
        said = self._said if chat_history is None else list(chat_history)
        answer = self._assistant.ask(message, _turns(said))
        self._said = [
            *said,
            ChatMessage(role=MessageRole.USER, content=message),
            ChatMessage(role=MessageRole.ASSISTANT, content=answer.text),
        ]
        return AgentChatResponse(
            response=answer.text, source_nodes=_cited(answer), is_dummy_stream=streams, metadata=answer.to_dict()
        )


def footnote_tool(
    assistant: Assistant,
    name: str = "ask_sources",
    description: str = "Answers a question from the user's own documents, word for word, with footnotes, or says that "
    "they do not answer it.",
) -> FunctionTool:
    """The chain as a tool of a llama-index agent: it takes `question` and gives the answer with its footnotes as text;
    `raw_output` is that text."""

    def ask(question: str) -> str:
        return with_footnotes(assistant.ask(question))

    return FunctionTool.from_defaults(fn=ask, name=name, description=description)


def with_footnotes(answer: Answer) -> str:
    """The answer as plain text, footnote numbers after each sentence, and said of those that no source bears out; under
    it what each quotes and from where."""
    if not answer.answered:
        return answer.text
    said = " ".join(
        f"{sentence.text} (no source says this)"
        if sentence.status == "unsupported"
        else sentence.text + "".join(f" [{number}]" for number in sentence.citations)
        for sentence in answer.sentences
    )
    notes = (
        f"[{one.number}] “{one.context}” ({one.document.title}, characters {one.start}–{one.end})"
        for one in answer.citations
    )
    # What a part of the question lacks stands after the sentences.
    lacks = answer.text.removeprefix(" ".join(sentence.text for sentence in answer.sentences))
    return "\n".join((said + lacks, *notes))


def _turns(said: list[ChatMessage]) -> list[tuple[str, str]]:
    """(question, answer) of each turn; a question that nobody has answered has ""."""
    turns: list[tuple[str, str]] = []
    for message in said:
        if message.role == MessageRole.USER:
            turns.append((message.content or "", ""))
        elif message.role == MessageRole.ASSISTANT and turns:
            turns[-1] = (turns[-1][0], message.content or "")
    return turns


def _cited(answer: Answer) -> list[NodeWithScore]:
    return [
        _node(
            citation.document,
            citation.start,
            citation.quote,
            answer.confidence,
            {"number": citation.number, "context": citation.context, "page": citation.page},
        )
        for citation in answer.citations
    ]


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
