"""The headers that every response carries, whoever made it."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Message, Send

Headers = Iterable[tuple[bytes, bytes]]

_ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_POLICY = b"content-security-policy"
_NOTHING = b"default-src 'none'; frame-ancestors 'none'"
_OWN = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""For an HTML page without a policy of its own: only /docs, where no page is mounted. The chat page has a stricter."""
_PRIVATE = (b"application/json", b"application/problem+json", b"text/event-stream", b"text/plain")
_CORS = b"access-control-"


def guarded(send: Send, cors: Headers) -> Send:
    """A `send` that adds our headers where a response has none of its own, and lets no CORS header but ours pass."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if not name.lower().startswith(_CORS)]
            present = {name.lower(): value for name, value in kept}
            kind = present.get(b"content-type", b"")
            ours = {**_ALWAYS, _POLICY: _OWN if kind.startswith(b"text/html") else _NOTHING}
            if kind.startswith(_PRIVATE) and b"etag" not in present:
                ours[b"cache-control"] = b"no-store"
            kept += [(name, value) for name, value in ours.items() if name not in present]
            message = {**message, "headers": [*kept, *cors]}
        await send(message)

    return add
