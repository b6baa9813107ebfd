"""Models are opened in threads of their own, and what goes wrong there is told where they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import FootnoteError
from index.inference import open_session, wait_for_models


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
