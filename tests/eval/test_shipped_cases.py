"""The shipped cases are right about the shipped article, as far as a machine can tell."""

from collections import Counter

import pytest

from eval.__main__ import CASES, SEEDS
from eval.cases import load_cases
from eval.normalise import normalise
from eval.types import Case

ARTICLE = (SEEDS / "astana-de-escalation-zones.txt").read_text(encoding="utf-8")
KINDS = ("fact", "number", "date", "name", "reason", "quotation", "paraphrase", "typo", "follow-up", "list")
UNANSWERABLE = ("unanswerable", "near-miss", "off-topic")


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases(CASES)


def test_there_are_enough_of_every_kind(cases: tuple[Case, ...]) -> None:
    tags = Counter(tag for case in cases for tag in case.tags)
    assert len(cases) >= 105
    assert tags["unanswerable"] >= 30
    assert all(tags[kind] >= 8 for kind in (*KINDS, *UNANSWERABLE))
    assert set(tags) == {*KINDS, *UNANSWERABLE}


def test_all_evidence_stands_in_the_article_word_for_word(cases: tuple[Case, ...]) -> None:
    assert [quote for case in cases for quote in case.evidence if quote not in ARTICLE] == []


def test_every_answer_stands_in_its_evidence_word_for_word(cases: tuple[Case, ...]) -> None:
    loose = [
        (case.id, answer)
        for case in cases
        for answer in case.answers
        if not any(answer in quote for quote in case.evidence)
    ]
    assert loose == []


def test_every_answerable_case_has_evidence(cases: tuple[Case, ...]) -> None:
    assert all(case.evidence for case in cases if case.answerable)


def test_the_tag_unanswerable_and_the_answers_agree(cases: tuple[Case, ...]) -> None:
    for case in cases:
        assert case.answerable == ("unanswerable" not in case.tags), case.id
        assert case.answerable != bool({"near-miss", "off-topic"} & set(case.tags)), case.id


def test_a_follow_up_is_a_case_with_a_history(cases: tuple[Case, ...]) -> None:
    assert all(bool(case.history) == ("follow-up" in case.tags) for case in cases)


def test_no_question_is_asked_twice(cases: tuple[Case, ...]) -> None:
    asked = Counter((normalise(case.question), case.history) for case in cases)
    assert [question for question, times in asked.items() if times > 1] == []


def test_no_answer_is_listed_twice(cases: tuple[Case, ...]) -> None:
    assert all(len(set(case.answers)) == len(case.answers) for case in cases)
