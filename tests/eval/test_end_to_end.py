"""The command as a person runs it: a real index, a real assistant, three questions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parents[2]
CASES = [
    {
        "id": "when",
        "question": "When does the ceasefire in the designated areas begin?",
        "answers": ["May 6"],
        "evidence": ["a ceasefire in the designated areas from May 6."],
    },
    {
        "id": "extended",
        "question": "Can it be extended?",
        "answers": ["automatically"],
        "history": [["How long will the memorandum be in force?", "six months"]],
    },
    {"id": "off-topic", "question": "Who wrote Pride and Prejudice?", "answers": []},
]


@pytest.mark.timeout(300)
@pytest.mark.skipif(not hasattr(qa, "open_assistant"), reason="there is no assistant to ask yet")
def test_three_cases_are_asked_of_the_real_assistant(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join(json.dumps(case) for case in CASES), encoding="utf-8")
    command = [sys.executable, "-m", "eval", "--cases", str(cases), "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    metrics = json.loads(done.stdout)
    assert metrics["counts"] | {"abstained": 0} == {
        "cases": 3, "asked": 3, "answerable": 2, "unanswerable": 1, "abstained": 0, "errors": 0,
    }  # fmt: skip
    assert metrics["evidence_not_found"] == []
    assert metrics["measures"]["citation_exactness"] in (1.0, None)
    assert metrics["measures"]["recall_at_10"] == 1.0
    for line in (tmp_path / "out" / "predictions.jsonl").read_text(encoding="utf-8").splitlines():
        assert {"id", "answered", "answer", "confidence", "citations", "nearest"} <= json.loads(line).keys()
