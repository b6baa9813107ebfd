"""Opinions of a language model: real evaluators of llama-index over a scripted model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.__main__ import main
from eval.judging.judges import JUDGES, Answered, opinion
from eval.judging.run import FILE, answers, judged
from index.errors import CasesError, FootnoteError
from tests.eval.scripted_llm import ScriptedLLM
from tests.qa.llm.server import Turn, serving

pytestmark = pytest.mark.timeout(300)  # llama-index loads for seconds, on a busy machine for a minute

TEA = Answered("1", "How long is tea steeped?", "three minutes", ("Tea is steeped for three minutes.",), "3 minutes")
COFFEE = Answered("2", "Who grows coffee?", "Brazil", ("Brazil grows most coffee.",), "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {
            "id": "1", "standalone_question": TEA.question, "answered": True, "answer": TEA.answer,
            "citations": [{"context": TEA.contexts[0]}],
        },
        {"id": "2", "standalone_question": "Why?", "answered": False, "answer": "", "citations": []},
        {"id": "3", "question": "What?", "error": "ValueError: no"},
    ]  # fmt: skip
    (tmp_path / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def test_only_answers_that_were_given_are_judged(folder: Path) -> None:
    cases = folder / "cases.jsonl"
    cases.write_text(json.dumps({"id": "1", "question": TEA.question, "answers": ["3 minutes", "three"]}))
    assert answers(folder, None) == [TEA._replace(reference="")]
    assert answers(folder, cases) == [TEA]


def test_a_folder_without_an_evaluation_is_told(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="holds no evaluation"):
        answers(tmp_path, None)


@pytest.mark.parametrize(
    ("name", "said", "score"),
    [
        ("faithfulness", "YES", 1.0),
        ("faithfulness", "NO", 0.0),
        ("relevancy", "YES", 1.0),
        ("correctness", "4.5\nGood.", 4.5),
    ],
)
def test_each_judge_reads_the_words_of_the_model(name: str, said: str, score: float) -> None:
    model = ScriptedLLM(lambda prompt: said)
    assert opinion(JUDGES[name].open(model), TEA).score == score
    assert "three minutes" in model.prompts[0]


def test_correctness_is_only_asked_where_the_right_answer_is_known(tmp_path: Path) -> None:
    rows = list(judged([TEA, COFFEE], ["correctness"], ScriptedLLM(lambda prompt: "3\nSo so."), "m", tmp_path))
    assert [(row["id"], row["score"]) for row in rows] == [("1", 3.0)]


def test_what_was_said_before_is_kept_and_other_words_are_judged_again(tmp_path: Path) -> None:
    first = list(judged([TEA, COFFEE], ["faithfulness"], ScriptedLLM(lambda prompt: "YES"), "m", tmp_path))
    asked = ScriptedLLM(lambda prompt: "NO")
    again = list(judged([TEA, COFFEE._replace(answer="Peru")], ["faithfulness"], asked, "m", tmp_path))
    assert [row["score"] for row in first] == [1.0, 1.0]
    assert {row["id"]: row["score"] for row in again} == {"1": 1.0, "2": 0.0}
    assert len(asked.prompts) == 1
    other = ScriptedLLM(lambda prompt: "NO")
    assert [row["score"] for row in judged([TEA], ["faithfulness"], other, "another", tmp_path)] == [0.0]


def test_a_failure_is_listed_and_three_in_a_row_end_it(tmp_path: Path) -> None:
    def say(prompt: str) -> str:
        raise ConnectionError("nobody there")

    model = ScriptedLLM(say)
    (row,) = judged([TEA], ["faithfulness"], model, "m", tmp_path)
    assert row["error"] == "ConnectionError: nobody there"
    assert not (tmp_path / FILE).exists()
    many = [TEA._replace(id=str(number)) for number in range(5)]
    with pytest.raises(FootnoteError, match="failed 3 times in a row: nobody there"):
        list(judged(many, ["faithfulness"], model, "m", tmp_path))


def judging(prompt: str) -> str:
    """A model that finds everything supported, and gives an answer four of five points."""
    return "4\nClose enough." if "reference answer" in prompt.lower() else "YES"


def test_the_command_asks_a_model_over_http_and_leaves_the_measures_alone(folder: Path) -> None:
    cases = folder / "cases.jsonl"
    cases.write_text(json.dumps({"id": "1", "question": TEA.question, "answers": ["3 minutes"]}), encoding="utf-8")
    with serving(Turn(judging)) as server:
        arguments = ["judge", str(folder), "--cases", str(cases), "--llm", server.spec("openai-like")]
        told = CliRunner().invoke(main, arguments)
        assert told.exit_code == 0, told.output
        asked = len(server.requests)
        again = CliRunner().invoke(main, arguments)
        assert again.exit_code == 0, again.output
        assert asked == len(server.requests) == 3
    rows = [json.loads(line) for line in (folder / FILE).read_text(encoding="utf-8").splitlines()]
    assert {row["judge"]: row["score"] for row in rows} == {"faithfulness": 1.0, "relevancy": 1.0, "correctness": 4.0}
    assert {path.name for path in folder.iterdir()} == {"predictions.jsonl", "cases.jsonl", FILE}
    assert "Opinions of" in told.output


def test_the_command_says_in_a_line_that_no_model_answers(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    many = [{**rows[0], "id": str(number)} for number in range(3)]
    (folder / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in many), encoding="utf-8")
    with serving(Turn("", status=400)) as server:
        arguments = ["judge", str(folder), "--judge", "faithfulness", "--llm", server.spec("openai-like")]
        told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 1
    assert "failed 3 times in a row" in told.output
    assert "Traceback" not in told.output
