"""What an HTTP request may cost before it is looked at."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000
"""Bytes: a hundred turns of the longest questions fit."""
BODIES: dict[tuple[str, str], int] = {}
"""Method and path → bytes, where a body may be larger."""


class BodyLimit:
    """ASGI middleware: counts a request's body as it comes in, whatever its headers say; 413 over its limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = BODIES.get((scope["method"], scope["path"]), MAX_BODY)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, f"The request is over {limit:,} bytes. Send less.")
            return message

        await self.app(scope, counted, send)
