"""Text → its title and section headings, as spans of the text: nothing is cut out and no offset moves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import Offsets, trimmed
from index.types import Heading

MAX_HEADING_WORDS = 12
MAX_HEADING_CHARACTERS = 90

_PARAGRAPH = re.compile(r"\S(?:.|\n(?![^\S\n]*(?:\n|\Z)))*")
_UNDERLINE = re.compile(r"[^\S\n]*([=~*_-])\1{2,}[^\S\n]*")
_ENDS_LIKE_BODY = re.compile(r"[.!?;:,…。！？；，।॥۔؟؛][\"'”’»)\]]*$")
_STARTS_LIKE_HEADING = re.compile(r"^[\"'“‘«(]?(?:[^\W\d_]|\d+(?:\.\d+)*[.)]?\s+\S|§)")
_SPEECH = re.compile(r"[,.!?][\"”’»]\s")
_LABEL = re.compile(r"[^\W\d_]+|[(§]?\s?\d+(?:\.\d+)*[.)]?\s.*")
_MAIL_SUBJECT = re.compile(r"\A(?:[A-Z][\w-]*:.*\n(?:[ \t].*\n)*)*?Subject:[ \t]*(\S.*)")
_BREADCRUMB = re.compile(r"\s[>|»›/]\s")
_CREDIT = re.compile(
    r"^(?:(?i:by)\s+[A-Z]|(?i:von|par)\s+[A-Z]\w+\s+[A-Z]"
    r"|(?i:photo|image|source|credit)s?(?:\s*:|\s(?i:by|source|credit|caption)\b)"
    r"|(?i:(?:last )?(?:updated|published|posted))\b.*\d)"
)
_DATE_OR_NUMBER = re.compile(
    r"^(?=.*\d)[\d\s:.,/–-]*(?:[A-Za-z]{3,9}\.?)?[\d\s:.,/–-]*(?:[AaPp]\.?[Mm]\.?|[A-Z]{2,4})?$"
)
# Words that a saved web page puts above its headline. A line made of nothing else is no title.
_CHROME = frozenset(
    "all latest top more breaking news headlines stories story home homepage menu main navigation nav search world "
    "politics business economy sport sports culture opinion society science tech technology video videos photo "
    "photos gallery archive archives login log in sign up subscribe subscription newsletter register account share "
    "print email tweet facebook twitter skip to content back next previous read also section sections category "
    "categories tags topics live updates advertisement cookies accept close".split()
)

_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)")
_ATX_CLOSE = re.compile(r"(?:^|[ \t])#+$")
_NO_SETEXT = re.compile(r"^\s*(?:[-*+>|]|\d+[.)])\s")  # a list, a quotation or a table, then a rule
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```+(?!.*`)|~~~+)")
_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"(?m)^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Structure:
    """`title` is None where the text has none; headings are in order and do not overlap."""

    title: str | None
    headings: tuple[Heading, ...]


def plain_structure(text: str) -> Structure:
    """The structure of plain text, told from its looks.

    A heading is a short line alone between blank lines, or underlined, without closing punctuation, with body text
    after it. The headings before any body text are the masthead: its first line that is not site chrome
    ("All news"), a breadcrumb, a byline or a date is the title; in a letter it is the Subject.
    """
    paragraphs = _paragraphs(text)
    looks = [looks_like_heading(text[start:end]) for start, end in paragraphs]
    body_starts = looks.index(False) if False in looks else len(looks)
    masthead = paragraphs[:body_starts]
    mail = _MAIL_SUBJECT.match(text)
    title = trimmed(text, *mail.span(1)) if mail else _headline(text, masthead)
    headings = [Heading(*title, level=1)] if title else []
    if title and body_starts < len(paragraphs):
        below = [span for span in masthead if span[0] >= title[1] and not _is_chrome(text[slice(*span)])]
        # Right above the body a numbered line or a single word is a heading already; a longer one is a standfirst.
        if 1 <= len(below) <= 2 and below[-1] == masthead[-1] and _LABEL.fullmatch(text[slice(*below[-1])]):
            headings.append(Heading(*below[-1], level=2))
    for run in _runs(looks, body_starts):
        # Three short lines in a row are a list, a poem or a table, not headings.
        if len(run) <= 2 and run[-1] + 1 < len(paragraphs):
            headings += [Heading(*paragraphs[i], level=2) for i in run]
    return Structure(text[slice(*title)] if title else None, tuple(headings))


def markdown_structure(text: str) -> Structure:
    """The structure of Markdown: ATX and one-line setext headings outside code fences; a title in the front matter
    wins, then the first of the outermost headings."""
    headings: list[Heading] = []
    front = _FRONT_MATTER.match(text)
    at = front.end() if front else 0
    fence: str | None = None
    in_paragraph = False
    underlinable: Offsets | None = None
    for line in text[at:].split("\n"):
        mark = _FENCE.match(line)
        above, underlinable, goes_on, in_paragraph = underlinable, None, in_paragraph, False
        if fence is not None:
            if mark and line.strip() == mark[1] and mark[1].startswith(fence):
                fence = None
        elif mark:
            fence = mark[1]
        elif atx := _ATX.match(line):
            start, end = trimmed(text, at + atx.start(2), at + atx.end(2))
            if close := _ATX_CLOSE.search(text[start:end]):
                start, end = trimmed(text, start, start + close.start())
            if start < end:
                headings.append(Heading(start, end, len(atx[1])))
        elif above and (setext := _SETEXT.match(line)):
            headings.append(Heading(*above, 1 if setext[1][0] == "=" else 2))
        elif line.strip():
            in_paragraph = True
            if not goes_on and not _NO_SETEXT.match(line):
                underlinable = trimmed(text, at, at + len(line))
        at += len(line) + 1
    return Structure(_markdown_title(text, front, headings), tuple(headings))


def section_names(text: str, headings: Sequence[Heading]) -> list[str]:
    """For each heading what stands under it is called: the headings around it, outermost first, and itself,
    without the title (the first of level 1)."""
    names: list[str] = []
    path: list[Heading] = []
    title = next((heading for heading in headings if heading.level == 1), None)
    for heading in headings:
        path = [outer for outer in path if outer.level < heading.level] + [heading]
        names.append(" › ".join(text[outer.start : outer.end] for outer in path if outer is not title))
    return names


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
        and _SPEECH.search(paragraph) is None
    )


def _markdown_title(text: str, front: re.Match[str] | None, headings: list[Heading]) -> str | None:
    if front and (named := _FRONT_TITLE.search(front[1])):
        return named[1]
    if not headings:
        return plain_structure(text[front.end() :] if front else text).title
    first = min(headings, key=lambda heading: heading.level)
    return text[first.start : first.end]


def _paragraphs(text: str) -> list[Offsets]:
    """What stands between blank lines; an underlined line, and a first line above a byline or a date, stand alone."""
    spans: list[Offsets] = []
    for match in _PARAGRAPH.finditer(text):
        start, end = trimmed(text, *match.span())
        line, _, below = text[start:end].partition("\n")
        second = below.partition("\n")[0]
        if below and (_UNDERLINE.fullmatch(second) or (not spans and _is_credit(second.strip()))):
            spans.append(trimmed(text, start, start + len(line)))
            start = trimmed(text, start + len(line), end)[0]
        if start < end:
            spans.append((start, end))
    return spans


def _headline(text: str, masthead: list[Offsets]) -> Offsets | None:
    lines = [(span, text[slice(*span)]) for span in masthead]
    titles = [span for span, line in lines if not _is_chrome(line)]
    if any(_is_navigation(line) for _, line in lines):
        # A saved web page: its name and the section's may stand above the headline, which says something.
        titles.sort(key=lambda span: len(text[slice(*span)].split()) < 4)
    return titles[0] if titles else masthead[0] if masthead else None


def _is_chrome(line: str) -> bool:
    return _is_navigation(line) or _is_credit(line)


def _is_navigation(line: str) -> bool:
    words = re.findall(r"[^\W\d_]+", line.lower())
    return all(word in _CHROME for word in words) or _BREADCRUMB.search(line) is not None


def _is_credit(line: str) -> bool:
    return _CREDIT.match(line) is not None or _DATE_OR_NUMBER.match(line) is not None


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
