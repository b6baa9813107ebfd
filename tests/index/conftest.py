"""What the tests of the index share: any text, counts that can be worked by hand, one reader child for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import pytest
from hypothesis import strategies as st

from index.embed.word_length import LONGEST, WordLengthEmbedder
from index.formats import Reading
from index.reading import SourceReader
from index.structure import Structure, markdown_structure, plain_structure
from index.types import Document

PIECES_OF_TEXT = [
    *"ab AB.!?…,;:\"'”’)(«»-–*•#=`~>|/[]0123\n\n\n\t\r",
    *"\0\ud800\udfff\u2028\u2029\x85\x1c\x0b\xa0\u3000\u200b\u200f\ufeff",
    *"é中。！？、אاअ🙂🇩🇪ЯВ",
    *(
        "May. ",
        "/TASS/. ",
        "ASTANA, May 5. ",
        "\n\n",
        "Mr. ",
        "---\n",
        "# ",
        "U.S. ",
        "\n1. ",
        "...",
        "```\n",
        "Heading\n\n",
    ),
]
any_text = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.lists(st.sampled_from(PIECES_OF_TEXT), max_size=60).map("".join),
)
"""Any Python string: also lone surrogates, NULs, every white space, and what looks like structure."""


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def make_document(text: str, id_: str = "d", title: str = "Title", **changes: Any) -> Document:
    return Document(id_, title, f"{id_}.txt", text, sha256="0" * 64, **changes)


def structured(text: str, structure: Callable[[str], Structure] = plain_structure) -> Document:
    """A document with the title and headings that `structure` finds."""
    found = structure(text)
    return make_document(text, title=found.title or "d", headings=found.headings)


def heading_texts(text: str, structure: Callable[[str], Structure] = plain_structure) -> list[str]:
    return [text[heading.start : heading.end] for heading in structure(text).headings]


STRUCTURES = [plain_structure, markdown_structure]


class SharedReader:
    """The test run's reader in place of one that a sync would start and stop: starting one takes time.

    `asked` holds the names of the files that were read since the test began."""

    def __init__(self, reader: SourceReader) -> None:
        self._reader = reader
        self._one = Lock()
        self.asked: list[str] = []

    def read(self, path: Path) -> Reading:
        self.asked.append(path.name)
        with self._one:
            return self._reader.read(path)

    def stop(self) -> None:
        """What ends one sync is no reason to end the others' reader."""

    def __call__(self) -> SharedReader:
        return self

    def __enter__(self) -> SharedReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        pass


@pytest.fixture(scope="session")
def source_reader() -> Iterator[SourceReader]:
    with SourceReader() as reader:
        yield reader


@pytest.fixture
def shared_reader(source_reader: SourceReader, monkeypatch: pytest.MonkeyPatch) -> SharedReader:
    """Every sync of the test reads through the test run's child."""
    shared = SharedReader(source_reader)
    for module in ("index.again", "index.sync", "index.uploads", "index.rebuild"):
        monkeypatch.setattr(import_module(module), "SourceReader", shared)
    return shared


class CountingEmbedder(WordLengthEmbedder):
    """The word-length embedder, which keeps what it was asked to embed, and how many texts by each call."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.calls: list[int] = []

    def embed_passages(self, texts: Sequence[str]) -> Any:
        self.calls.append(len(texts))
        self.texts += texts
        return super().embed_passages(texts)


@pytest.fixture
def counting_embedder(monkeypatch: pytest.MonkeyPatch) -> CountingEmbedder:
    embedder = CountingEmbedder()
    monkeypatch.setattr("index.manifest.open_embedder", lambda name: embedder)
    return embedder


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Make a folder of sources: name → content."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "sources"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        root.mkdir(exist_ok=True)
        return root

    return make


DIMENSION = LONGEST
