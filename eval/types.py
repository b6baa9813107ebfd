"""What moves through an evaluation: Case → Prediction → Score. All frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from index.store import Where
from index.types import Document, Hit
from qa.types import Answer, History


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its right answers. No `answers`: the sources do not say, and abstaining is right.

    Two fields that only public sets fill: `documents`, the ids of those that it is asked of, all where it is empty; and
    `long_form`, which says that the answers are free prose, so that a span of the evidence is a right answer.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    long_form: bool = False

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What came back for a case: an answer and the passages found for it, best first; or an `error`.

    `guess` is what would have been said instead of abstaining, where that can be known.
    """

    case: Case
    answer: Answer | None = None
    hits: tuple[Hit, ...] = ()
    latency_ms: float | None = None
    error: str | None = None
    guess: Answer | None = None

    @property
    def best(self) -> Answer | None:
        """The answer if there is one, else the guess."""
        return self.answer if self.answer is not None and self.answer.answered else self.guess

    @property
    def text(self) -> str:
        """The answer's words; "" where it abstained or failed."""
        return self.answer.text if self.answer is not None and self.answer.answered else ""

    @property
    def abstained(self) -> bool:
        """Whether it said that the sources do not say. A failed question did not."""
        return self.answer is not None and not self.answer.answered

    def to_dict(self) -> dict[str, Any]:
        """A line of `predictions.jsonl`: the case's id and the answer, or the question and its error."""
        if self.answer is None:
            return {"id": self.case.id, "question": self.case.question, "error": self.error}
        return {"id": self.case.id, **self.answer.to_dict()}


@dataclass(frozen=True, slots=True)
class Found:
    """How well the search did on one question. `recall` follows `eval.retrieval.CUTOFFS`; `ndcg` is at the last."""

    recall: tuple[float, ...]
    reciprocal_rank: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Best:
    """The best answer of a question, given or not: what it is worth if nothing is ever withheld.

    `right` is what the confidence is about: F1 of at least a half, or, of a long-form case, a span of the evidence.
    `in_evidence`: whether a citation overlaps the evidence, None where there is none.
    """

    text: str
    exact_match: float
    f1: float
    right: bool
    in_evidence: bool | None


@dataclass(frozen=True, slots=True)
class Score:
    """One question's results. None: the measure does not apply to this question.

    `citation_precision` is the share of the cited sentences' characters that are evidence, `citation_recall` the share
    of the evidence's that are cited. `unfounded` are evidence quotes that stand in no source: a defect of the case, not
    of the answer.
    """

    case: Case
    exact_match: float
    f1: float
    cited_answer: float | None
    citations: int
    exact_citations: int
    citation_precision: float | None
    citation_recall: float | None
    found: Found | None
    abstained: bool
    confidence: float | None
    latency_ms: float | None
    best: Best | None
    error: str | None = None
    unfounded: tuple[str, ...] = ()


class Searches(Protocol):
    """The part of an index that an evaluation uses."""

    def search(self, question: str, k: int, where: Where) -> Sequence[Hit]: ...

    def documents(self) -> Sequence[Document]: ...


class Asks(Protocol):
    """The part of an assistant that an evaluation uses."""

    @property
    def index(self) -> Searches: ...

    def ask(self, question: str, history: History, where: Where) -> Answer: ...

    def guess(self, question: str, history: History, where: Where) -> Answer | None:
        """`ask`, never abstaining; None where nothing can be said or known."""
        ...
