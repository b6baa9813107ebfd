"""RTF, through striprtf: its text without its looks; headings by their styles."""

from __future__ import annotations

import re
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from index.formats import Limits, Reading
from index.formats.text import TextBuilder
from index.structure import plain_structure

_STYLE = re.compile(r"\{\\s(\d{1,4})(?!\d)[^;{}]{0,2000}?(?i:heading ([1-9])|(title));\}")
_PARAGRAPH_STYLE = re.compile(r"\\pard(?:\\plain)?\s*((?:\\(?!s\d)[a-z]+-?\d*\s?){0,60})\\s(\d{1,4})(?!\d) ?")
_DELETED = re.compile(r"\{((?:\\[a-z]+-?\d*\s?){0,60})\\deleted(?![a-z0-9])")
_MARK = "\ue000"
"""Stands, as RTF's \\u writes it, before a heading's level; nobody's text has it."""
_MARKED = re.compile(f"{_MARK}(\\d)")


def read(path: Path, limits: Limits) -> Reading:
    # RTF is ASCII; bytes above it are in the code page that the file names, which striprtf looks at.
    source = path.read_bytes().decode("latin-1")
    # What was deleted and is only kept to be shown, as a group that a reader may pass over.
    source = _DELETED.sub(r"{\\*\1\\deleted", source)
    text = rtf_to_text(_with_levels(source), errors="replace")
    builder = TextBuilder()
    rows: list[list[str]] = []
    headed = False
    for line in text.split("\n"):
        level = _MARKED.search(line)
        line = line.replace(_MARK, "") if level is None else _MARKED.sub("", line)
        if line.count("|") and line.rstrip().endswith("|"):
            rows.append(line.rstrip().removesuffix("|").split("|"))
            continue
        builder.table(rows)
        rows = []
        if level is not None:
            builder.heading(line, int(level[1]))
            headed = headed or bool(line.strip())
        else:
            builder.paragraph(line)
    builder.table(rows)
    if headed:
        return builder.reading()
    structure = plain_structure(builder.reading().text)
    return Reading(builder.reading().text, structure.title, structure.headings)


def _with_levels(source: str) -> str:
    """The file with a mark and the level before the text of each paragraph whose style is a heading's."""
    levels = {number: level or "0" for number, level, _ in _STYLE.findall(source)}
    if not levels:
        return source

    def marked(found: re.Match[str]) -> str:
        level = levels.get(found[2])
        return found[0] if level is None else f"{found[0]}\\u{ord(_MARK) - 0x10000}?{level} "

    return _PARAGRAPH_STYLE.sub(marked, source)
