from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Index, open_index, sync
from index.types import Document, Hit, Passage
from qa import Assistant, open_assistant


@pytest.fixture(scope="session")
def assistant(article_storage: Path) -> Iterator[Assistant]:
    """The real assistant over the article."""
    opened = open_assistant(article_storage)
    yield opened
    opened.index.close()


@pytest.fixture
def small_index(tmp_path: Path) -> Iterator[Index]:
    """Two short documents under the word-length embedder."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "tea.txt").write_text("Tea\n\nTea is steeped for three minutes. It is served hot.\n", encoding="utf-8")
    (folder / "rain.txt").write_text("Rain\n\nRain fell on Monday. The river rose.\n", encoding="utf-8")
    sync([folder], tmp_path / "storage", embedder="word-length")
    index = open_index(tmp_path / "storage")
    yield index
    index.close()


def document(text: str, pages: tuple[int, ...] | None = None) -> Document:
    return Document("d", "Title", "d.txt", text, "0" * 64, pages=pages)


def whole_hit(source: Document) -> Hit:
    """The whole document as one passage."""
    passage = Passage("d:0", source.id, 0, len(source.text), source.text)
    return Hit(passage, 1.0, 1, 1)
