"""The headers that keep untrusted text text, and the doors of Gradio that the page does not need."""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Measured with Gradio 6.31: it sets style attributes, so styles are inline; its scripts are its own files and a few
# inline ones that change with the configuration, so those are allowed by their hash. It needs 'unsafe-eval' for
# gr.HTML and for `js=` on an event, and the page uses neither.
_POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "media-src 'self'; font-src 'self' data:; connect-src 'self'; form-action 'self'; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'none'"
)
_HEADERS = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"no-referrer"}
_POLICY_NAME = b"content-security-policy"

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)

_GRADIO = "/gradio_api/"
_USED = ("queue/join", "queue/data", "heartbeat/", "startup-events", "cancel", "reset")
"""All that the page asks of Gradio. What is left out fetches other sites (`file=http…`, `proxy=…`), takes uploads
or describes the page's inner functions."""


class Guard:
    """ASGI middleware: security headers on every response, 404 on Gradio's routes that the page does not use.

    A policy that a route set itself is kept. The inline scripts of an HTML page are allowed by their hashes, which
    is why a page is read whole before it is sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _closed(scope["path"]):
            await PlainTextResponse("Not found.", status_code=404)(scope, receive, _Headers(send))
        else:
            await self.app(_uncompressed(scope), receive, _Headers(send))


class _Headers:
    """A `send` that adds our headers; the start of an HTML page waits until its scripts have been seen."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_page(message):
                self._start = message
            else:
                await self._send(_with_headers(message, b""))
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send(_with_headers(self._start, self._body))
                await self._send({"type": "http.response.body", "body": self._body})


def _closed(path: str) -> bool:
    # Wherever in the path: a proxy may put a prefix before it.
    _, gradio, route = path.partition(_GRADIO)
    return bool(gradio) and not route.startswith(_USED)


def _uncompressed(scope: Scope) -> Scope:
    """The scope of a navigation without Accept-Encoding: Gradio compresses, and the hashes are of the page's text."""
    if b"text/html" not in dict(scope["headers"]).get(b"accept", b"") and scope["path"] != "/":
        return scope
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}


def _is_page(start: Message) -> bool:
    return bool(dict(start["headers"]).get(b"content-type", b"").startswith(b"text/html"))


def _with_headers(start: Message, page: bytes) -> Message:
    headers = list(start.get("headers", []))
    present = {name.lower() for name, _ in headers}
    ours = {**_HEADERS, _POLICY_NAME: policy(page).encode()}
    headers += [(name, value) for name, value in ours.items() if name not in present]
    return {**start, "headers": headers}


def policy(page: bytes = b"") -> str:
    """The Content-Security-Policy of a response; `page` is its HTML, whose inline scripts it allows."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return _POLICY.format(hashes="".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))
