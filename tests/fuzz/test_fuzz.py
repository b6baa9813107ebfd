"""A few damaged files of each kind; `make fuzz` gives each parser ten minutes."""

from pathlib import Path

import pytest

from index.formats import KINDS, Reading
from index.reading import SourceReader
from index.types import Heading
from tests.fuzz.run import fuzz, what_is_wrong
from tests.fuzz.wholes import whole_files

EXAMPLES = 12
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def reader() -> SourceReader:
    with SourceReader() as reader:
        yield reader


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(kind: str, reader: SourceReader, tmp_path: Path) -> None:
    tally = fuzz(kind, reader, tmp_path, examples=EXAMPLES)
    assert tally.findings == {}
    assert tally.executions > 0


@pytest.mark.parametrize("kind", KINDS)
def test_whole_files_are_read(kind: str, reader: SourceReader, tmp_path: Path) -> None:
    for number, content in enumerate(whole_files(kind, tmp_path)):
        path = tmp_path / f"{number}.{'md' if kind == 'markdown' else 'xlsx' if kind == 'sheet' else kind}"
        path = path.with_suffix(".txt") if kind == "plain" else path
        path.write_bytes(content)
        assert what_is_wrong(reader.read(path)) is None


@pytest.mark.parametrize(
    ("reading", "wrong"),
    [
        (Reading("Text."), None),
        (Reading("Text.", "A title", (Heading(0, 4),), (0, 5, 5)), None),
        (Reading(" "), "the text is empty or cannot be encoded"),
        (Reading("\ud800"), "the text is empty or cannot be encoded"),
        (Reading("Text.", "\ud800"), "the title is empty or cannot be encoded"),
        (Reading("Te\0xt."), "a NUL in the text"),
        (Reading("Text.", None, (Heading(0, 6),)), "a heading beyond the text"),
        (Reading("Text.", None, (Heading(3, 4), Heading(0, 1))), "headings out of order"),
        (Reading("Text.", pages=(0, 6)), "pages [0, 6] of 5 characters"),
        (Reading("Text.", pages=(1,)), "pages [1] of 5 characters"),
    ],
)
def test_what_may_not_be_indexed_is_found(reading: Reading, wrong: str | None) -> None:
    assert what_is_wrong(reading) == wrong
