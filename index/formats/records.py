"""A JSON value as lines of text: names and values, as YAML would show them without its quotes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 40
INDENT = "  "


def loaded(source: str) -> Any:
    """A JSON value whose numbers are strings, as they were written. Raises JSONDecodeError, RecursionError."""
    return json.loads(source, parse_int=str, parse_float=str, parse_constant=str)


def lines(value: Any, depth: int = 0) -> Iterator[str]:
    """The value, a line a name; what lies inside is indented, strings are kept as they are."""
    pad = INDENT * min(depth, MAX_DEPTH)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _member(f"{pad}{name}:", inner, depth)
    elif isinstance(value, list):
        for inner in value:
            yield from _member(f"{pad}-", inner, depth)
    elif value is not None:
        yield f"{pad}{scalar(value)}"


def _member(lead: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        if value:
            yield lead
            yield from lines(value, depth + 1)
    elif value is not None and value != "":
        yield f"{lead} {scalar(value)}"


def scalar(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
