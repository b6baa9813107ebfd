import pytest

from eval.measures import MEASURES, by_tag, measured
from eval.types import Best, Case, Found, Score


def result(
    *,
    answerable: bool = True,
    right: float = 1.0,
    abstained: bool = False,
    confidence: float | None = 0.5,
    citations: tuple[int, int] = (0, 0),
    found: Found | None = None,
    latency_ms: float | None = None,
    tags: tuple[str, ...] = (),
) -> Score:
    case = Case("id", "Question?", ("answer",) if answerable else (), tags=tags)
    exact, all_of_them = citations
    return Score(
        case=case,
        exact_match=right,
        f1=right,
        cited_answer=right if answerable else None,
        citations=all_of_them,
        exact_citations=exact,
        citation_precision=None,
        citation_recall=None,
        found=found,
        abstained=abstained,
        confidence=confidence,
        latency_ms=latency_ms,
        best=None if confidence is None else Best("answer", right, right, answerable and right >= 0.5, None),
        error="ValueError: no" if confidence is None else None,
    )


def test_a_question_the_system_skipped_counts_as_zero() -> None:
    scores = [result(), result(), result(right=0.0, confidence=None)]
    assert measured(scores)["exact_match"] == pytest.approx(2 / 3)
    assert measured(scores)["cited_answer"] == pytest.approx(2 / 3)


def test_no_questions_measure_nothing() -> None:
    assert measured([]) == {row.key: None for row in MEASURES}


def test_the_answerable_are_also_measured_alone() -> None:
    scores = [result(right=0.5), result(right=0.0), result(answerable=False, abstained=True)]
    assert measured(scores)["f1"] == pytest.approx(1 / 2)
    assert measured(scores)["answerable_f1"] == pytest.approx(1 / 4)


def test_three_of_four_exact_citations_over_two_answers() -> None:
    assert measured([result(citations=(3, 3)), result(citations=(0, 1))])["citation_exactness"] == 3 / 4


def test_retrieval_leaves_out_the_questions_without_evidence() -> None:
    scores = [
        result(found=Found((1.0, 1.0, 1.0, 1.0), 1.0, 1.0)),
        result(found=Found((0.0, 0.5, 1.0, 1.0), 1 / 3, 0.5)),
        result(answerable=False),
    ]
    values = measured(scores)
    assert [values[f"recall_at_{k}"] for k in (1, 3, 5, 10)] == [1 / 2, 3 / 4, 1, 1]
    assert values["mrr"] == pytest.approx(2 / 3)


def test_abstaining_is_the_positive_class() -> None:
    scores = [
        result(answerable=False, abstained=True),
        result(answerable=False, abstained=True),
        result(answerable=False),
        result(abstained=True),
        result(),
    ]
    values = measured(scores)
    assert values["abstention_precision"] == pytest.approx(2 / 3)
    assert values["abstention_recall"] == pytest.approx(2 / 3)
    assert values["abstention_f1"] == pytest.approx(2 / 3)


def test_answering_everything_has_no_abstention_precision_and_a_recall_of_zero() -> None:
    values = measured([result(answerable=False), result()])
    assert values["abstention_precision"] is None
    assert (values["abstention_recall"], values["abstention_f1"]) == (0.0, 0.0)


def test_a_failed_question_did_not_abstain() -> None:
    values = measured([result(answerable=False, abstained=True), result(answerable=False, confidence=None)])
    assert values["abstention_recall"] == 1 / 2


def test_auroc_counts_the_pairs_in_the_right_order_and_a_tie_as_half() -> None:
    # .9 beats .2 and .5; .5 beats .2 and ties with .5: 3.5 of 4 pairs.
    scores = [result(confidence=0.9), result(confidence=0.5)]
    scores += [result(answerable=False, confidence=0.2), result(answerable=False, confidence=0.5)]
    assert measured(scores)["answerability_auroc"] == pytest.approx(3.5 / 4)


def test_auroc_needs_both_kinds_of_questions() -> None:
    assert measured([result(), result()])["answerability_auroc"] is None


def test_a_failed_question_loses_every_pair_of_the_auroc() -> None:
    scores = [result(confidence=0.9), result(confidence=None), result(answerable=False, confidence=0.2)]
    assert measured(scores)["answerability_auroc"] == 1 / 2
    scores = [result(confidence=0.9), result(answerable=False, confidence=None)]
    assert measured(scores)["answerability_auroc"] == 0.0


def test_latency_percentiles_lie_between_the_times() -> None:
    scores = [result(latency_ms=ms) for ms in (10.0, 20.0, 30.0)] + [result(confidence=None)]
    assert measured(scores)["latency_p50_ms"] == 20.0
    assert measured(scores)["latency_p95_ms"] == pytest.approx(29.0)


def test_a_case_counts_under_each_of_its_tags() -> None:
    scores = [result(tags=("date", "typo")), result(tags=("date",), right=0.0)]
    tagged = by_tag(scores)
    assert {tag: len(of_tag) for tag, of_tag in tagged.items()} == {"date": 2, "typo": 1}
    assert measured(tagged["date"])["exact_match"] == 1 / 2


def test_every_measure_has_its_own_key_and_title() -> None:
    assert len({row.key for row in MEASURES}) == len({row.title for row in MEASURES}) == len(MEASURES)
