"""Prediction → Score: what one question is worth, before any mean is taken."""

from __future__ import annotations

from collections.abc import Mapping

from eval.normalise import contains, exact_match, token_f1
from eval.retrieval import found, locate
from eval.types import Prediction, Score
from index.types import Document
from qa.types import Citation


def score(prediction: Prediction, documents: Mapping[str, Document]) -> Score:
    """The results of one question; `documents` are the sources by id.

    A failed question is worth zero: no words, no citation, no hit, and no abstention where that was right.
    """
    case, answer = prediction.case, prediction.answer
    citations = answer.citations if answer is not None else ()
    places = {quote: locate(quote, documents.values()) for quote in case.evidence}
    return Score(
        case=case,
        exact_match=0.0 if answer is None else exact_match(prediction.text, case.answers),
        f1=0.0 if answer is None else token_f1(prediction.text, case.answers),
        cited_answer=_cited_answer(case.answers, citations) if case.answerable else None,
        citations=len(citations),
        exact_citations=sum(is_exact(citation, documents) for citation in citations),
        found=found([spans for spans in places.values() if spans], prediction.hits),
        abstained=prediction.abstained,
        confidence=None if answer is None else answer.confidence,
        latency_ms=prediction.latency_ms,
        error=prediction.error,
        unfounded=tuple(quote for quote, spans in places.items() if not spans),
    )


def is_exact(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Whether `document.text[start:end] == quote`, in the source and not in the citation's copy."""
    document = documents.get(citation.document.id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _cited_answer(answers: tuple[str, ...], citations: tuple[Citation, ...]) -> float:
    return float(any(contains(citation.context, answers) for citation in citations))
