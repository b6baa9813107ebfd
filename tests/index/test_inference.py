"""Models are opened in threads of their own, and what goes wrong there is told where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import FootnoteError
from index.inference import open_session, wait_for_models
from tests.conftest import PROJECT


def test_a_file_that_holds_no_model_is_an_error_that_names_it_wherever_it_is_waited_for(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no model")
    session = open_session(broken)
    with pytest.raises(FootnoteError, match=r"model.onnx cannot be opened .* Reinstall footnote"):
        wait_for_models()
    for _ in range(2):
        with pytest.raises(FootnoteError, match=r"model.onnx cannot be opened"):
            session.run(None, {})
    wait_for_models()


ENDS_AT_ONCE = """
import concurrent.futures.thread
import time
from pathlib import Path
from index import inference

def slowly(model):
    time.sleep(1)
    print("opened", flush=True)

inference._opened = slowly
inference.open_session(Path("model.onnx"))
"""


def test_a_process_ends_when_the_models_that_it_opens_are_open() -> None:
    """Else onnxruntime aborts it, and its exit code is 134: `qa documents` needs no model and ends before."""
    ended = subprocess.run([sys.executable, "-c", ENDS_AT_ONCE], cwd=PROJECT, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("opened\n", "", 0)
