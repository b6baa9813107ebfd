"""Pages of lists, and ETags that save sending again what a client has."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from index.errors import QuestionMalformed

Item = TypeVar("Item")
Key = tuple[str, ...]


def page(
    items: Sequence[Item], key: Callable[[Item], Key], limit: int, after: str | None
) -> tuple[Sequence[Item], str | None]:
    """`limit` of the items after the cursor, and the next page's cursor, None on the last.

    `items` are sorted by `key`. A cursor names a place in the order, not an item: it holds when items come and go.
    Raises QuestionMalformed for what is no cursor.
    """
    start = 0
    if after is not None:
        place = _place(after)
        start = next((n for n, item in enumerate(items) if key(item) > place), len(items))
    shown = items[start : start + limit]
    more = start + limit < len(items)
    return shown, _cursor(key(shown[-1])) if more else None


def tagged(request: Request, reply: BaseModel) -> Response:
    """The reply as JSON with an ETag; 304 without a body when the client has it already."""
    content = reply.model_dump_json().encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    held = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in held or "*" in held:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def _cursor(place: Key) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        .decode()
        .rstrip("=")
    )


def _place(cursor: str) -> Key:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise QuestionMalformed("`after` is no cursor. Give it what `next` of the page before said.")
    return tuple(parts)
