"""Many questions at once: a JSON object a line in, an answer a line out, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from index.errors import CasesError, FootnoteError
from index.pieces import encodable
from index.store import EVERYWHERE, Where
from qa.assistant import Assistant


def answer_lines(
    lines: Iterable[bytes], assistant: Assistant, strictness: float | None = None, where: Where = EVERYWHERE
) -> Iterator[dict[str, Any]]:
    """The Answer JSON of every line, with the line's `id` first where it has one; blank lines are skipped.

    A line that cannot be asked gives {"id", "line", "error"} in its place and stops nothing.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        request: dict[str, Any] = {}
        try:
            request = _request(line)
            answer = assistant.ask(request["question"], request.get("history") or (), where, strictness=strictness)
        except FootnoteError as exc:
            yield {**_id(request), "line": number, "error": str(exc)}
        else:
            yield {**_id(request), **answer.to_dict()}


def _request(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        raise CasesError(f"This is not JSON in UTF-8 ({exc}). Write one object a line.") from exc
    if not isinstance(request, dict) or "question" not in request:
        raise CasesError('A line must be a JSON object with "question".')
    told = json.dumps(request.get("id"), ensure_ascii=False)
    if encodable(told) != told:
        raise CasesError("The id holds half a surrogate pair, which is no character. Remove it.")
    return request


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _id(request: dict[str, Any]) -> dict[str, Any]:
    return {"id": request["id"]} if "id" in request else {}
