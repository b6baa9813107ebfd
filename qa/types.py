"""What moves through an answer: Hits → Draft → Answer. All frozen; `Answer.to_dict` is the contract's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from index.types import Document, Hit

NOT_IN_SOURCE = "The sources do not say."
"""The one abstention sentence, shared by readers, prompts, interfaces and tests."""

OnUnsupported = Literal["flag", "drop", "retry"]
"""What becomes of a language model's sentence that no source bears out."""
ON_UNSUPPORTED: tuple[OnUnsupported, ...] = ("flag", "drop", "retry")

History = Sequence[tuple[str, str]]
"""Earlier turns of a conversation, oldest first: (question, answer)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a document's canonical text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a drafted answer with the spans that it claims to stand on."""

    text: str
    spans: tuple[Span, ...]
    status: str = "quoted"


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of what a language model is writing, not yet verified; "" while it is silent."""

    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader wrote, not yet verified. No parts: the reader abstains.

    `confidence` is the calibrated probability, 0..1, that the sources answer the question and that this answer
    is right. `lacks` says which part of the question has no answer.
    """

    parts: tuple[Part, ...]
    confidence: float
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified footnote: `document.text[start:end] == quote`, and `context`, which begins at `context_start`,
    is the whole sentence (or sentences) around it. `page` is 1-based, None where there are no pages. `source` is what
    has become of the document's file since it was indexed: "same", "changed" or "missing"."""

    number: int
    document: Document
    start: int
    end: int
    quote: str
    context: str
    context_start: int
    page: int | None
    source: str = "same"

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "document": document_ref(self.document),
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "context": self.context,
            "context_start": self.context_start,
            "page": self.page,
            **({} if self.source == "same" else {"source": self.source}),
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer; `status` is quoted, supported or unsupported (the last two from an LLM only);
    `citations` are footnote numbers."""

    text: str
    status: str
    citations: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "status": self.status, "citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage that came near, whether or not it answers."""

    document: Document
    hit: Hit

    def to_dict(self) -> dict[str, Any]:
        return {
            "document": document_ref(self.document),
            "start": self.hit.passage.start,
            "end": self.hit.passage.end,
            "text": self.hit.passage.text,
            "score": round(self.hit.score, 4),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as every interface gives it. `answered=False` is an answer too: no citations, `nearest` filled."""

    question: str
    standalone_question: str
    answered: bool
    text: str
    confidence: float
    mode: str
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notice: str = ""
    """What a person should know about this answer: a model that could not be reached, say. "" for nothing."""

    def to_dict(self) -> dict[str, Any]:
        """The Answer JSON of the contract, the same everywhere; `notice` is there only where it says something."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answered": self.answered,
            "answer": self.text,
            "confidence": round(self.confidence, 4),
            "mode": self.mode,
            "citations": [citation.to_dict() for citation in self.citations],
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "nearest": [near.to_dict() for near in self.nearest],
            "timings_ms": {stage: round(ms, 2) for stage, ms in self.timings_ms.items()},
            **({"notice": self.notice} if self.notice else {}),
        }


def document_ref(document: Document) -> dict[str, str]:
    """How a citation names its document."""
    return {"id": document.id, "title": document.title, "path": document.path}
