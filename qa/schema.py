"""The shapes of the API's requests and replies, as OpenAPI describes them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from qa.history import MAX_QUESTION


class DocumentRef(BaseModel):
    id: str
    title: str
    path: str


class CitationModel(BaseModel):
    """`quote` is characters `start` to `end` (Python's str) of the document's canonical text."""

    number: int
    document: DocumentRef
    start: int
    end: int
    quote: str
    context: str
    context_start: int
    page: int | None


class SentenceModel(BaseModel):
    text: str
    status: str
    citations: list[int]


class NearestModel(BaseModel):
    document: DocumentRef
    start: int
    end: int
    text: str
    score: float


class AnswerModel(BaseModel):
    question: str
    standalone_question: str
    answered: bool
    answer: str
    confidence: float = Field(ge=0, le=1)
    mode: str
    citations: list[CitationModel]
    sentences: list[SentenceModel]
    nearest: list[NearestModel]
    timings_ms: dict[str, float]


class AskRequest(BaseModel):
    question: str = Field(description=f"1 to {MAX_QUESTION:,} characters.", examples=["When does the ceasefire start?"])
    history: list[tuple[str, str]] | None = Field(
        default=None, description="Earlier turns, oldest first: [question, answer]."
    )


class SearchRequest(BaseModel):
    question: str = Field(examples=["Who are the guarantors?"])
    k: int = Field(default=10, ge=1, le=50, strict=True, description="How many passages.")


class HitModel(NearestModel):
    section: str
    dense_rank: int | None
    lexical_rank: int | None


class SearchResponse(BaseModel):
    hits: list[HitModel]


class DocumentSummary(DocumentRef):
    characters: int
    sha256: str = Field(description="Of the file's bytes when it was indexed.")
    source: str = Field(description="The file since then: same, changed or missing.")


class DocumentList(BaseModel):
    documents: list[DocumentSummary]


class HeadingModel(BaseModel):
    start: int
    end: int
    level: int


class WholeDocument(DocumentSummary):
    text: str = Field(description="The canonical text: every offset of every citation counts its characters.")
    headings: list[HeadingModel]
    pages: list[int] | None


class Problem(BaseModel):
    """RFC 9457. `type` is stable; `detail` says what was wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str


class Health(BaseModel):
    status: str
    documents: int
    passages: int
    version: str
