"""OpenDocument texts, through odfdo: headings by their outline level, lists, notes and tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from odfdo import Document

from index.formats import Limits, Reading
from index.formats.text import TextBuilder

MAX_DEPTH = 100
MOST_COLUMNS = 100
_COVERED = "table:covered-table-cell"
_CELLS = ("table:table-cell", _COVERED)
_SKIPPED = ("text:tracked-changes", "text:table-of-content", "text:sequence-decls", "office:forms")


def read(path: Path, limits: Limits) -> Reading:
    document = Document(path)
    builder = TextBuilder()
    for element in _elements(document.body, 0):
        if element.tag == "text:h":
            builder.heading(_text(element), int(element.get_attribute("text:outline-level") or 1))
        elif element.tag == "table:table":
            rows, headed = _rows(element)
            builder.table(rows, headed=headed)
        elif element.get_attribute("text:style-name") == "Title":
            builder.heading(_text(element), 0)
        else:
            builder.paragraph(_text(element))
    return builder.reading(document.meta.title)


def _elements(element: Any, depth: int) -> Iterator[Any]:
    """Headings, paragraphs and tables, in order, out of lists and sections."""
    for child in element.children:
        if child.tag in ("text:h", "text:p", "table:table"):
            yield child
        elif child.tag not in _SKIPPED and depth < MAX_DEPTH:
            yield from _elements(child, depth + 1)


def _rows(table: Any) -> tuple[list[list[str]], bool | None]:
    """A table's cells, those that others cover included, and whether its first row names the columns (None: it is not
    said). What a cell says of several rows is said in each."""
    rows: list[list[str]] = []
    lower: dict[int, tuple[int, str]] = {}
    headed = None
    for row in _inside(table, "table:table-row"):
        texts: list[str] = []
        for cell in row.children:
            if cell.tag not in _CELLS:
                continue
            for _ in range(min(_count(cell, "table:number-columns-repeated"), MOST_COLUMNS)):
                column = len(texts)
                left, above = lower.pop(column, (0, ""))
                texts.append(" ".join(_paragraphs(cell)) or (above if cell.tag == _COVERED else ""))
                left = max(left, _count(cell, "table:number-rows-spanned")) - 1
                if left > 0:
                    lower[column] = (left, texts[-1])
        if not rows and row.parent.tag == "table:table-header-rows":
            headed = True
        rows.append(texts)
    return rows, headed


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """The elements of a tag, in order, but those within others of it: tables in cells."""
    for child in element.children:
        if child.tag == tag:
            yield child
        else:
            yield from _inside(child, tag)


def _paragraphs(cell: Any) -> Iterator[str]:
    for element in _elements(cell, 0):
        if element.tag == "table:table":
            yield from (
                text for row in _inside(element, "table:table-row") for text in map(_text, row.children) if text
            )
        elif text := _text(element):
            yield text


def _count(cell: Any, attribute: str) -> int:
    value = str(cell.get_attribute(attribute) or "1")
    return int(value) if value.isdecimal() and len(value) < 6 else 1


def _text(element: Any) -> str:
    return str(element.inner_text)
