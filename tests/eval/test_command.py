import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eval.__main__ import main
from eval.run import Opener
from eval.systems import BASELINES
from index.errors import SourceMissing
from index.types import Document
from qa.types import Answer

Make = Callable[..., Answer]
Run = Callable[..., Result]
CASES = [
    {
        "id": "when",
        "question": "When?",
        "answers": ["May 6"],
        "evidence": ["A ceasefire starts on May 6."],
        "tags": ["date"],
    },
    {"id": "who", "question": "Who?", "answers": [], "tags": ["unanswerable"]},
    {"id": "why", "question": "Why?", "answers": ["Friday"]},
]


@pytest.fixture
def script(answered: Make, abstained: Make) -> dict[str, Answer | BaseException]:
    return {"When?": answered("When?", "May 6"), "Who?": abstained("Who?"), "Why?": abstained("Why?")}


def never_opened(sources: Sequence[Path]) -> AbstractContextManager[Any]:
    raise AssertionError("something was asked")


@pytest.fixture
def run(tmp_path: Path, opener: Callable[..., Opener]) -> Run:
    """Run the command on three cases with a scripted assistant; the files go to tmp_path/out."""

    def command(script: dict[str, Any], *arguments: str, open_with: Opener | None = None) -> Result:
        cases = tmp_path / "cases.jsonl"
        if not cases.exists():
            cases.write_text("\n".join(json.dumps(case) for case in CASES), encoding="utf-8")
        defaults = ["--cases", str(cases), "--out", str(tmp_path / "out")]
        return CliRunner().invoke(main, [*defaults, *arguments], obj=open_with or opener(script))

    return command


def metrics(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "out" / "metrics.json").read_text(encoding="utf-8"))
    return content


def lines(folder: Path) -> list[dict[str, Any]]:
    content = (folder / "out" / "predictions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


def test_a_run_prints_a_table_and_writes_four_files(run: Run, script: dict[str, Any], tmp_path: Path) -> None:
    result = run(script)
    assert result.exit_code == 0
    assert "3 questions: 2 answerable, 1 not; 0 failed" in result.stdout
    assert sorted(os.listdir(tmp_path / "out")) == ["metrics.json", "predictions.jsonl", "report.html", "scores.jsonl"]
    assert metrics(tmp_path)["measures"]["exact_match"] == 0.6667
    assert metrics(tmp_path)["by_tag"]["date"]["questions"] == 1
    assert metrics(tmp_path)["complete"] is True


def test_a_prediction_is_the_answers_json_with_the_cases_id(run: Run, script: dict[str, Any], tmp_path: Path) -> None:
    run(script)
    assert [line["id"] for line in lines(tmp_path)] == ["when", "who", "why"]
    assert lines(tmp_path)[0] == {"id": "when", **script["When?"].to_dict()}


def test_json_is_all_there_is_on_stdout(run: Run, script: dict[str, Any], tmp_path: Path) -> None:
    result = run(script, "--json")
    assert json.loads(result.stdout) == metrics(tmp_path)
    assert "Written to" in result.stderr


def test_the_metrics_say_what_they_were_measured_on(
    run: Run, script: dict[str, Any], tmp_path: Path, document: Document
) -> None:
    run(script)
    settings = metrics(tmp_path)["settings"]
    assert settings["documents"] == [{"path": document.path, "sha256": document.sha256}]
    assert settings["modes"] == ["extractive"]
    assert len(settings["cases"]["sha256"]) == 64
    assert "numpy" in settings["versions"]


def test_a_question_that_fails_stops_no_other_and_counts_as_wrong(
    run: Run, script: dict[str, Any], tmp_path: Path
) -> None:
    result = run({**script, "When?": ValueError("no such word")})
    assert result.exit_code == 0
    assert "when failed: ValueError: no such word" in result.stderr
    assert lines(tmp_path)[0] == {"id": "when", "question": "When?", "error": "ValueError: no such word"}
    assert metrics(tmp_path)["errors"] == [{"id": "when", "error": "ValueError: no such word"}]
    assert metrics(tmp_path)["measures"]["exact_match"] == 0.3333
    assert metrics(tmp_path)["measures"]["recall_at_10"] == 0.0


def test_ctrl_c_keeps_the_answers_so_far_and_says_so(run: Run, script: dict[str, Any], tmp_path: Path) -> None:
    result = run({**script, "Why?": KeyboardInterrupt()})
    assert result.exit_code == 130
    assert "Stopped; 2 of 3 answers are kept." in result.stderr
    assert [line["id"] for line in lines(tmp_path)] == ["when", "who"]
    assert metrics(tmp_path)["complete"] is False
    assert metrics(tmp_path)["counts"]["cases"] == 3


def test_ctrl_c_before_the_first_answer_leaves_older_files_alone(
    run: Run, script: dict[str, Any], tmp_path: Path
) -> None:
    run(script)
    result = run({**script, "When?": KeyboardInterrupt()})
    assert result.exit_code == 130
    assert len(lines(tmp_path)) == 3


def test_the_context_of_the_assistant_is_left_whatever_happens(
    run: Run, script: dict[str, Any], scripted: Callable[..., Any]
) -> None:
    left = []

    @contextmanager
    def open_scripted(sources: Sequence[Path]) -> Iterator[Any]:
        try:
            yield scripted({**script, "Who?": KeyboardInterrupt()})
        finally:
            left.append(sources)

    run({}, "--sources", "a", "b", "--sources", "c", open_with=open_scripted)
    assert left == [(Path("a"), Path("c"), Path("b"))]


def test_our_errors_are_one_line_on_stderr_and_exit_with_1(run: Run) -> None:
    def open_nothing(sources: Sequence[Path]) -> Any:
        raise SourceMissing("There is nothing at gone.txt.")

    result = run({}, open_with=open_nothing)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: There is nothing at gone.txt.\n"


def test_a_defect_in_the_cases_is_one_of_our_errors(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "1"}', encoding="utf-8")
    result = run({})
    assert result.exit_code == 1
    assert 'cases.jsonl, line 1: "question" is missing.' in result.stderr


def test_a_bug_keeps_its_traceback(run: Run) -> None:
    def open_badly(sources: Sequence[Path]) -> Any:
        raise ZeroDivisionError

    assert isinstance(run({}, open_with=open_badly).exception, ZeroDivisionError)


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    assert run({}, "--fast").exit_code == 2


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run({}, "--out", str(tmp_path / "file" / "out"))
    assert result.exit_code == 1
    assert "Choose another folder with --out." in result.stderr


def test_a_baseline_that_lacks_a_package_is_told_before_anything_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = BASELINES["haystack"]._replace(packages=("no-such-package",))
    monkeypatch.setitem(BASELINES, "haystack", lacking)
    told = run({}, "--with", "haystack", open_with=never_opened)
    assert told.exit_code == 1
    assert "haystack needs no-such-package. Install it with: pip install" in told.stderr


def test_a_gate_without_its_baseline_asks_nothing(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["gate", "--baseline", str(tmp_path / "none.json")], obj=never_opened)
    assert told.exit_code == 1
    assert "is no baseline" in told.stderr


def test_evidence_that_stands_nowhere_is_reported(run: Run, script: dict[str, Any], tmp_path: Path) -> None:
    case = {**CASES[0], "evidence": ["It starts on May 6."]}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), encoding="utf-8")
    result = run(script)
    assert "when: its evidence stands in no source: 'It starts on May 6.'" in result.stderr
    assert metrics(tmp_path)["evidence_not_found"] == [{"id": "when", "evidence": ["It starts on May 6."]}]
    assert metrics(tmp_path)["measures"]["mrr"] is None


def test_help_shows_what_a_case_looks_like() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert '"answers": ["May 6"]' in result.stdout
