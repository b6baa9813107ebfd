"""OpenDocument texts, through odfdo: headings by their outline level, lists, notes and tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from odfdo import Document

from index.formats import Limits, Reading
from index.formats.text import TextBuilder

MAX_DEPTH = 100
_SKIPPED = ("text:tracked-changes", "text:table-of-content", "text:sequence-decls", "office:forms")


def read(path: Path, limits: Limits) -> Reading:
    document = Document(path)
    builder = TextBuilder()
    for element in _elements(document.body, 0):
        if element.tag == "text:h":
            builder.heading(_text(element), int(element.get_attribute("text:outline-level") or 1))
        elif element.tag == "table:table":
            builder.table([[_text(cell) for cell in row.cells] for row in element.rows])
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


def _text(element: Any) -> str:
    return str(element.inner_text)
