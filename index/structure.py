"""Text → its title and section headings, as spans of the text: nothing is cut out and no offset moves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Heading

MAX_HEADING_WORDS = 12
MAX_HEADING_CHARACTERS = 90

_PARAGRAPH = re.compile(r"\S(?:.|\n(?![^\S\n]*(?:\n|\Z)))*")
_ENDS_LIKE_BODY = re.compile(r"[.!?;:,…。！？；，][\"'”’»)\]]*$")
_STARTS_LIKE_HEADING = re.compile(r"^[\"'“‘«(]?(?:[^\W\d_]|\d+(?:\.\d+)*[.)]?\s+\S)")
_BREADCRUMB = re.compile(r"\s[>|»›/]\s")
_BYLINE = re.compile(r"^(?:by|von|par|photo|image|source|updated|published|posted)\b", re.IGNORECASE)
_DATE_OR_NUMBER = re.compile(r"^[\d\s:.,/–-]*(?:[A-Za-z]{3,9}\.?)?[\d\s:.,/–-]*(?:[AaPp]\.?[Mm]\.?|[A-Z]{2,4})?$")
# Words that a saved web page puts above its headline. A line made of nothing else is no title.
_CHROME = frozenset(
    "all latest top more breaking news headlines stories story home homepage menu main navigation nav search world "
    "politics business economy sport sports culture opinion society science tech technology video videos photo "
    "photos gallery archive archives login log in sign up subscribe subscription newsletter register account share "
    "print email tweet facebook twitter skip to content back next previous read also section sections category "
    "categories tags topics live updates advertisement cookies accept close".split()
)

_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"(?m)^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Structure:
    """`title` is None where the text has none; headings are in order and do not overlap."""

    title: str | None
    headings: tuple[Heading, ...]


def plain_structure(text: str) -> Structure:
    """The structure of plain text, told from its looks.

    A heading is a short line alone between blank lines, without closing punctuation, with body text after it.
    The headings before any body text are the masthead: its first line that is not site chrome ("All news"), a
    breadcrumb, a byline or a date is the title.
    """
    paragraphs = [
        (match.start(), _right_trimmed(text, match.start(), match.end())) for match in _PARAGRAPH.finditer(text)
    ]
    looks = [looks_like_heading(text[start:end]) for start, end in paragraphs]
    body_starts = looks.index(False) if False in looks else len(looks)
    masthead = paragraphs[:body_starts]
    title = _headline(text, masthead)
    headings = [Heading(*title, level=1)] if title else []
    for run in _runs(looks, body_starts):
        # Three short lines in a row are a list, a poem or a table, not headings.
        if len(run) <= 2 and run[-1] + 1 < len(paragraphs):
            headings += [Heading(*paragraphs[i], level=2) for i in run]
    return Structure(text[slice(*title)] if title else None, tuple(headings))


def markdown_structure(text: str) -> Structure:
    """The structure of Markdown: ATX and setext headings outside code fences; a title in the front matter wins."""
    headings: list[Heading] = []
    front = _FRONT_MATTER.match(text)
    at = front.end() if front else 0
    fence: str | None = None
    previous: tuple[int, str] | None = None
    for line in text[at:].splitlines(keepends=True) if at < len(text) else ():
        bare = line.rstrip("\n")
        mark = _FENCE.match(bare)
        if fence is not None:
            if mark and mark[1].startswith(fence):
                fence = None
            previous = None
        elif mark:
            fence, previous = mark[1], None
        elif atx := _ATX.match(bare):
            headings.append(Heading(at + atx.start(2), at + atx.end(2), len(atx[1])))
            previous = None
        elif previous and (setext := _SETEXT.match(bare)):
            start, above = previous
            lead = len(above) - len(above.lstrip())
            headings.append(Heading(start + lead, start + len(above.rstrip()), 1 if setext[1][0] == "=" else 2))
            previous = None
        else:
            previous = (at, bare) if bare.strip() else None
        at += len(line)
    return Structure(_markdown_title(text, front, headings), tuple(headings))


def section_of(text: str, headings: Sequence[Heading], offset: int) -> str:
    """The headings that the character at `offset` stands under, outermost first, without the title."""
    path: list[Heading] = []
    for heading in headings:
        if heading.start > offset:
            break
        path = [outer for outer in path if outer.level < heading.level] + [heading]
    return " › ".join(text[heading.start : heading.end] for heading in path if heading.level > 1)


def looks_like_heading(paragraph: str) -> bool:
    """Whether a paragraph of plain text is, by itself, short and bare enough for a heading."""
    first = next((char for char in paragraph if char.isalpha()), "")
    return (
        "\n" not in paragraph
        and len(paragraph) <= MAX_HEADING_CHARACTERS
        and len(paragraph.split()) <= MAX_HEADING_WORDS
        and not first.islower()
        and _STARTS_LIKE_HEADING.match(paragraph) is not None
        and _ENDS_LIKE_BODY.search(paragraph) is None
    )


def _markdown_title(text: str, front: re.Match[str] | None, headings: list[Heading]) -> str | None:
    if front and (named := _FRONT_TITLE.search(front[1])):
        return named[1]
    if not headings:
        return plain_structure(text[front.end() :] if front else text).title
    first = min(headings, key=lambda heading: heading.level)
    return text[first.start : first.end]


def _headline(text: str, masthead: list[tuple[int, int]]) -> tuple[int, int] | None:
    for start, end in masthead:
        if not _is_chrome(text[start:end]):
            return (start, end)
    return masthead[0] if masthead else None


def _is_chrome(line: str) -> bool:
    words = re.findall(r"[^\W\d_]+", line.lower())
    return (
        all(word in _CHROME for word in words)
        or _BREADCRUMB.search(line) is not None
        or _BYLINE.match(line) is not None
        or _DATE_OR_NUMBER.match(line) is not None
    )


def _runs(looks: list[bool], start: int) -> list[list[int]]:
    """Runs of neighbouring indices, from `start` on, that look like headings."""
    runs: list[list[int]] = []
    for i in range(start, len(looks)):
        if not looks[i]:
            continue
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _right_trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())
