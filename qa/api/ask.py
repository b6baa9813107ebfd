"""Questions: answers, answers in steps, and passages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from index.store import Where
from index.types import Document, Hit
from qa.api.examples import STREAM
from qa.api.problems import failure, problems
from qa.api.schema import AnswerModel, AskRequest, SearchRequest, SearchResponse
from qa.api.services import Services, unless_gone
from qa.assistant import Assistant, Event
from qa.history import checked_question
from qa.types import document_ref


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["ask"], responses=problems(404, 413, 422, 429, 503))

    @routes.post("/ask", response_model=AnswerModel)
    async def ask(asked: AskRequest, request: Request) -> Any:
        """Answer a question from the sources with exact citations, or say that they do not answer it."""
        where = asked.where(services.index)
        answer = services.ask(asked.question, asked.history or (), where, strictness=asked.strictness)
        return (await unless_gone(request, answer)).to_dict()

    @routes.post(
        "/ask/stream",
        response_class=StreamingResponse,
        responses={200: {"description": "Server-sent events.", "content": {"text/event-stream": STREAM}}},
    )
    async def stream(asked: AskRequest, request: Request) -> StreamingResponse:
        """The same in steps, as server-sent events with JSON data.

        `standalone_question`: the question as it was understood. `passages`: what came nearest. `text`: a sentence
        of the answer. `citation`: a footnote. `answer`: the whole answer, as /api/ask gives it, always the last.
        With a language model also `delta`: {"text"}, words as it writes them, not yet verified ("" while it is
        silent); and `notice`: {"text"}, why it could not answer: forget what came before, what follows is read out of
        the sources. `error`: a problem, in place of what is missing then. What cannot be asked is a problem without a
        stream.
        """
        where = asked.where(services.index)
        events = services.stream(asked.question, asked.history or (), where, strictness=asked.strictness)
        first = await unless_gone(request, anext(events))
        return StreamingResponse(_sse(first, events), media_type="text/event-stream", headers=_UNBUFFERED)

    @routes.post("/search", response_model=SearchResponse)
    async def search(asked: SearchRequest, request: Request) -> Any:
        """The passages that are likeliest to answer, best first."""
        question, where = checked_question(asked.question), asked.where(services.index)
        found = services.worker.run_async(lambda: found_passages(services.assistant, question, asked.k, where))
        return {"hits": await unless_gone(request, found)}

    return routes


_UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""What makes proxies hand on each event as it comes."""


async def _sse(first: Event, rest: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    try:
        yield _event(first)
        async for event in rest:
            yield _event(event)
    except Exception as error:
        # The status has been sent; what went wrong can only follow as an event.
        yield format_sse_event(event="error", data_str=json.dumps(failure(error), ensure_ascii=False))


def _event(event: Event) -> bytes:
    data = event.data.to_dict() if event.name == "answer" else event.data
    return format_sse_event(event=event.name, data_str=json.dumps(data, ensure_ascii=False))


def found_passages(assistant: Assistant, question: str, k: int, where: Where) -> list[dict[str, Any]]:
    """The HitModel of each passage, best first."""
    index = assistant.index
    with index.snapshot():
        return [_hit(hit, index.document(hit.passage.document_id)) for hit in index.search(question, k, where)]


def _hit(hit: Hit, document: Document) -> dict[str, Any]:
    return {
        "document": document_ref(document),
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.passage.text,
        "score": round(hit.score, 4),
        "section": hit.passage.section,
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
    }
