"""A saved evaluation → opinions about its answers, kept as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cases import load_cases
from eval.judging.judges import JUDGES, Answered, opinion
from eval.progress import watched
from eval.public.types import json_lines
from index.errors import CasesError, FootnoteError

FILE = "opinions.jsonl"
"""Beside metrics.json; no measure reads it."""
GIVEN_UP = 3
"""So many failures in a row end the judging: the model is not there."""


def answers(folder: Path, cases: Path | None) -> list[Answered]:
    """The answers given in an evaluation's folder; those that abstained or failed are not judged. `cases` give the
    expected answers. Raises CasesError."""
    file = folder / "predictions.jsonl"
    if not file.is_file():
        raise CasesError(f"{folder} holds no evaluation. Make one with: python -m eval --out {folder}")
    expected = {case.id: case.answers for case in load_cases(cases)} if cases else {}
    try:
        return [
            Answered(
                row["id"], row["standalone_question"], row["answer"],
                tuple(citation["context"] for citation in row["citations"]),
                next(iter(expected.get(row["id"], ())), ""),
            )
            for row in json_lines(file)
            if row.get("answered")
        ]  # fmt: skip
    except (KeyError, TypeError, AttributeError) as exc:
        raise CasesError(f"{file} is not what an evaluation writes ({exc!r}).") from exc


def judged(
    asked: Sequence[Answered], names: Sequence[str], model: Any, llm: str, folder: Path
) -> Iterator[Mapping[str, Any]]:
    """Every opinion of the model called `llm`: those in FILE already, then each new one, written as it comes. An answer
    without a reference is not judged where one is needed. Raises FootnoteError when the model cannot be reached."""
    file = folder / FILE
    wanted = [(one, name) for one in asked for name in names if one.reference or not JUDGES[name].needs_reference]
    known = {(row["id"], row["judge"]): row for row in _known(file) if row["llm"] == llm}
    kept = [(one, name) for one, name in wanted if _same(known.get((one.id, name)), one)]
    yield from (known[one.id, name] for one, name in kept)
    evaluators = {name: JUDGES[name].open(model) for name in names}
    left = [pair for pair in wanted if pair not in set(kept)]
    failures = 0
    for one, name in watched(left, len(left), f"Asking {llm}"):
        row: dict[str, Any] = {"id": one.id, "judge": name, "llm": llm, "answer": one.answer}
        try:
            found = opinion(evaluators[name], one)
        except Exception as error:  # whatever a provider's client raises
            failures += 1
            if failures == GIVEN_UP:
                raise FootnoteError(
                    f"{llm} failed {GIVEN_UP} times in a row: {error}. Run it again to go on."
                ) from error
            yield {**row, "error": f"{type(error).__name__}: {error}"}
            continue
        failures = 0
        row |= {"score": found.score, "said": found.said}
        _append(file, row)
        yield row


def _known(file: Path) -> Iterator[dict[str, Any]]:
    if file.is_file():
        yield from json_lines(file)


def _same(row: Mapping[str, Any] | None, answered: Answered) -> bool:
    """An opinion on the same words."""
    return row is not None and row["answer"] == answered.answer


def _append(file: Path, row: Mapping[str, Any]) -> None:
    try:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as exc:
        raise FootnoteError(f"Cannot write {file}: {exc.strerror}.") from exc
