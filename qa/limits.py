"""What an HTTP request may cost before it is looked at."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000
"""Bytes: a hundred turns of the longest questions fit."""


class BodyLimit:
    """ASGI middleware: counts an API request's body as it comes in, whatever its headers say; 413 over MAX_BODY."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise HTTPException(413, f"The request is over {MAX_BODY:,} bytes. Send a shorter history.")
            return message

        ours = scope["type"] == "http" and scope["path"].startswith("/api/")
        await self.app(scope, counted if ours else receive, send)
