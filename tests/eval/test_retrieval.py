from math import log2

import pytest

from eval.retrieval import CUTOFFS, found, locate
from eval.types import Found
from index.types import Document, Hit, Passage
from qa.types import Span


def hit(name: str, start: int, end: int, score: float = 0.5) -> Hit:
    return Hit(Passage(name, "doc", start, end, "x" * (end - start)), score, None, None)


def test_a_quote_is_found_wherever_it_stands(document: Document) -> None:
    assert locate("May 6", [document]) == (Span("talks", 49, 54),)
    assert locate(" ", [document])[:2] == (Span("talks", 3, 4), Span("talks", 9, 10))


def test_a_quote_with_another_apostrophe_is_not_found(document: Document) -> None:
    assert locate("Syria’s", [document]) == ()


def test_evidence_in_the_second_passage_has_a_reciprocal_rank_of_a_half() -> None:
    hits = [hit("a", 0, 10), hit("b", 10, 20)]
    assert found([(Span("doc", 12, 15),)], hits) == Found((0.0, 1.0, 1.0, 1.0), 1 / 2, pytest.approx(1 / log2(3)))


def test_recall_is_the_share_of_the_evidence_found() -> None:
    hits = [hit("a", 0, 10), hit("b", 10, 20), hit("c", 20, 30), hit("d", 30, 40)]
    evidence = [(Span("doc", 2, 5),), (Span("doc", 31, 35),), (Span("doc", 90, 95),)]
    result = found(evidence, hits)
    assert result is not None
    assert dict(zip(CUTOFFS, result.recall, strict=True)) == pytest.approx({1: 1 / 3, 3: 1 / 3, 5: 2 / 3, 10: 2 / 3})
    assert result.reciprocal_rank == 1.0


def test_a_sentence_in_two_overlapping_passages_need_be_found_once() -> None:
    hits = [hit("a", 0, 20), hit("b", 10, 30)]
    assert found([(Span("doc", 12, 18),)], hits) == Found((1.0,) * 4, 1.0, 1.0)


def test_any_place_of_a_quote_will_do() -> None:
    assert found([(Span("doc", 50, 55), Span("doc", 2, 7))], [hit("a", 0, 10)]) == Found((1.0,) * 4, 1.0, 1.0)


def test_a_passage_that_only_touches_the_evidence_does_not_count() -> None:
    assert found([(Span("doc", 10, 15),)], [hit("a", 0, 10)]) == Found((0.0,) * 4, 0.0, 0.0)


def test_another_documents_passage_does_not_count() -> None:
    assert found([(Span("other", 0, 5),)], [hit("a", 0, 10)]) == Found((0.0,) * 4, 0.0, 0.0)


def test_equal_scores_keep_the_order_of_the_search() -> None:
    hits = [hit("z", 0, 10), hit("a", 10, 20)]
    assert found([(Span("doc", 2, 5),)], hits) == Found((1.0,) * 4, 1.0, 1.0)


def test_a_search_without_hits_found_nothing() -> None:
    assert found([(Span("doc", 2, 5),)], []) == Found((0.0,) * 4, 0.0, 0.0)


def test_a_question_without_evidence_is_left_out() -> None:
    assert found([], [hit("a", 0, 10)]) is None
