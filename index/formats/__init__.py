"""A file's bytes → its canonical text. The parsers in here run in a child process only (see `index.reading`).

A format is one module with `read(path, limits) -> Reading`, and its rows in KINDS and SUFFIXES. Which one reads a file
is told by the file's content (`index.formats.kind`); the suffix says whether a file in a folder is a source at all, and
tells apart what content cannot: Markdown from plain text, CSV from prose.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from index.types import Heading

KINDS: dict[str, str] = {
    "csv": "CSV table",
    "docx": "Word document",
    "eml": "e-mail",
    "epub": "e-book (EPUB)",
    "html": "web page",
    "json": "JSON file",
    "jsonl": "JSON Lines file",
    "markdown": "Markdown file",
    "odt": "OpenDocument text",
    "pdf": "PDF",
    "plain": "text file",
    "pptx": "PowerPoint presentation",
    "rtf": "RTF document",
    "sheet": "spreadsheet",
}
"""The module in this package that reads a kind of file → what people call it."""

SUFFIXES: dict[str, str] = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "sheet",
    ".xlsm": "sheet",
    ".xls": "sheet",
    ".ods": "sheet",
    ".csv": "csv",
    ".tsv": "csv",
    ".epub": "epub",
    ".eml": "eml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".rtf": "rtf",
    ".odt": "odt",
}
"""Suffix → the kind that a file of this name should be. A file with another suffix is not a source."""

MORE_MEMORY = "reading it takes more memory than FOOTNOTE_READ_MEMORY_MB allows."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Each is a setting (`index.config`)."""

    pages: int = 5000
    """Pages of a PDF, slides of a presentation."""
    unpacked_mb: int = 500
    """What an archive (docx, pptx, xlsx, odt, epub) may hold unpacked, in MB."""
    entries: int = 10_000
    """Files in such an archive."""
    characters: int = 50_000_000
    """The canonical text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the canonical text and what is known of its build. `title` is None where the file names none;
    `pages` are the offsets at which each page begins, the first 0; None where the format has no pages."""

    text: str
    title: str | None = None
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> Reading:
        headings = tuple(Heading(**heading) for heading in read["headings"])
        pages = None if read["pages"] is None else tuple(read["pages"])
        return cls(read["text"], read["title"], headings, pages)


class Refused(Exception):
    """Why a file is not read, in words for whoever gave it: what is wrong with it, and what to do."""


def read_file(path: Path, limits: Limits | None = None) -> Reading:
    """Read a file of any kind. Raises Refused, UnicodeDecodeError, OSError; a parser may raise anything else."""
    from index.formats.kind import kind_of

    limits = limits or Limits()
    kind = kind_of(path, limits)
    reading: Reading = import_module(f"index.formats.{kind}").read(path, limits)
    if len(reading.text) > limits.characters:
        raise Refused(f"its text has more than {limits.characters / 1e6:.0f} million characters. Split the file.")
    if not reading.text.strip():
        raise Refused("the file has no text.")
    return reading
