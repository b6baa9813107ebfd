"""ONNX models as sessions, all opened alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from index.config import load_settings

if TYPE_CHECKING:
    import onnxruntime


def open_session(model: Path) -> onnxruntime.InferenceSession:
    """A session on the processor, with as many threads as the settings say. The file must be there."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = load_settings().inference_threads
    # An idle server must not spin: waiting threads would burn a core between questions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
