"""An opened index → what an evaluation asks: the assistant, and the same one never abstaining."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from eval.types import Asks
from index.errors import FootnoteError
from index.search import Index
from index.store import Where
from qa.assistant import PASSAGES_READ, Assistant
from qa.read import Reader
from qa.read.span import SHIPPED, Calibration, SpanReader, load_session
from qa.types import Answer, History


class Footnote:
    """The assistant with a reader and a strictness. `guess` is the same, never abstaining."""

    def __init__(
        self, index: Index, reader: Reader, passages_read: int = PASSAGES_READ, strictness: float | None = None
    ) -> None:
        self.index = index
        self._assistant = Assistant(index, reader, passages_read)
        self._strictness = strictness

    def ask(self, question: str, history: History, where: Where) -> Answer:
        return self._assistant.ask(question, history, where, strictness=self._strictness)

    def guess(self, question: str, history: History, where: Where) -> Answer:
        return self._assistant.ask(question, history, where, strictness=0.0)


@contextmanager
def over_index(index: Index, reader: Path | None = None) -> Iterator[Asks]:
    """The assistant over `index`, which is closed when the context ends.

    `reader` is a folder with model.onnx and reader.json, the shipped one where it is None. Raises FootnoteError when
    one of them is not there.
    """
    with closing(index):
        yield Footnote(index, span_reader(reader))


def span_reader(folder: Path | None = None) -> SpanReader:
    """The reader in the folder, or the shipped one."""
    folder = folder or SHIPPED
    if not (folder / "reader.json").is_file():
        raise FootnoteError(f"No reader.json in {folder}. --reader needs a folder with model.onnx and reader.json.")
    return SpanReader(load_session(folder / "model.onnx"), Calibration.load(folder / "reader.json"))
