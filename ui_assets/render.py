"""A document as HTML. Pure: values in, strings out.

Every string that came from a document passes through `literal`; nothing else may put such a string into HTML.
Answers, questions and errors never become HTML here: `ui_assets/answer.js` makes text nodes of them.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence

from index.sentences import marks_start
from index.types import Document, Heading

_AS_ENTITY: dict[int, str] = {
    **{ord(character): f"&#{ord(character)};" for character in string.punctuation + "\t\n\r"},
    # HTML can hold neither: a stand-in of the same length keeps every offset true.
    **dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd"),
}

_GAP = re.compile(r"(\A\s*\n|\n\s*\n|\n\s*\Z)")
# A table as Markdown writes it: each line between two bars. A bar within a cell has a backslash before it.
_ROW = r"[ \t]*\|.*\|[ \t]*"
_TABLE = re.compile(rf"{_ROW}(?:\n{_ROW})+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_RULE = re.compile(r"[ \t|:-]+")
_CELL = re.compile(r"([ \t]*\|[ \t]*)((?:\\.|[^|\\])*)")


def literal(text: str) -> str:
    """`text` as HTML that reads as exactly `text`, in an element or in a quoted attribute.

    All ASCII punctuation becomes numeric entities, so no parser finds a character of its own.
    """
    return text.translate(_AS_ENTITY)


def source(document: Document) -> str:
    """The document typeset: the text of this fragment is `document.text`, character for character.

    Paragraphs are split at blank lines, which stay as white space between the blocks. Where a page starts there is
    an empty element that names it.
    """
    blocks = "".join(_blocks(document.text, document.headings, document.pages or ()))
    return (
        f'<article class="source" data-document="{literal(document.id)}" data-sha="{literal(document.sha256)}" '
        f'data-title="{literal(document.title)}">{blocks}</article>'
    )


def _blocks(text: str, headings: Iterable[Heading], pages: Sequence[int]) -> Iterator[str]:
    at = 0
    for heading in sorted(headings, key=lambda heading: heading.start):
        if not at <= heading.start < heading.end <= len(text):
            continue
        start = max(at, marks_start(text, heading))
        yield from _paragraphs(text, at, start, pages)
        tag = f"h{min(heading.level + 1, 6)}"
        marks = _paged(text, start, heading.start, pages)
        marks = f'<span class="markup">{marks}</span>' if marks else ""
        yield f"<{tag}>{marks}{_paged(text, heading.start, heading.end, pages)}</{tag}>"
        at = heading.end
    yield from _paragraphs(text, at, len(text), pages)


def _paragraphs(text: str, start: int, end: int, pages: Sequence[int]) -> Iterator[str]:
    for piece in _GAP.split(text[start:end]):
        until = start + len(piece)
        if _TABLE.fullmatch(piece) and not any(start < page < until for page in pages):
            yield _table(text, start, until, pages)
        else:
            shown = _paged(text, start, until, pages)
            yield f"<p>{shown}</p>" if piece.strip() else shown
        start = until


def _table(text: str, start: int, end: int, pages: Sequence[int]) -> str:
    """text[start:end], rows between bars, as a table; bars and rules stay in the text and are not shown."""
    rows = ""
    for number, line in enumerate(_LINE.findall(text[start:end])):
        cells = list(_CELL.finditer(line, 0, line.rindex("|")))
        hidden = ' class="markup"' if _RULE.fullmatch(line.rstrip("\n")) else ""
        tag, row = "td" if number else "th", ""
        for cell in cells:
            closing = "" if cell is not cells[-1] else f'<span class="markup">{literal(line[cell.end() :])}</span>'
            bar = _paged(text, start + cell.start(1), start + cell.end(1), pages)
            row += f'<{tag}><span class="markup">{bar}</span>{literal(cell[2])}{closing}</{tag}>'
        rows += f"<tr{hidden}>{row}</tr>"
        start += len(line)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="Table"><table><tbody>{rows}</tbody></table></div>'
    )


def _paged(text: str, start: int, end: int, pages: Sequence[int]) -> str:
    """text[start:end] with a mark at each page's start; a page that starts where a piece ends belongs to the next."""
    shown = ""
    for number, page in enumerate(pages, 1):
        if start <= page < end:
            shown += literal(text[start:page]) + f'<span class="page" role="note" aria-label="Page {number}"></span>'
            start = page
    return shown + literal(text[start:end])
