"""HTML elements → blocks: what web pages, Word documents and e-books are read through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from index.formats.text import TextBuilder

Element = Any  # lxml has no types
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form header hgroup hr html legend li main menu nav ol p section summary tbody td "
    "tfoot th thead tr ul".split()
)
"""Cells and rows are blocks only in a table that places things; others are read as tables."""
_SILENT = frozenset(
    "script style noscript template head iframe object embed svg math canvas audio video button select option textarea "
    "input datalist map area".split()
)
_OF_HEADS = frozenset("title meta link style script base noscript template".split())
MOST_SPANNED = 100
"""Columns or rows that a cell spans at most."""
MAX_DEPTH = 200
"""Elements nested deeper than this are read as running text."""


def parsed(source: bytes | str, encoding: str | None = None) -> Element:
    """The root of an HTML document, whatever is wrong with it."""
    parser = html.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(source, parser=parser, ensure_head_body=True)
    except etree.ParserError:  # nothing is in it but space and comments
        return html.document_fromstring("<html></html>", parser=parser, ensure_head_body=True)
    _begin_body(root.head, root.body)
    return root


def _begin_body(head: Element, body: Element) -> None:
    """A page need not say where its body begins, and the parser, older than <main> and <nav>, leaves these in the head:
    from the first that is no part of a head on, all is the body's."""
    at = next((number for number, child in enumerate(head) if child.tag not in _OF_HEADS), len(head))
    moved = list(head[at:])
    if not moved:
        return
    moved[-1].tail = f"{moved[-1].tail or ''}{body.text or ''}"
    body.text = None
    for number, element in enumerate(moved):
        body.insert(number, element)


def add_blocks(builder: TextBuilder, root: Element) -> None:
    """Add what `root` holds: headings, paragraphs, list items, code and tables, in order."""
    for block in _blocks(root, 0):
        if isinstance(block, str):
            builder.paragraph(block)
        elif block.tag in _HEADINGS:
            builder.heading(inline(block), _HEADINGS[block.tag])
        elif block.tag == "pre":
            builder.preformatted("".join(block.itertext()))
        else:
            rows, headed = _rows(block)
            builder.table(rows, headed=headed)


def inline(element: Element) -> str:
    """The text of an element in one run; its line breaks are kept."""
    return "".join(_inline(element))


def _blocks(element: Element, depth: int) -> Iterator[str | Element]:
    """Running text as strings; headings, code and tables as elements."""
    run: list[str] = [_spaced(element.text)]
    if element.tag == "li":
        run.insert(0, "• ")
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SILENT:
            pass
        elif tag in _HEADINGS or tag == "pre" or (tag == "table" and not _is_layout(child)):
            yield from _run(run)
            yield child
        elif depth < MAX_DEPTH and (tag in _BLOCKS or tag == "table" or _holds_blocks(child)):
            yield from _run(run)
            yield from _blocks(child, depth + 1)
        else:
            run.extend(_inline(child))
        run.append(_spaced(child.tail))
    yield from _run(run)


def _run(run: list[str]) -> Iterator[str]:
    text = "".join(run).strip()
    run.clear()
    if text and text != "•":
        yield text


def _inline(element: Element) -> Iterator[str]:
    if element.tag == "br":
        yield "\n"
        return
    if not isinstance(element.tag, str) or element.tag in _SILENT:
        return
    yield _spaced(element.text)
    for child in element:
        yield from _inline(child) if _depth_left(child) else _spaced("".join(child.itertext()))
        yield _spaced(child.tail)
    if element.tag in ("td", "th", "p", "div", "li"):
        yield " "


def _depth_left(element: Element) -> bool:
    return sum(1 for _ in element.iterancestors()) < 2 * MAX_DEPTH


def _spaced(text: str | None) -> str:
    """Line ends in the source of a page are spaces."""
    return re.sub(r"\s+", " ", text or "") if text else ""


def _holds_blocks(element: Element) -> bool:
    return any(child.tag in _BLOCKS or child.tag in _HEADINGS or child.tag in ("table", "pre") for child in element)


def _is_layout(table: Element) -> bool:
    """Whether a table only places things: it holds other tables or headings, or has one column."""
    if next(table.iter("th"), None) is not None:
        return False
    inner = (element for element in table.iterdescendants() if element.tag in ("table", *_HEADINGS))
    return next(inner, None) is not None or all(len(row) <= 1 for row in table.iter("tr"))


def _rows(table: Element) -> tuple[list[list[str]], bool | None]:
    """A table's cells, and whether its first row names the columns (None: it is not said).

    A row whose first cell alone is a heading ("Height | 134 m") becomes "Height: 134 m".
    """
    rows: list[list[str]] = []
    headed: bool | None = None
    lower: dict[int, tuple[int, str]] = {}
    for row in _own_rows(table):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if not cells:
            continue
        if not rows:
            all_heads = len(cells) > 1 and all(cell.tag == "th" for cell in cells)
            headed = True if all_heads else None
        texts: list[str] = []
        for cell in cells:
            _reach_down(texts, lower)
            text, wide = inline(cell), _span(cell, "colspan")
            # A name stands over all columns that it spans; what is said in a row is said once.
            texts += [text, *[text if not rows else ""] * (wide - 1)]
            if (high := _span(cell, "rowspan")) > 1:
                lower.update(dict.fromkeys(range(len(texts) - wide, len(texts)), (high - 1, text)))
        _reach_down(texts, lower)
        if not headed and len(cells) > 1 and cells[0].tag == "th" and cells[1].tag == "td":
            headed = False
            texts = [f"{texts[0].strip().rstrip(':')}: {'; '.join(filter(None, map(str.strip, texts[1:])))}"]
        rows.append(texts)
    return rows, headed


def _own_rows(table: Element) -> Iterator[Element]:
    """A table's rows in order. Those of tables in its cells are these cells' text and not said again: a thousand tables
    within each other would be said half a million times."""
    left = list(reversed(table))
    while left:
        element = left.pop()
        if element.tag == "tr":
            yield element
        elif element.tag not in ("td", "th", "table"):
            left.extend(reversed(element))


def _reach_down(texts: list[str], lower: dict[int, tuple[int, str]]) -> None:
    """Add what cells of the rows above say of this one too, as far as they are next."""
    while (column := len(texts)) in lower:
        left, text = lower.pop(column)
        texts.append(text)
        if left > 1:
            lower[column] = (left - 1, text)


def _span(cell: Element, of: str) -> int:
    value = cell.get(of, "1")
    return min(max(1, int(value)), MOST_SPANNED) if value.isdecimal() and len(value) < 4 else 1
