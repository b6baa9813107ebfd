from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from eval.squad import Read, figures, main


def test_the_figures_with_and_without_abstaining() -> None:
    made = [
        Read("three minutes", 0.9, ("three minutes",)),
        Read("hot tea", 0.2, ("tea",)),  # right in half, but under the threshold
        Read("milk", 0.8, ()),
        Read("sugar", 0.1, ()),
    ]
    assert figures(made, 0.5) == {
        "exact_match": 0.5,  # the first and the last
        "f1": 0.5,
        "answerable_exact_match_never_abstaining": 0.5,
        "answerable_f1_never_abstaining": round((1 + 2 / 3) / 2, 4),
        "unanswerable_refused": 0.5,
        "auroc": 0.75,  # .9 beats both, .2 beats .1 only
    }


def test_a_file_is_read_with_the_shipped_reader(tmp_path: Path) -> None:
    asked = {"id": "1", "question": "How long is green tea steeped?", "answers": [{"text": "three minutes"}]}
    text = "Green tea is steeped for three minutes. It is served hot."
    file = tmp_path / "squad.json"
    file.write_text(json.dumps({"data": [{"title": "Tea", "paragraphs": [{"context": text, "qas": [asked]}]}]}))
    told = json.loads(CliRunner().invoke(main, [str(file)]).stdout.partition("{")[2].join(["{", ""]))
    assert told["questions"] == 1
    assert told["answerable_f1_never_abstaining"] > 0.5


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]")
    result = CliRunner().invoke(main, [str(file)])
    assert result.exit_code == 1
    assert "is not in SQuAD's format" in result.stderr
