import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from eval.__main__ import main
from eval.columns import columns
from eval.compare import Difference, compare, differences
from eval.evaluation import evaluate
from eval.files import write_files
from eval.saved import read_saved
from eval.types import Case, Prediction, Score
from index.errors import CasesError
from index.types import Document
from qa.types import Answer
from tests.eval.test_measures import result

Make = Callable[..., Answer]


def of(rights: list[float]) -> list[Score]:
    return [result(right=right) for right in rights]


def the(key: str, found: tuple[Difference, ...]) -> Difference:
    return next(row for row in found if row.measure.key == key)


def test_a_difference_on_eight_of_eight_questions_comes_by_chance_twice_in_256_shuffles() -> None:
    found = the("exact_match", differences(columns(of([0.0] * 8)), columns(of([1.0] * 8)), shuffles=4000))
    assert (found.before, found.after, found.better) == (0, 1, True)
    assert found.p == pytest.approx(2 / 256, abs=0.006)


def test_one_question_better_and_one_worse_is_chance() -> None:
    found = the("exact_match", differences(columns(of([0, 1, 1])), columns(of([1, 0, 1]))))
    assert (found.change, found.p, found.better) == (0, 1.0, None)


def test_less_risk_is_better() -> None:
    before = [result(right=0.0, confidence=0.9), result(confidence=0.1)]
    after = [result(right=1.0, confidence=0.9), result(confidence=0.1)]
    found = the("aurc", differences(columns(before), columns(after)))
    assert found.change == pytest.approx(-3 / 4)  # from (1 + 1/2) / 2 to 0
    assert found.better is True


def test_a_measure_that_one_of_them_has_not_is_left_out() -> None:
    keys = {row.measure.key for row in differences(columns(of([1.0])), columns(of([1.0])))}
    assert "f1" in keys
    assert "abstention_recall" not in keys


@pytest.fixture
def folders(tmp_path: Path, document: Document, answered: Make, abstained: Make) -> tuple[Path, Path]:
    """Three questions each; two are in both, of which one is answered rightly only after."""
    may = ("May 6",)
    first = [
        Prediction(Case("when", "When?", may), abstained("When?"), latency_ms=1.0),
        Prediction(Case("who", "Who?"), abstained("Who?"), latency_ms=1.0),
        Prediction(Case("old", "Old?"), abstained("Old?"), latency_ms=1.0),
    ]
    second = [
        Prediction(Case("new", "New?"), error="ValueError: no"),
        Prediction(Case("when", "When?", may), answered("When?", "May 6"), latency_ms=1.0),
        Prediction(Case("who", "Who?"), abstained("Who?"), latency_ms=1.0),
    ]
    for name, made in (("a", first), ("b", second)):
        (tmp_path / name).mkdir()
        write_files(evaluate(3, made, [document], {"cases": {"path": "", "sha256": "0"}}), tmp_path / name)
    return tmp_path / "a", tmp_path / "b"


def test_only_the_questions_of_both_are_compared(folders: tuple[Path, Path]) -> None:
    found = compare(*map(read_saved, folders))
    assert (found.questions, found.only) == (2, (1, 1))
    assert the("exact_match", found.differences).change == 1 / 2
    assert [(change.id, change.before, change.after, change.better) for change in found.changes] == [
        ("when", "missed", "right", True)
    ]


def test_what_is_written_measures_the_same_when_read_again(folders: tuple[Path, Path]) -> None:
    saved = read_saved(folders[1])
    table = saved.columns(list(saved.rows))
    assert float(np.mean(table["exact_match"])) == pytest.approx(saved.metrics["measures"]["exact_match"], abs=1e-4)


def test_the_command_lists_what_changed(folders: tuple[Path, Path]) -> None:
    told = CliRunner().invoke(main, ["compare", *map(str, folders)])
    assert told.exit_code == 0, told.output
    assert "2 questions in both; 1 only in A, 1 only in B" in told.stdout
    assert "Better: 1" in told.stdout
    assert "Worse: 0" in told.stdout
    as_json = json.loads(CliRunner().invoke(main, ["compare", *map(str, folders), "--json"]).stdout)
    assert as_json["measures"]["exact_match"]["change"] == 0.5


def test_a_folder_without_an_evaluation_says_how_to_make_one(folders: tuple[Path, Path], tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["compare", str(folders[0]), str(tmp_path)])
    assert told.exit_code == 1
    assert "Make one with: python -m eval --out" in told.stderr


def test_runs_without_a_common_question_cannot_be_compared(folders: tuple[Path, Path]) -> None:
    first, second = map(read_saved, folders)
    with pytest.raises(CasesError, match="no question in common"):
        compare(replace(first, rows={"old": first.rows["old"]}), second)


@pytest.fixture
def gate(folders: tuple[Path, Path], tmp_path: Path) -> Callable[..., Result]:
    def command(*arguments: str, run: Path = folders[1]) -> Result:
        return CliRunner().invoke(
            main, ["gate", "--baseline", str(tmp_path / "base.json"), "--run", str(run), *arguments]
        )

    return command


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = folder / "metrics.json"
    metrics = json.loads(file.read_text(encoding="utf-8"))
    change(metrics)
    file.write_text(json.dumps(metrics), encoding="utf-8")


def test_a_run_passes_its_own_baseline_and_fails_one_that_it_falls_below(
    gate: Callable[..., Result], folders: tuple[Path, Path]
) -> None:
    assert gate("--write", run=folders[0]).exit_code == 0
    assert gate(run=folders[0]).exit_code == 0

    def fall(metrics: dict[str, Any]) -> None:
        metrics["measures"]["abstention_recall"] = 0.99  # the baseline's is 1.0, and so is all of its interval

    edited(folders[0], fall)
    told = gate(run=folders[0])
    assert told.exit_code == 1
    assert "Abstention recall" in told.stderr
    assert "Exact match" not in told.stderr


def test_a_fall_within_the_interval_passes(gate: Callable[..., Result], folders: tuple[Path, Path]) -> None:
    assert gate("--write", run=folders[0]).exit_code == 0

    def fall(metrics: dict[str, Any]) -> None:
        metrics["measures"]["exact_match"] = metrics["intervals"]["exact_match"][0]

    edited(folders[0], fall)
    assert gate(run=folders[0]).exit_code == 0


def test_a_measure_that_is_gone_has_fallen(gate: Callable[..., Result], folders: tuple[Path, Path]) -> None:
    assert gate("--write", run=folders[0]).exit_code == 0

    def lose(metrics: dict[str, Any]) -> None:
        metrics["measures"]["exact_match"] = None

    edited(folders[0], lose)
    assert gate(run=folders[0]).exit_code == 1


def test_other_cases_are_another_baseline(gate: Callable[..., Result], folders: tuple[Path, Path]) -> None:
    assert gate("--write", run=folders[0]).exit_code == 0

    def exchange(metrics: dict[str, Any]) -> None:
        metrics["settings"]["cases"]["sha256"] = "1"

    edited(folders[0], exchange)
    told = gate(run=folders[0])
    assert told.exit_code == 1
    assert "made with other cases" in told.stderr


def test_a_run_with_errors_is_no_baseline(gate: Callable[..., Result]) -> None:
    told = gate("--write")
    assert told.exit_code == 1
    assert "without errors" in told.stderr


def test_a_baseline_that_is_not_there_says_how_to_make_one(gate: Callable[..., Result]) -> None:
    told = gate()
    assert told.exit_code == 1
    assert "Make one by adding --write" in told.stderr
