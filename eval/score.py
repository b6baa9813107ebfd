"""Prediction → Score: what one question is worth, before any mean is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.normalise import contains, exact_match, token_f1
from eval.overlap import citation_overlap, stands_in
from eval.retrieval import Evidence, found, locate
from eval.types import Best, Case, Prediction, Score
from index.types import Document
from qa.types import Answer, Citation

HALF = 0.5
"""The F1 from which an answer counts as right where one must say yes or no, as for risk and calibration."""


def score(prediction: Prediction, documents: Mapping[str, Document]) -> Score:
    """The results of one question; `documents` are the sources by id.

    A failed question is worth zero: no words, no citation, no hit, and no abstention where that was right.
    """
    case, answer = prediction.case, prediction.answer
    citations = answer.citations if answer is not None else ()
    within = [documents[id_] for id_ in case.documents] or list(documents.values())
    places = {quote: locate(quote, within) for quote in case.evidence}
    evidence = [spans for spans in places.values() if spans]
    precision, recall = citation_overlap(citations, evidence)
    return Score(
        case=case,
        exact_match=0.0 if answer is None else exact_match(prediction.text, case.answers),
        f1=0.0 if answer is None else token_f1(prediction.text, case.answers),
        cited_answer=None if case.long_form or not case.answerable else _cited_answer(case.answers, citations),
        citations=len(citations),
        exact_citations=sum(is_exact(citation, documents) for citation in citations),
        citation_precision=precision,
        citation_recall=recall,
        found=found(evidence, prediction.hits),
        abstained=prediction.abstained,
        confidence=None if answer is None else answer.confidence,
        latency_ms=prediction.latency_ms,
        best=None if prediction.best is None else _best(case, prediction.best, evidence),
        error=prediction.error,
        unfounded=tuple(quote for quote, spans in places.items() if not spans),
    )


def is_exact(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Whether `document.text[start:end] == quote`, in the source and not in the citation's copy."""
    document = documents.get(citation.document.id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _best(case: Case, answer: Answer, evidence: Sequence[Evidence]) -> Best:
    text = answer.text if answer.answered else ""
    f1 = token_f1(text, case.answers)
    in_evidence = stands_in(answer.citations, evidence) if evidence else None
    right = bool(in_evidence) if case.long_form else f1 >= HALF
    return Best(text, exact_match(text, case.answers), f1, case.answerable and right, in_evidence)


def _cited_answer(answers: tuple[str, ...], citations: tuple[Citation, ...]) -> float:
    return float(any(contains(citation.context, answers) for citation in citations))
