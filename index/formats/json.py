"""JSON: a record a paragraph where the file is a list, else a paragraph for each name of the outermost object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from index.formats import Limits, Reading, Refused
from index.formats.plain import read_text
from index.formats.records import lines, loaded
from index.formats.text import TextBuilder


def read(path: Path, limits: Limits) -> Reading:
    try:
        value = loaded(read_text(path))
    except json.JSONDecodeError as exc:
        raise Refused(f"it is no JSON: line {exc.lineno}, column {exc.colno}: {exc.msg}.") from exc
    except RecursionError as exc:
        raise Refused("its values are nested too deep to be read.") from exc
    builder = TextBuilder()
    for part in _parts(value):
        add_record(builder, part)
    return builder.reading(_title(value))


def add_record(builder: TextBuilder, value: Any) -> None:
    builder.preformatted("\n".join(lines(value)))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [{name: inner} for name, inner in value.items()] if isinstance(value, dict) else [value]


def _title(value: Any) -> str | None:
    title = value.get("title") if isinstance(value, dict) else None
    return title if isinstance(title, str) else None
