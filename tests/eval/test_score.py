from collections.abc import Callable
from dataclasses import replace
from math import log2

import pytest

from eval.score import is_exact, score
from eval.types import Case, Found, Prediction
from index.types import Document, Hit
from qa.types import Answer

Answered = Callable[..., Answer]
WHEN = Case("when", "When?", ("May 6", "from May 6"), ("A ceasefire starts on May 6.",))
WHO = Case("who", "Who?")


def test_a_right_answer_with_an_exact_citation_and_its_evidence_second(
    document: Document, hits: list[Hit], answered: Answered
) -> None:
    result = score(Prediction(WHEN, answered("When?", "May 6"), tuple(hits), 12.5), {document.id: document})
    assert (result.exact_match, result.f1, result.cited_answer) == (1.0, 1.0, 1.0)
    assert (result.exact_citations, result.citations) == (1, 1)
    assert result.found == Found((0.0, 1.0, 1.0, 1.0), 1 / 2, pytest.approx(1 / log2(3)))
    assert (result.abstained, result.confidence, result.latency_ms) == (False, 0.9, 12.5)


def test_the_cited_sentence_may_hold_the_answer_that_the_quote_misses(document: Document, answered: Answered) -> None:
    result = score(Prediction(WHEN, answered("When?", "A ceasefire")), {document.id: document})
    assert (result.exact_match, result.f1, result.cited_answer) == (0.0, 0.0, 1.0)


def test_the_words_of_an_abstention_are_not_an_answer(document: Document, abstained: Callable[..., Answer]) -> None:
    says = Case("says", "What?", ("The sources do not say.",))
    assert score(Prediction(says, abstained("What?")), {document.id: document}).exact_match == 0.0
    assert score(Prediction(WHO, abstained("Who?")), {document.id: document}).exact_match == 1.0


def test_a_failed_question_is_worth_nothing_even_where_silence_was_right(document: Document) -> None:
    failed = score(Prediction(WHO, error="ValueError: no"), {document.id: document})
    assert (failed.exact_match, failed.f1, failed.abstained, failed.cited_answer) == (0.0, 0.0, False, None)
    failed = score(Prediction(WHEN, error="ValueError: no"), {document.id: document})
    assert (failed.exact_match, failed.cited_answer, failed.found) == (0.0, 0.0, Found((0.0,) * 4, 0.0, 0.0))


def test_a_quote_one_character_off_is_not_exact(document: Document, answered: Answered) -> None:
    citation = answered("When?", "May 6").citations[0]
    assert is_exact(citation, {document.id: document})
    assert not is_exact(replace(citation, start=citation.start + 1), {document.id: document})
    assert not is_exact(replace(citation, quote="May 7"), {document.id: document})


def test_a_citation_is_held_to_the_source_and_not_to_its_own_copy(document: Document, answered: Answered) -> None:
    citation = answered("When?", "May 6").citations[0]
    changed = replace(document, text=document.text.replace("May 6", "May 7"))
    assert not is_exact(citation, {document.id: changed})
    assert not is_exact(citation, {})


def test_evidence_that_stands_in_no_source_is_reported_and_left_out(document: Document, hits: list[Hit]) -> None:
    case = replace(WHEN, evidence=("A ceasefire starts on May 6.", "It starts on May 6."))
    result = score(Prediction(case, hits=tuple(hits)), {document.id: document})
    assert result.unfounded == ("It starts on May 6.",)
    assert result.found == Found((0.0, 1.0, 1.0, 1.0), 1 / 2, pytest.approx(1 / log2(3)))
    nowhere = score(Prediction(replace(WHEN, evidence=("Nowhere.",))), {document.id: document})
    assert nowhere.found is None
