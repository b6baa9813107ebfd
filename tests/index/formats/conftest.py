"""What the tests of the formats share."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import SourceUnreadable
from index.formats import Reading
from index.reading import SourceReader


class Read:
    """Reads through the child, as indexing does."""

    def __init__(self, reader: SourceReader) -> None:
        self._reader = reader

    def __call__(self, path: Path) -> Reading:
        return self._reader.read(path)

    def refused(self, path: Path) -> str:
        with pytest.raises(SourceUnreadable) as caught:
            self._reader.read(path)
        message = str(caught.value)
        assert message.startswith(f"{path}: ")
        return message.removeprefix(f"{path}: ")


@pytest.fixture
def read(source_reader: SourceReader) -> Read:
    return Read(source_reader)


def headings(reading: Reading) -> list[tuple[str, int]]:
    return [(reading.text[h.start : h.end], h.level) for h in reading.headings]


def pages(reading: Reading) -> list[str]:
    """The text of each page."""
    assert reading.pages is not None
    ends = [*reading.pages[1:], len(reading.text)]
    return [reading.text[a:b].strip() for a, b in zip(reading.pages, ends, strict=True)]
