"""Question and Hits → Draft, by a table of readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from index import Index
from index.errors import FootnoteError
from index.types import Hit
from qa.types import Draft

SHIPPED = Path(__file__).parent / "minilm"
"""The trained reader's weights."""


class Reader(Protocol):
    """Answers a stand-alone question from passages that retrieval found, or abstains.

    A reader may be wrong about a span: `qa.cite` checks every one against the document.
    """

    @property
    def mode(self) -> str:
        """How the answer came about; shown in the Answer."""
        ...

    def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
        """`hits` come best first. A draft without parts is an abstention; `confidence` is set either way.

        strictness: the share, 0 to 1, of the answers it gives that shall be right; None is the reader's own balance
        of wrong answers against needless refusals.
        """
        ...


def _span(index: Index) -> Reader:
    from qa.read.span import SpanReader

    return SpanReader.shipped()


def _sentence(index: Index) -> Reader:
    from qa.read.extractive import ExtractiveReader

    return ExtractiveReader.shipped(index.embedder)


def _silent(index: Index) -> Reader:
    from qa.read.scripted import ScriptedReader

    return ScriptedReader({})


READERS: dict[str, Callable[[Index], Reader]] = {"span": _span, "sentence": _sentence, "silent": _silent}
"""The first is the default: the trained reader. `sentence` needs no weights and answers with whole sentences; `silent`
never answers."""


def open_reader(name: str, index: Index) -> Reader:
    """Raises FootnoteError for a name that is not in the table."""
    if name not in READERS:
        raise FootnoteError(f"No reader is called {name!r}. Choose one of: {', '.join(READERS)}.")
    return READERS[name](index)
