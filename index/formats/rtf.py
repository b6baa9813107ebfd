"""RTF, through striprtf: its text without its looks."""

from __future__ import annotations

from pathlib import Path

from striprtf.striprtf import rtf_to_text

from index.formats import Limits, Reading
from index.formats.text import TextBuilder
from index.structure import plain_structure


def read(path: Path, limits: Limits) -> Reading:
    # RTF is ASCII; bytes above it are in the code page that the file names, which striprtf looks at.
    text = rtf_to_text(path.read_bytes().decode("latin-1"), errors="replace")
    builder = TextBuilder()
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if line.count("|") and line.rstrip().endswith("|"):
            rows.append(line.rstrip().removesuffix("|").split("|"))
            continue
        builder.table(rows)
        rows = []
        builder.paragraph(line)
    builder.table(rows)
    structure = plain_structure(builder.reading().text)
    return Reading(builder.reading().text, structure.title, structure.headings)
