"""The shapes of the OpenAI-compatible routes: what clients send, and of what they may send only what matters here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from qa.api import examples
from qa.api.schema import AnswerModel, Asked, CitationModel, Integer

MODEL = "footnote"


class TextPart(BaseModel):
    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    role: str
    content: str | list[TextPart] | None = None


class StreamOptions(BaseModel):
    include_usage: StrictBool = False


class ChatRequest(Asked):
    """Sampling settings, tools and whatever else clients send are ignored: nothing is sampled here."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": examples.QUESTION}]}],
        },
    )

    model: str
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=2000,
        description="The last must be the user's question; the ones before are its history. System messages are "
        "ignored: the answer comes from the sources alone.",
    )
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None
    n: Integer | None = None


class UrlCitation(BaseModel):
    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(BaseModel):
    """Where in `content` a footnote's number stands, and the document it points to."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class AssistantMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]
    citations: list[CitationModel] = Field(description="The same objects as in /api/ask.")


class Choice(BaseModel):
    index: int = 0
    message: AssistantMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPLETION]})

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    answer: AnswerModel = Field(description="The whole answer, as /api/ask gives it.")


class Model(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.MODEL]})

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL


class ModelList(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"object": "list", "data": [examples.MODEL]}]})

    object: Literal["list"] = "list"
    data: list[Model]


class ErrorBody(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    error: ErrorBody


def delta(completion: dict[str, Any], change: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """A chunk of a streamed completion."""
    return {**completion, "choices": [{"index": 0, "delta": change, "finish_reason": finish, "logprobs": None}]}
