"""What asking needs and takes long to open, begun before the rest is imported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from index.embed.onnx import SHIPPED as EMBEDDER
from index.inference import opened_ahead
from index.pieces import whole_tokenizer
from qa.read import SHIPPED as READER


@contextmanager
def shipped_ahead() -> Iterator[None]:
    """Within it, the shipped models and their tokenizer are being opened in threads of their own, and nothing is looked
    through for garbage. What is there at its end, most of it modules, never is: it stays as long as the process."""
    gc.disable()
    try:
        with opened_ahead(EMBEDDER / "model.onnx", READER / "model.onnx"):
            Thread(target=whole_tokenizer, name="open tokenizer").start()
            yield
    finally:
        gc.freeze()
        gc.enable()
