"""Models are opened in threads of their own, and what goes wrong there is told where they are used."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import inference
from index.embed.onnx import SHIPPED
from index.errors import FootnoteError
from index.inference import open_session, opened_ahead, wait_for_models
from index.pieces import opened_tokenizer
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


def test_a_model_opened_ahead_is_the_one_that_is_asked_for_and_is_given_once() -> None:
    model = SHIPPED / "model.onnx"
    with opened_ahead(model):
        begun = {id(session) for session in inference._AHEAD.values()}
        first, second = open_session(model), open_session(model)
        assert begun == {id(first)}
        assert second is not first
    with opened_ahead(model):
        pass
    assert open_session(model) is not first
    assert not inference._AHEAD


def test_threads_that_need_the_tokenizer_at_once_get_the_same_one(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_bytes((SHIPPED / "tokenizer.json").read_bytes())
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(lambda _: opened_tokenizer(file), range(4)))
    assert len({id(tokenizer) for tokenizer in opened}) == 1
