"""CSV and TSV: each row a line with its columns' names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from index.formats import Limits, Reading, Refused
from index.formats.plain import read_text
from index.formats.text import TextBuilder

SAMPLE = 4_000
"""So many characters tell the delimiter: what looks for it takes time that grows with their square, and faster."""
DELIMITERS = ",;\t|"


def read(path: Path, limits: Limits) -> Reading:
    text = read_text(path)
    csv.field_size_limit(limits.characters)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), _dialect(text, path)))
    except csv.Error as exc:
        raise Refused(f"it is no CSV that can be read ({exc}).") from exc
    builder = TextBuilder()
    builder.table(rows)
    return builder.reading()


def _dialect(text: str, path: Path) -> type[csv.Dialect]:
    if path.suffix.lower() == ".tsv":
        return csv.excel_tab
    try:
        found = csv.Sniffer().sniff(text[:SAMPLE], DELIMITERS)
    except csv.Error:  # one column, or prose
        return csv.excel
    found.doublequote = True
    return found
