"""Drafts: what is proposed, and that nothing counts before a person has accepted it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eval.__main__ import main
from eval.cases import load_cases
from eval.drafting.feedback import from_feedback
from eval.drafting.questions import Target, drafts, sentences
from eval.drafting.salient import salient
from eval.drafting.spans import spans
from eval.public.types import text_document
from index.errors import CasesError
from qa.read.span import SpanReader

TEXT = (
    "The budget was raised to 45,000 for all of the following years by the council. Nobody said why. "
    "The talks in the town hall were opened by Ann Archer on May 3 before two hundred guests. "
    "A second meeting, led by Bruno Berg, is planned for November 12 in the old harbour of the city."
)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("It was opened by Ann Archer on May 3, 2017.", [("name", "Ann Archer"), ("date", "May 3, 2017")]),
        ("Only 12.5 percent of them came in 1998.", [("number", "12.5 percent"), ("year", "1998")]),
        ("He said “we shall not leave this hall” and left.", [("quotation", "“we shall not leave this hall”")]),
        ("Nobody came to the Syrian opposition or to the pro-Iranian forces.", []),
        ("Although it rained, three came.", [("number", "three")]),
        ("It opens each April, since 12 May 1999.", [("month", "April"), ("date", "12 May 1999")]),
    ],
)
def test_spans_are_told_from_their_looks(sentence: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.text) for one in spans(sentence)] == found
    assert all(sentence[one.start : one.end] == one.text for one in spans(sentence))


def test_every_drafted_answer_and_its_evidence_stand_in_the_document() -> None:
    document = text_document("Talks", TEXT)
    made = [draft.case for draft in drafts([document], 12)]
    assert made
    for case in made:
        assert all(quote in TEXT for quote in case.evidence)
        assert all(answer in case.evidence[0] for answer in case.answers)
        assert all(answer not in case.question for answer in case.answers)


def test_a_question_takes_the_place_of_its_answer() -> None:
    document = text_document("Talks", "A second meeting of the group is planned for November 12.")
    (draft,) = drafts([document], 1)
    assert draft.case.question == "A second meeting of the group is planned for what date?"
    assert draft.case.answers == ("November 12",)


def test_a_near_miss_asks_for_what_the_document_does_not_say() -> None:
    document = text_document("Talks", TEXT)
    made = [draft for seed in range(8) for draft in drafts([document], 3, seed)]
    near = [draft for draft in made if "near miss" in draft.case.tags]
    assert near
    for draft in near:
        assert not draft.case.answerable
        assert draft.case.evidence == ()
        assert draft.case.question.rstrip("?") not in TEXT


def test_a_near_miss_swaps_a_number_for_one_that_looks_like_it() -> None:
    document = text_document(
        "Hours",
        "The bakery was bought by Paul Linden for 22,000 marks in the spring. "
        "It opens at nine for its guests and closes early. "
        "The dough is fed at five by Ann Archer before the shop opens.",
    )
    asked = Target(document, (fed := [text for text, _ in sentences(document)][-1]), spans(fed)[-1])
    assert asked.found.text == "Ann Archer"
    made = [drafts([document], 3, seed, [*3 * [asked]])[-1].case.question for seed in range(6)]
    assert set(made) == {"The dough is fed at nine by whom or what before the shop opens?"}


def test_the_same_seed_drafts_the_same() -> None:
    document = text_document("Talks", TEXT)
    assert drafts([document], 5, seed=3) == drafts([document], 5, seed=3)


@pytest.mark.timeout(300)
def test_the_reader_points_at_what_is_salient() -> None:
    document = text_document("Talks", TEXT)
    reader = SpanReader.shipped()
    found = salient([document], 3, reader)
    assert found
    assert all(target.found.text in target.sentence and target.sentence in TEXT for target in found)
    assert len({target.sentence for target in found}) == len(found)
    assert salient([document], 3, reader) == found
    made = drafts([document], 3, 0, found)
    assert [draft.about for draft in made][: len(found)] == [target.sentence for target in found]


def feedback(verdict: str, **more: Any) -> dict[str, Any]:
    answer = {
        "question": "And when?",
        "standalone_question": "When was it opened?",
        "answered": True,
        "answer": "May 3",
        "citations": [{"context": TEXT[:88], "document": {"path": "talks.txt"}}],
    }
    row = {
        "id": "1",
        "time": "2026-01-01T00:00:00Z",
        "verdict": verdict,
        "comment": "",
        "expected": "",
        "answer": answer,
    }
    return {**row, **more}


@pytest.mark.parametrize(
    ("row", "answers"),
    [
        (feedback("right"), ("May 3",)),
        (feedback("wrong_answer", expected="May 4"), ("May 4",)),
        (feedback("wrong_answer"), ()),
        (feedback("in_the_source", expected="at noon"), ("at noon",)),
    ],
)
def test_feedback_becomes_a_draft(row: dict[str, Any], answers: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    (draft,) = from_feedback(file)
    assert (draft.case.question, draft.case.answers) == ("When was it opened?", answers)
    assert bool(draft.case.evidence) == (row["verdict"] == "right")
    assert ("what is the right answer?" in draft.about) == (not answers)
    assert "asked as: And when?" in draft.about


def test_a_file_that_is_no_feedback_is_told(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_text('{"id": "1"}\n', encoding="utf-8")
    with pytest.raises(CasesError, match="not a feedback file"):
        from_feedback(file)


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    """Three drafts from three questions that people said something about."""
    rows = [feedback("right"), feedback("wrong_answer"), feedback("in_the_source", expected="at noon")]
    for number, row in enumerate(rows):
        row["id"] = str(number)
        row["answer"] = {**row["answer"], "standalone_question": f"Question {number}?"}
    file = tmp_path / "feedback.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    made = CliRunner().invoke(main, ["--from-feedback", str(file), "--out", str(tmp_path / "drafts.jsonl")])
    assert made.exit_code == 0, made.output
    return tmp_path / "drafts.jsonl"


@pytest.fixture
def review(drafted: Path) -> Callable[[str], Result]:
    def command(typed: str) -> Result:
        return CliRunner().invoke(
            main, ["review", str(drafted), "--out", str(drafted.parent / "cases.jsonl")], input=typed
        )

    return command


def waiting(drafted: Path) -> list[str]:
    return [json.loads(line)["question"] for line in drafted.read_text(encoding="utf-8").splitlines()]


def test_a_draft_is_no_case_until_it_is_accepted(drafted: Path) -> None:
    with pytest.raises(CasesError, match='"draft" is not a key of a case'):
        load_cases(drafted)


def test_what_is_accepted_is_a_case_and_what_is_thrown_away_is_gone(
    review: Callable[[str], Result], drafted: Path
) -> None:
    told = review("a\nt\nl\n")
    assert told.exit_code == 0, told.output
    (case,) = load_cases(drafted.parent / "cases.jsonl")
    assert (case.question, case.answers, case.tags) == ("Question 0?", ("May 3",), ("feedback", "right"))
    assert waiting(drafted) == ["Question 2?"]


def test_words_can_be_changed_before_accepting(review: Callable[[str], Result], drafted: Path) -> None:
    review("l\nq\nWhen was it opened?\nw\nMay 4 | 4 May\na\nx\n")
    (case,) = load_cases(drafted.parent / "cases.jsonl")
    assert (case.question, case.answers) == ("When was it opened?", ("May 4", "4 May"))


def test_stopping_keeps_what_was_decided_and_what_was_not(review: Callable[[str], Result], drafted: Path) -> None:
    review("a\nx\n")
    assert waiting(drafted) == ["Question 1?", "Question 2?"]
    review("a\na\n")
    assert [case.question for case in load_cases(drafted.parent / "cases.jsonl")] == [
        "Question 0?",
        "Question 1?",
        "Question 2?",
    ]
    assert waiting(drafted) == []


def test_an_end_of_input_loses_nothing(review: Callable[[str], Result], drafted: Path) -> None:
    review("a\n")  # then the terminal closes
    assert len(load_cases(drafted.parent / "cases.jsonl")) == 1
    assert waiting(drafted) == ["Question 1?", "Question 2?"]


def test_drafts_are_not_written_over(drafted: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(
        main, ["draft", "--from-feedback", str(tmp_path / "feedback.jsonl"), "--out", str(drafted)]
    )
    assert told.exit_code == 1
    assert "is there already" in told.stderr


def test_sources_are_drafted_from(tmp_path: Path) -> None:
    source = tmp_path / "talks.txt"
    source.write_text(TEXT, encoding="utf-8")
    told = CliRunner().invoke(main, ["draft", str(source), "--out", str(tmp_path / "made.jsonl"), "--count", "3"])
    assert told.exit_code == 0, told.output
    assert waiting(tmp_path / "made.jsonl")


def test_either_sources_or_feedback(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["draft"]).exit_code == 2
