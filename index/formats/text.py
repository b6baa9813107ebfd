"""Paragraphs, headings, table rows and pages → one canonical text with their offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from index.formats import Reading
from index.pieces import encodable
from index.types import Heading

_SPACE = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\ufeff\ufffe\uffff]")
_NUMBER = re.compile(r"[\s\d.,:/%€$£+−-]+")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
# Two letters drawn as one, which no one types when looking for a word.
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


class TextBuilder:
    """Takes what a document consists of, in order, and makes the Reading.

    Blocks are set apart by a blank line, so that each is a sentence of its own at least; white space inside one is
    collapsed, invisible characters are dropped, accents are composed (NFC).
    """

    def __init__(self, *, paged: bool = False) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._pages: list[int] | None = [] if paged else None
        self._new_pages = 0

    def paragraph(self, text: str) -> None:
        """A block of running text; lines in it stay lines. Nothing is added for one without text."""
        self._add("\n".join(filter(None, map(_tidy, text.split("\n")))))

    def heading(self, text: str, level: int) -> None:
        """A section heading; `level` 1 is the outermost."""
        line = _tidy(text.replace("\n", " "))
        if line:
            start = self._add(line)
            self._headings.append(Heading(start, start + len(line), level))

    def preformatted(self, text: str) -> None:
        """A block whose spaces and lines mean something, such as code."""
        self._add(_cleaned(text).strip("\n").rstrip())

    def table(self, rows: Sequence[Sequence[str]], *, headed: bool | None = None) -> None:
        """Each row a block that can be read by itself: "City: Oslo; People: 700,000".

        `headed` says whether the first row names the columns; None: it does where it looks like it.
        """
        tidy = [[_tidy(cell.replace("\n", " ")) for cell in row] for row in rows]
        tidy = [row for row in tidy if any(row)]
        if not tidy:
            return
        names = tidy[0] if (headed if headed is not None else names_columns(tidy)) else None
        for row in tidy[1:] if names and len(tidy) > 1 else tidy:
            self._add(_row(names if row is not names else None, row))

    def page(self) -> None:
        """What comes next is on a new page; a page without text begins where the next one does."""
        self._new_pages += 1

    def continued(self, text: str) -> None:
        """A block that goes on with the paragraph before: no blank line between them."""
        self._add("\n".join(filter(None, map(_tidy, text.split("\n")))), between="\n")

    def reading(self, title: str | None = None) -> Reading:
        """`title` is what the file's properties say; a title in the text wins."""
        self._begin_pages(self._length)
        headings, found = _with_title(self._headings)
        text = "".join(self._parts)
        named = text[found.start : found.end] if found else _tidy((title or "").replace("\n", " "))
        if not named and headings and headings[0].start == 0:
            named = text[: headings[0].end]
        return Reading(text, named or None, headings, None if self._pages is None else tuple(self._pages))

    def _begin_pages(self, offset: int) -> None:
        if self._pages is not None:
            self._pages += [offset] * self._new_pages
        self._new_pages = 0

    def _add(self, block: str, between: str = "\n\n") -> int:
        """Append a block; the offset at which it begins."""
        if not block:
            return self._length
        if self._parts:
            self._parts.append(between)
            self._length += len(between)
        start = self._length
        self._begin_pages(start)
        self._parts.append(block)
        self._length += len(block)
        return start


def is_wide(char: str) -> bool:
    """Whether a character is of a script that is written without spaces and in squares: Chinese, Japanese."""
    return unicodedata.east_asian_width(char) in ("W", "F") and not "\uac00" <= char <= "\ud7a3"


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of several rows looks like the columns' names: all filled but perhaps the corner, all
    different, none a number. A year may be a name where other things than years stand below it."""
    first = rows[0]
    names = first[1:] if len(first) > 1 and not first[0] else first
    return (
        len(rows) > 1
        and len(first) > 1
        and all(names)
        and len(set(names)) == len(names)
        and not any(is_number(name) and not _is_year_of(rows, i) for i, name in enumerate(first) if name)
        and max(map(len, names)) <= 60
    )


def _is_year_of(rows: Sequence[Sequence[str]], column: int) -> bool:
    below = [row[column] for row in rows[1:] if column < len(row)]
    return column > 0 and _YEAR.fullmatch(rows[0][column]) is not None and not any(map(_YEAR.fullmatch, below))


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, an amount, a share or a date, and no word."""
    return _NUMBER.fullmatch(cell) is not None


def _row(names: Sequence[str] | None, row: Sequence[str]) -> str:
    if names is None:
        return " | ".join(filter(None, row))
    cells = (f"{names[i]}: {cell}" if i < len(names) and names[i] else cell for i, cell in enumerate(row) if cell)
    return "; ".join(cells)


def _with_title(headings: Sequence[Heading]) -> tuple[tuple[Heading, ...], Heading | None]:
    """The headings with exactly one of level 1, the title, or none: several of level 1 are chapters, not titles."""
    if not headings:
        return (), None
    outermost = min(heading.level for heading in headings)
    first = headings[0]
    if first.level == outermost and sum(heading.level == outermost for heading in headings) == 1:
        shift = 1 - outermost
        return tuple(Heading(h.start, h.end, h.level + shift) for h in headings), Heading(first.start, first.end, 1)
    shift = 2 - outermost
    return tuple(Heading(h.start, h.end, h.level + shift) for h in headings), None


def _tidy(line: str) -> str:
    return _SPACE.sub(" ", _cleaned(line)).strip()


def _cleaned(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", encodable(text))).translate(LIGATURES)
