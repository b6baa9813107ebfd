import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.__main__ import main
from eval.results import CLAPNQ, COLUMNS, RUNS, make, page, table

QUESTION = {
    "id": "1",
    "input": "how long is green tea steeped",
    "passages": [{"title": "Tea", "text": "Green tea is steeped for three minutes. It is served hot."}],
    "output": [
        {
            "answer": "It is steeped for three minutes.",
            "selected_sentences": ["Green tea is steeped for three minutes."],
        }
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    nothing = {**QUESTION, "id": "2", "input": "who grows coffee", "output": [{"answer": "", "selected_sentences": []}]}
    (folder / "clapnq_dev_answerable_first150.jsonl").write_text(json.dumps(QUESTION), encoding="utf-8")
    (folder / "clapnq_dev_unanswerable_first150.jsonl").write_text(json.dumps(nothing), encoding="utf-8")
    return folder


def test_only_the_sets_that_are_there_are_asked(data: Path, tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []
    made = make(data, tmp_path / "out", asked.append, ["--limit", "1"])
    assert [run.set_name for run in made] == ["clapnq", "clapnq"]
    assert asked[0] == [
        "clapnq", *(str(data / f"clapnq_dev_{kind}_first150.jsonl") for kind in ("answerable", "unanswerable")),
        "--out", str(tmp_path / "out" / "clapnq"), "--limit", "1",
    ]  # fmt: skip
    assert "--open" in asked[1]


def test_each_run_has_its_own_folder() -> None:
    assert len({run.folder for run in RUNS}) == len(RUNS)
    assert CLAPNQ[0] != CLAPNQ[1]


def test_a_set_with_a_missing_file_is_left_out(data: Path, tmp_path: Path) -> None:
    (data / "clapnq_dev_unanswerable_first150.jsonl").unlink()
    assert make(data, tmp_path, lambda arguments: None, []) == []


def test_the_page_tells_what_was_asked_and_by_which_weights(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    out = tmp_path / "out"
    files = [str(data / f"clapnq_dev_{kind}_first150.jsonl") for kind in ("answerable", "unanswerable")]
    for more in (["--out", str(out / "clapnq")], ["--open", "--with", "bm25", "--out", str(out / "clapnq-open")]):
        assert CliRunner().invoke(main, ["public", "clapnq", *files, *more]).exit_code == 0
    arguments = ["results", "--data", str(data), "--only-page", "--out", str(out), "--page", str(file)]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0, told.output
    content = file.read_text(encoding="utf-8")
    assert "python -m eval results --data DIR --only clapnq-open --with bm25\n" in content
    assert str(data) not in content
    assert "| CLAPNQ dev, 150 + 150: own passage | 2 |" in content
    assert "Beside simpler systems: CLAPNQ" in content
    assert "SQuAD 2.0, eight articles of dev: own" not in content
    metrics = json.loads((out / "clapnq" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["settings"]["reader"]["model.onnx"] in content


def test_a_row_shows_three_digits_and_a_dash_for_nothing() -> None:
    measures = dict.fromkeys(COLUMNS) | {"f1": 0.5, "exact_match": 1.0}
    row = table({"mine": {"measures": measures, "counts": {"asked": 1234}}}, COLUMNS).splitlines()[-1]
    assert row.startswith("| mine | 1,234 | 1.00 | .500 | – |")


def test_a_folder_without_any_set_is_an_error(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["results", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "holds none of the sets" in told.stderr


def test_one_run_alone_can_be_asked(data: Path, tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []
    made = make(data, tmp_path, asked.append, [], only=["clapnq-open"])
    assert [run.folder for run in made] == ["clapnq-open"]
    assert len(asked) == 1


def test_nothing_is_published_without_its_source() -> None:
    content = page(Path("nowhere"), None)
    rows = [line for line in content.splitlines() if line.startswith("| ") and line[2].isupper()]
    assert len(rows) >= 8
    assert content.count("](https://") >= 5
