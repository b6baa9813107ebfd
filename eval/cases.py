"""A file of cases, one JSON object a line → Cases. A defect is named by file, line and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.normalise import normalise
from eval.types import Case
from index.errors import CasesError

REQUIRED = ("id", "question", "answers")
OPTIONAL = ("evidence", "history", "tags")
EXAMPLE = '{"id": "1", "question": "When does it start?", "answers": ["May 6"]}'


def load_cases(path: Path) -> tuple[Case, ...]:
    """The cases of `path`, in file order; blank lines are skipped. Raises CasesError."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as exc:
        raise CasesError(f"Cannot read the cases {path}: {exc.strerror or exc}.") from exc
    cases: dict[str, Case] = {}
    lines: dict[str, int] = {}
    # Bytes are split, not text: str.splitlines would also break at U+2028, which JSON allows within a string.
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            case = parse_case(line)
            if case.id in cases:
                raise ValueError(f'the id "{case.id}" is already used on line {lines[case.id]}')
        except ValueError as exc:
            raise CasesError(f"{path}, line {number}: {exc}.") from exc
        cases[case.id] = case
        lines[case.id] = number
    if not cases:
        raise CasesError(f"{path} holds no cases. A case is a line like {EXAMPLE}")
    return tuple(cases.values())


def parse_case(line: bytes) -> Case:
    """One line → a Case. Raises ValueError, whose message says what is wrong with it."""
    row = _object(line)
    for key in REQUIRED:
        if key not in row:
            raise ValueError(f'"{key}" is missing')
    for key in row:
        if key not in REQUIRED + OPTIONAL:
            raise ValueError(f'"{key}" is not a key of a case; the keys are {", ".join(REQUIRED + OPTIONAL)}')
    case = Case(
        id=_text(row["id"], '"id"'),
        question=_text(row["question"], '"question"'),
        answers=_texts(row["answers"], '"answers"'),
        evidence=_texts(row.get("evidence", []), '"evidence"'),
        history=_turns(row.get("history", [])),
        tags=_texts(row.get("tags", []), '"tags"'),
    )
    for answer in case.answers:
        if not normalise(answer):
            raise ValueError(f'the answer "{answer}" has no word left to compare')
    if case.evidence and not case.answers:
        raise ValueError('"evidence" is given for a question without "answers"')
    return case


def _object(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as exc:
        raise ValueError(f"byte {exc.start + 1} is not UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON: {exc.msg} at column {exc.colno}") from exc
    except RecursionError as exc:
        raise ValueError("not a case: nested too deeply") from exc
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    return row


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'"{next(key for key in keys if keys.count(key) > 1)}" is given twice')
    return row


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")
    if not value.strip():
        raise ValueError(f"{name} is empty")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise ValueError(f"{name} holds half a character (a lone surrogate)") from exc
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list of texts")
    return tuple(_text(item, f"{name}, item {number}") for number, item in enumerate(value, start=1))


def _turns(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise ValueError('"history" must be a list of ["question", "answer"] pairs')
    turns = []
    for number, turn in enumerate(value, start=1):
        if not isinstance(turn, list) or len(turn) != 2:
            raise ValueError(f'"history", turn {number}, must be a ["question", "answer"] pair')
        question, answer = _texts(turn, f'"history", turn {number}')
        turns.append((question, answer))
    return tuple(turns)
