"""OpenAI-compatible routes, so that tools that talk to OpenAI can talk to Footnote: chat completions and models.

The conversation's earlier turns are the question's history. Citations are footnotes in the text, `annotations` (as
OpenAI's own) and `citations` (as everywhere here) of the message.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from index.errors import QuestionMalformed
from qa.api.examples import CHUNKS
from qa.api.footnotes import numbered, with_footnotes, without_footnotes
from qa.api.openai_schema import MODEL, ChatCompletion, ChatMessage, ChatRequest, Model, ModelList, Usage, delta
from qa.api.problems import ModelUnknown, failure, openai_body, openai_problems
from qa.api.services import Services, unless_gone
from qa.assistant import Event
from qa.history import MAX_QUESTION
from qa.types import Answer

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], responses=openai_problems(400, 404, 429, 503))
    listed = Model(id=MODEL, created=int(time.time()))

    @routes.post(
        "/chat/completions",
        response_model=ChatCompletion,
        responses={
            200: {"description": "The completion, or with `stream` its chunks.", "content": CHUNKS},
            413: openai_problems(413)[413],
        },
    )
    async def chat(asked: ChatRequest, request: Request) -> Any:
        """Answer the last message from the sources, with footnotes, or say that they do not answer it."""
        _known(asked.model)
        if asked.n not in (None, 1):
            raise QuestionMalformed("There is one answer to a question: leave n out.")
        question, history = conversation(asked.messages)
        where = asked.where(services.index)
        told = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": MODEL}
        base = str(request.base_url)
        if asked.stream:
            events = services.stream(question, history, where, strictness=asked.strictness)
            first = await unless_gone(request, anext(events))
            usage = asked if asked.stream_options and asked.stream_options.include_usage else None
            return StreamingResponse(
                _chunks({**told, "object": "chat.completion.chunk"}, first, events, base, usage),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        answer = await unless_gone(request, services.ask(question, history, where, strictness=asked.strictness))
        message = {"content": with_footnotes(answer), **_cited(answer, base)}
        return {
            **told,
            "choices": [{"message": message}],
            "usage": _usage(asked.messages, message["content"]),
            "answer": answer.to_dict(),
        }

    @routes.get("/models", response_model=ModelList)
    async def models() -> Any:
        """The one model that there is."""
        return ModelList(data=[listed])

    @routes.get("/models/{model}", response_model=Model)
    async def model(model: str) -> Any:
        """The model, if it is the one that there is."""
        _known(model)
        return listed

    return routes


def conversation(messages: list[ChatMessage]) -> tuple[str, list[tuple[str, str]]]:
    """(question, history) of a conversation; each user message before the last is a turn with what was answered.

    Raises QuestionMalformed when the last message is not a user's text.
    """
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise QuestionMalformed("The last message must be the user's: it is the question.")
    history: list[tuple[str, str]] = []
    for message in said[:-1]:
        text = _text(message)
        if message.role == "user":
            history.append((text, ""))
        elif history:
            question, answer = history[-1]
            history[-1] = (question, f"{answer} {without_footnotes(text)}".strip())
    # What was too long to be asked was not answered; it must not spoil the questions after it.
    return _text(said[-1]), [turn for turn in history if len(turn[0]) <= MAX_QUESTION]


def _text(message: ChatMessage) -> str:
    if isinstance(message.content, list):
        if message.role == "user" and any(part.text is None for part in message.content):
            raise QuestionMalformed("Only text can be asked: a message holds a part that is not text.")
        return "\n".join(part.text or "" for part in message.content)
    return message.content or ""


def _known(model: str) -> None:
    if model != MODEL:
        raise ModelUnknown(f"There is no such model. The one that there is: {MODEL}.")


async def _chunks(
    told: dict[str, Any], first: Event, rest: AsyncIterator[Event], base: str, usage: ChatRequest | None
) -> AsyncIterator[bytes]:
    said = ""
    try:
        yield _data(delta(told, {"role": "assistant", "content": ""}))
        async for event in _joined(first, rest):
            for chunk in _said(event, said, base):
                said += chunk.get("content", "")
                yield _data(delta(told, chunk))
        yield _data(delta(told, {}, "stop"))
        if usage:
            yield _data({**told, "choices": [], "usage": _usage(usage.messages, said).model_dump()})
        yield format_sse_event(data_str="[DONE]")
    except Exception as error:
        yield _data(openai_body(failure(error)))


def _said(event: Event, said: str, base: str) -> Iterator[dict[str, Any]]:
    """What an event adds to the message: sentences as they come, footnotes and citations with the whole answer."""
    if event.name == "text":
        sentence = numbered(event.data["text"], event.data["citations"], event.data["status"])
        yield {"content": f" {sentence}" if said else sentence}
    elif event.name == "answer":
        answer: Answer = event.data
        whole = with_footnotes(answer)
        # What was said already and did not stand is corrected by the whole answer under it.
        yield {
            "content": whole[len(said) :] if whole.startswith(said) else f"\n\n{whole}",
            **_cited(answer, base),
        }


async def _joined(first: Event, rest: AsyncIterator[Event]) -> AsyncIterator[Event]:
    yield first
    async for event in rest:
        yield event


def _cited(answer: Answer, base: str) -> dict[str, Any]:
    """The message's `citations`, and its `annotations`: where each number stands in the text."""
    text = with_footnotes(answer)
    annotations = []
    for citation in answer.citations:
        marker = f"[{citation.number}]"
        start = text.index(marker)
        url = f"{base}api/documents/{citation.document.id}"
        place = {"start_index": start, "end_index": start + len(marker), "title": citation.document.title, "url": url}
        annotations.append({"type": "url_citation", "url_citation": place})
    return {"annotations": annotations, "citations": [citation.to_dict() for citation in answer.citations]}


def _data(chunk: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(chunk, ensure_ascii=False))


def _usage(messages: list[ChatMessage], answer: str) -> Usage:
    asked, told = (_tokens(text) for text in ("\n".join(map(_text, messages)), answer))
    return Usage(prompt_tokens=asked, completion_tokens=told, total_tokens=asked + told)


def _tokens(text: str) -> int:
    """Word pieces, as the shipped tokenizer counts them."""
    return len(_tokenizer().encode(text, add_special_tokens=False).ids)


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    from index.embed.onnx import SHIPPED

    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
