"""The shapes of the API's requests and replies, as OpenAPI describes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StrictBool, StrictFloat
from pydantic.config import JsonDict

from index import Index
from index.store import EVERYWHERE, Where
from qa.api import examples
from qa.feedback import MAX_TEXT, Verdict
from qa.history import MAX_QUESTION


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integer = Annotated[int, Strict(), BeforeValidator(_whole)]
"""A number, no text and no truth value; 5.0 is an integer too, as JSON Schema has it and some clients write it."""


def shown(example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


QUESTION: JsonDict = {"minLength": 1, "maxLength": MAX_QUESTION, "pattern": r"[^\s\x1c-\x1f\x85]"}
"""Told, not checked here: `checked_question` does that, and its errors say what to do."""


class DocumentRef(BaseModel):
    id: str
    title: str
    path: str


class CitationModel(BaseModel):
    """`quote` is characters `start` to `end` (Python's str) of the document's canonical text."""

    number: Integer
    document: DocumentRef
    start: Integer
    end: Integer
    quote: str
    context: str
    context_start: Integer
    page: Integer | None
    source: str | None = Field(
        default=None,
        exclude_if=lambda source: source is None,
        description="Only where the file is not as it was indexed any more: changed or missing.",
    )


class SentenceModel(BaseModel):
    text: str
    status: str
    citations: list[Integer]


class NearestModel(BaseModel):
    document: DocumentRef
    start: Integer
    end: Integer
    text: str
    score: StrictFloat


class AnswerModel(BaseModel):
    """`answered: false` is an answer too: `answer` says so in a sentence, `citations` is empty, `nearest` filled."""

    model_config = shown(examples.ANSWER)

    question: str
    standalone_question: str
    answered: StrictBool
    answer: str
    confidence: StrictFloat = Field(ge=0, le=1)
    mode: str
    citations: list[CitationModel]
    sentences: list[SentenceModel]
    nearest: list[NearestModel]
    timings_ms: dict[str, StrictFloat]
    notice: str = Field(
        default="",
        exclude_if=lambda notice: not notice,
        description="Only there where a language model could not answer: why.",
    )


class Limited(BaseModel):
    """What a question may be limited to."""

    documents: list[str] | None = Field(
        default=None,
        max_length=1000,
        description="Only these documents, by id, and those with one of the tags; all when both are left out or empty.",
    )
    tags: list[str] | None = Field(default=None, max_length=1000, description="Only documents with one of these tags.")

    def where(self, index: Index) -> Where:
        """Raises DocumentUnknown for an id that no document has: a slip must not look like "not in the source"."""
        for document_id in self.documents or ():
            index.document(document_id)
        documents, tags = frozenset(self.documents or ()), frozenset(self.tags or ())
        return Where(documents or None, tags or None) if documents or tags else EVERYWHERE


class Asked(Limited):
    """What every request for an answer may say beside its question."""

    strictness: StrictFloat | None = Field(
        default=None,
        ge=0,
        le=1,
        description="The share of answers given that shall be right, as measured on our tests; higher refuses more.",
    )


class AskRequest(Asked):
    model_config = shown({"question": examples.QUESTION, "history": []})

    question: str = Field(description=f"1 to {MAX_QUESTION:,} characters.", json_schema_extra=QUESTION)
    history: list[tuple[Annotated[str, Field(json_schema_extra={"maxLength": MAX_QUESTION})], str]] | None = Field(
        default=None, description="Earlier turns, oldest first: [question, answer]."
    )


class SearchRequest(Limited):
    model_config = shown({"question": examples.QUESTION, "k": 5})

    question: str = Field(json_schema_extra=QUESTION)
    k: Integer = Field(default=10, ge=1, le=50, description="How many passages.")


class HitModel(NearestModel):
    section: str
    dense_rank: Integer | None
    lexical_rank: Integer | None


class SearchResponse(BaseModel):
    model_config = shown({"hits": [examples.HIT]})

    hits: list[HitModel]


class DocumentSummary(DocumentRef):
    model_config = shown(examples.SUMMARY)

    characters: Integer
    sha256: str = Field(description="Of the file's bytes when it was indexed.")
    source: str = Field(description="The file since then: same, changed or missing.")
    tags: list[str] = Field(default=[], description="What a question can be limited to.")


class DocumentList(BaseModel):
    model_config = shown({"documents": [examples.SUMMARY], "total": 1, "next": None})

    documents: list[DocumentSummary]
    total: Integer = Field(description="Of all pages together.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


class HeadingModel(BaseModel):
    start: Integer
    end: Integer
    level: Integer


class WholeDocument(DocumentSummary):
    model_config = shown(
        {
            **examples.SUMMARY,
            "text": "The whole text …",
            "headings": [{"start": 0, "end": 72, "level": 1}],
            "pages": None,
        }
    )

    text: str = Field(description="The canonical text: every offset of every citation counts its characters.")
    headings: list[HeadingModel]
    pages: list[Integer] | None


class FeedbackAnswer(AnswerModel):
    """An Answer as it was given; fields that a later version adds are kept."""

    model_config = ConfigDict(extra="allow")


class FeedbackRequest(BaseModel):
    model_config = shown(examples.FEEDBACK)

    verdict: Verdict
    answer: FeedbackAnswer
    comment: str = Field(default="", max_length=MAX_TEXT)
    expected: str = Field(default="", max_length=MAX_TEXT, description="What the answer should have been.")


class FeedbackReceipt(BaseModel):
    model_config = shown({"id": "0b5d8c4b6f2f4f0f9d6f3f0a5f1f7c11", "time": "2026-11-22T15:35:58.120Z"})

    id: str
    time: str = Field(description="ISO 8601, UTC.")


class Problem(BaseModel):
    """RFC 9457. `type` is stable; `detail` says what was wrong and what to do."""

    type: str
    title: str
    status: Integer
    detail: str


class Health(BaseModel):
    model_config = shown({"status": "ok", "documents": 1, "passages": 16, "version": "0.1.0"})

    status: str
    documents: Integer
    passages: Integer
    version: str


class Live(BaseModel):
    model_config = shown({"status": "ok"})

    status: str
