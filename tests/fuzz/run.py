"""One kind of file, damaged again and again and read as indexing reads it: in the child process with its limits.

A parser may refuse a file, by an exception nobody foresaw too; it may not end the process, go on without end, or give
a text whose offsets do not hold.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from index.errors import SourceUnreadable
from index.formats import SUFFIXES, Reading
from index.passages import split
from index.reading import SourceReader
from tests.fuzz.damage import damaged
from tests.fuzz.wholes import whole_files
from tests.index.conftest import make_document

EXAMPLES_A_ROUND = 50
SPLIT_UP_TO = 20_000
"""Characters of a text that is also split into passages, which takes longer than to read it."""
ENDED = ("failed on it", "takes over")
UNFORESEEN = "it is damaged, or of a kind that is not read ("


@dataclass
class Tally:
    """What became of a kind's files; `findings` are the names of those that a parser did not stand."""

    kind: str
    read: int = 0
    refused: int = 0
    unforeseen: Counter[str] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)

    @property
    def executions(self) -> int:
        return self.read + self.refused + self.unforeseen.total() + len(self.findings)


def fuzz(
    kind: str,
    reader: SourceReader,
    folder: Path,
    *,
    seconds: float = 0,
    rounds: int = 1,
    examples: int = EXAMPLES_A_ROUND,
    office: bool = False,
    progress: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Read damaged files for `seconds`, or `rounds` if that is longer. Files that a parser did not stand are kept in
    `folder`."""
    tally = Tally(kind)
    wholes = whole_files(kind, folder, office=office)
    suffix = next(suffix for suffix, of in SUFFIXES.items() if of == kind)
    path = folder / f"damaged{suffix}"

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(wholes))
    def one(content: bytes) -> None:
        if seconds and time.monotonic() > until:
            return
        path.write_bytes(content)
        try:
            wrong = what_is_wrong(reader.read(path))
            tally.read += wrong is None
        except SourceUnreadable as exc:
            wrong = next((str(exc) for ended in ENDED if ended in str(exc)), None)
            if wrong is None and UNFORESEEN in str(exc):
                tally.unforeseen[str(exc).partition(UNFORESEEN)[2].rstrip(").")] += 1
            else:
                tally.refused += wrong is None
        if wrong is not None:
            name = f"{kind}-{hashlib.sha256(content).hexdigest()[:12]}{suffix}"
            (folder / name).write_bytes(content)
            tally.findings[name] = wrong
        progress(tally)

    until = time.monotonic() + seconds
    number = 0
    while number < rounds or time.monotonic() < until:
        seed(number)(one)()
        number += 1
    return tally


def what_is_wrong(reading: Reading) -> str | None:
    """Why a reading is none that may be indexed; None where it is one."""
    text = reading.text
    for name, kept in (("text", text), ("title", reading.title or "x")):
        if not kept.strip() or kept != kept.encode("utf-8", "replace").decode():
            return f"the {name} is empty or cannot be encoded"
    if "\0" in text:
        return "a NUL in the text"
    if any(not 0 <= heading.start < heading.end <= len(text) for heading in reading.headings):
        return "a heading beyond the text"
    if list(reading.headings) != sorted(reading.headings, key=lambda heading: heading.start):
        return "headings out of order"
    if reading.pages is not None:
        pages = list(reading.pages)
        if not pages or pages[0] != 0 or pages != sorted(pages) or pages[-1] > len(text):
            return f"pages {pages[:9]} of {len(text)} characters"
    if len(text) <= SPLIT_UP_TO:
        document = make_document(text, pages=reading.pages, headings=reading.headings)
        for passage in split(document):
            if not passage.text or text[passage.start : passage.end] != passage.text:
                return f"the passage at {passage.start} is not the text"
    return None
