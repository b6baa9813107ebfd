"""Public sets: what the adapters make of their files, and a set asked of the shipped reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eval.__main__ import main
from eval.public import read_public
from index.errors import CasesError

TEA = "Green tea is steeped for three minutes. It is served hot."


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    asked = [
        {
            "id": "long",
            "question": "How long is green tea steeped?",
            "answers": [{"text": "three minutes", "answer_start": 25}, {"text": "three minutes", "answer_start": 25}],
        },
        {"id": "who", "question": "Who steeps black tea?", "is_impossible": True, "answers": []},
    ]
    other = {"context": "Coffee is roasted for ten minutes.", "qas": []}
    data = [{"title": "Green_tea", "paragraphs": [{"context": TEA, "qas": asked}, other]}]
    file = tmp_path / "squad.json"
    file.write_text(json.dumps({"data": data}), encoding="utf-8")
    return file


def clapnq_row(answer: str, sentences: list[str]) -> dict[str, Any]:
    return {
        "id": "1",
        "input": "how is green tea made",
        "passages": [{"title": "Green tea", "text": TEA, "sentences": TEA.split(". ")}],
        "output": [
            {"answer": answer, "selected_sentences": sentences},
            {"answer": "", "selected_sentences": []},
        ],
    }


def test_squad_questions_are_asked_of_their_own_paragraph(squad: Path) -> None:
    found = read_public("squad", [squad])
    long, who = found.cases
    assert [document.title for document in found.documents] == ["Green tea"]
    assert long.documents == (found.documents[0].id,)
    assert long.answers == ("three minutes",)
    assert long.evidence == ("Green tea is steeped for three minutes.",)
    assert (who.answerable, who.tags) == (False, ("impossible",))


def test_asked_openly_no_question_is_limited(squad: Path) -> None:
    assert all(case.documents == () for case in read_public("squad", [squad]).opened().cases)


def test_clapnq_counts_the_annotators_who_answered(tmp_path: Path) -> None:
    file = tmp_path / "clapnq.jsonl"
    file.write_text(json.dumps(clapnq_row("It is steeped.", ["It is served hot."])) + "\n\n", encoding="utf-8")
    (case,) = read_public("clapnq", [file]).cases
    assert (case.answers, case.evidence, case.long_form) == (("It is steeped.",), ("It is served hot.",), True)
    file.write_text(json.dumps(clapnq_row("", [])), encoding="utf-8")
    (case,) = read_public("clapnq", [file]).cases
    assert not case.answerable


@pytest.mark.parametrize("name", ["squad", "clapnq"])
def test_a_file_of_another_format_is_refused_by_name(name: str, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(CasesError, match=r"other\.json is not in"):
        read_public(name, [file])


def test_a_question_given_twice_is_told(squad: Path) -> None:
    with pytest.raises(CasesError, match='"long" occurs twice'):
        read_public("squad", [squad, squad])


def test_a_sample_is_spread_over_the_set(squad: Path) -> None:
    assert [case.id for case in read_public("squad", [squad]).sample(1).cases] == ["long"]
    assert len(read_public("squad", [squad]).sample(9).cases) == 2


@pytest.mark.parametrize("setting", [[], ["--open"]])
def test_a_set_is_asked_of_the_shipped_reader(squad: Path, tmp_path: Path, setting: list[str]) -> None:
    result = CliRunner().invoke(main, ["public", "squad", str(squad), "--json", "--out", str(tmp_path), *setting])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["settings"]["setting"] == ("open" if setting else "closed")
    assert told["measures"]["best_f1"] > 0.5
    assert told["measures"]["best_in_evidence"] == 1
    assert told["measures"]["risk_at_95"] >= 0.5  # one of the two has no answer
    lines = (tmp_path / "scores.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["long", "who"]


def test_a_set_that_nobody_knows_is_a_usage_error(squad: Path) -> None:
    assert CliRunner().invoke(main, ["public", "trivia", str(squad)]).exit_code == 2


def test_a_reader_that_is_not_there_is_told(squad: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["public", "squad", str(squad), "--reader", str(tmp_path)])
    assert result.exit_code == 1
    assert "No reader.json in" in result.stderr
