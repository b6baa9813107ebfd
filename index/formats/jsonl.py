"""JSON Lines: a record a paragraph."""

from __future__ import annotations

import json
from pathlib import Path

from index.formats import Limits, Reading, Refused
from index.formats.json import add_record
from index.formats.plain import read_text
from index.formats.records import loaded
from index.formats.text import TextBuilder


def read(path: Path, limits: Limits) -> Reading:
    builder = TextBuilder()
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            try:
                add_record(builder, loaded(line))
            except json.JSONDecodeError as exc:
                raise Refused(f"line {number} is no JSON (column {exc.colno}: {exc.msg}).") from exc
            except RecursionError as exc:
                raise Refused(f"line {number} is nested too deep to be read.") from exc
    return builder.reading()
