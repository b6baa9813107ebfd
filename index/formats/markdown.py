"""Markdown: kept as it was written, its headings told."""

from __future__ import annotations

from pathlib import Path

from index.formats import Limits, Reading
from index.formats.plain import read_text
from index.structure import markdown_structure


def read(path: Path, limits: Limits) -> Reading:
    text = read_text(path)
    structure = markdown_structure(text)
    return Reading(text, structure.title, structure.headings)
