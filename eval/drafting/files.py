"""Drafts and accepted cases as files. A draft's line has a key that no case has, so that a run refuses it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.cases import load_cases, parse_case
from eval.drafting.questions import Draft
from eval.public.types import json_lines
from eval.types import Case
from index.errors import CasesError, FootnoteError


def case_dict(case: Case) -> dict[str, Any]:
    """A case as a line of the contract."""
    return {
        "id": case.id,
        "question": case.question,
        "answers": list(case.answers),
        "evidence": list(case.evidence),
        "history": [list(turn) for turn in case.history],
        "tags": list(case.tags),
    }


def read_drafts(file: Path) -> list[Draft]:
    """Raises CasesError."""
    made = []
    for number, row in enumerate(json_lines(file), start=1):
        try:
            about = row.pop("draft")
            made.append(Draft(parse_case(json.dumps(row).encode()), about["about"], about["path"]))
        except (KeyError, TypeError, AttributeError, ValueError) as exc:
            raise CasesError(f"{file}, draft {number}: not a draft ({exc!r}).") from exc
    return made


def write_drafts(file: Path, drafts: Sequence[Draft]) -> None:
    """Whole or not at all; the file goes when none is left. Raises FootnoteError."""
    lines = [{**case_dict(one.case), "draft": {"about": one.about, "path": one.path}} for one in drafts]
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        os.replace(temporary, file)
    except OSError as exc:
        temporary.unlink(missing_ok=True)
        raise FootnoteError(f"Cannot write {file}: {exc.strerror}.") from exc


def append_case(file: Path, case: Case) -> None:
    """Add an accepted case, checked as a run would. Raises CasesError and FootnoteError."""
    line = json.dumps(case_dict(case), ensure_ascii=False)
    try:
        parse_case(line.encode())
    except ValueError as exc:
        raise CasesError(f"Not accepted: {exc}.") from exc
    if file.exists() and case.id in {known.id for known in load_cases(file)}:
        raise CasesError(f'Not accepted: {file} has a case "{case.id}" already.')
    try:
        with file.open("a", encoding="utf-8") as cases:
            cases.write(line + "\n")
            cases.flush()
            os.fsync(cases.fileno())
    except OSError as exc:
        raise FootnoteError(f"Cannot write {file}: {exc.strerror}.") from exc
