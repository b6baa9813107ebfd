"""ONNX models as sessions, all opened alike."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from index.config import load_settings
from index.errors import FootnoteError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    import onnxruntime


SLOW_FUSIONS = ["SkipLayerNormFusion"]
"""What onnxruntime fuses and makes slower by it on a CPU: a residual with the layer norm after it (bench/README.md)."""


Feed = Mapping[str, NDArray[np.int64]]


class Model(Protocol):
    """Arrays by name → arrays."""

    def run(self, wanted: Sequence[str] | None, feed: Feed, /) -> list[Any]:
        """The outputs that are `wanted` by name, all for None."""
        ...

    def run_each(self, feeds: Sequence[Feed], /) -> list[Any]:
        """The first output for each feed, in their order; none depends on the others."""
        ...


class Session:
    """An onnxruntime session that is opened in a thread of its own: several open side by side, and while whoever will
    use them is still importing. The first `run` waits for it, and raises what opening it raised. Safe to share.

    A run has one thread, and several runs go on side by side: on two cores that reads five passages in three quarters
    of the time that one run of all five takes with two threads, which wait for each other after each of its operations
    and compute on padding (bench/README.md). The threads are the session's own, made by whoever first needs them and of
    the same priority.
    """

    def __init__(self, model: Path) -> None:
        self._opened: onnxruntime.InferenceSession | None = None
        self._error: FootnoteError | None = None
        self._threads = load_settings().inference_threads
        self._runners: ThreadPoolExecutor | None = None
        self._opening = threading.Thread(target=self._open, args=(model,), name=f"open {model.name}", daemon=True)
        _OPENING.add(self)
        self._opening.start()

    def run(self, wanted: Sequence[str] | None, feed: Feed) -> list[Any]:
        """See Model."""
        outputs: list[Any] = self.opened().run(wanted, feed)
        return outputs

    def run_each(self, feeds: Sequence[Feed]) -> list[Any]:
        """See Model. As many side by side as the settings say; give what takes longest first."""
        if len(feeds) < 2 or self._threads < 2:
            return [self.run(None, feed)[0] for feed in feeds]
        session = self.opened()
        assert self._runners is not None
        return list(self._runners.map(lambda feed: session.run(None, feed)[0], feeds))

    def opened(self) -> onnxruntime.InferenceSession:
        """What it stands for. Raises FootnoteError for a file that holds no model."""
        if self._opened is None:
            self._opening.join()
        if self._opened is None:
            assert self._error is not None
            raise self._error
        return self._opened

    def wait(self) -> None:
        """Return when it is opened, or could not be."""
        self._opening.join()

    def _open(self, model: Path) -> None:
        try:
            from concurrent.futures import ThreadPoolExecutor  # which no process can import that is ending

            self._runners = ThreadPoolExecutor(self._threads, thread_name_prefix="model")
            self._opened = _opened(model)
        except Exception as exc:
            self._error = FootnoteError(f"{model} cannot be opened ({exc}). Reinstall footnote to get it back.")
            self._error.__cause__ = exc


_OPENING: WeakSet[Session] = WeakSet()


def wait_for_models() -> None:
    """Return when no model is being opened any more. Raises FootnoteError where one could not be."""
    while _OPENING:
        _OPENING.pop().opened()


@atexit.register
def _finish_opening() -> None:
    """A process that ends while onnxruntime is opening a model is aborted by it."""
    for session in list(_OPENING):
        session.wait()


def open_session(model: Path) -> Session:
    """A session on the processor. The file must be there."""
    return _AHEAD.pop(model, None) or Session(model)


_AHEAD: dict[Path, Session] = {}


@contextmanager
def opened_ahead(*models: Path) -> Iterator[None]:
    """Within it, `open_session` has begun with these models already: they open while whoever will ask for them is
    still being imported. What is not asked for is dropped at the end."""
    _runtime()  # imported by threads beside other imports, it would be there last of all
    _AHEAD.update((model, Session(model)) for model in models)
    try:
        yield
    finally:
        for model in models:
            _AHEAD.pop(model, None)


def _runtime() -> Any:
    # Read when onnxruntime is loaded: its wheels for Linux report to Microsoft, and keep an id for that in the home.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _opened(model: Path) -> onnxruntime.InferenceSession:
    onnxruntime = _runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_FUSIONS
    )
