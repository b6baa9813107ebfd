"""The one door: in front of every route, mount, page, Gradio's own endpoints, /docs and MCP."""

from __future__ import annotations

from math import ceil

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.access import Access, household
from qa.api import login
from qa.api.headers import guarded
from qa.api.problems import problem
from qa.api.rates import Rates

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_APIS = ("/api/", "/v1/", "/mcp", "/metrics", "/healthz", "/openapi.json")
_CORS_ALLOWED = (
    (b"access-control-allow-methods", b"GET, POST, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, if-none-match, x-request-id"),
    (b"access-control-max-age", b"600"),
)


class Gate:
    """ASGI middleware. In this order: may this client come at all, is it we whom the Host names, may this Origin write,
    is the token known, does this client ask too often. What does not pass is answered here and reaches nothing
    behind."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access
        # A quarter of a minute's worth at once: a page that loads, a script that starts.
        self.rates = Rates(access.per_minute / 60, max(1, access.per_minute // 4)) if access.per_minute else None
        self.guesses = Rates(per_second=1 / 6, burst=10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Nothing here speaks it; refused before the handshake, so that no route behind is asked.
            await send({"type": "websocket.close", "code": 1008})
        else:
            request = Request(scope, receive)
            guard = guarded(send, self._cors(request.headers))
            refusal = await self._refusal(request)
            await (refusal or self.app)(scope, receive, guard)

    async def _refusal(self, request: Request) -> Response | None:
        headers, path = request.headers, request.url.path
        authority, origin = headers.get("host", ""), headers.get("origin")
        if not self.access.admits(_client(request)):
            return problem(path, 403, "token", _NOT_HERE)
        if not self.access.answers_to(authority):
            return problem(path, 403, "host", _NO_HOST)
        if request.method not in _READS and origin is not None and not self.access.may_write(origin, authority):
            return problem(path, 403, "origin", _NO_ORIGIN)
        if request.method == "OPTIONS" and origin is not None and "access-control-request-method" in headers:
            return Response(status_code=204 if self.access.may_write(origin, authority) else 403)
        if self.access.token is not None and (refusal := await self._stranger(request)) is not None:
            return refusal
        if self.rates is not None and request.method not in _READS:
            wait = self.rates.wait(household(_client(request)))
            if wait:
                return problem(path, 429, "rate", _TOO_OFTEN, {"Retry-After": str(ceil(wait))})
        return None

    async def _stranger(self, request: Request) -> Response | None:
        """What a request without the token gets; None for one that has it."""
        path, client = request.url.path, household(_client(request))
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        logs_in = path == _path(request, login.PATH)
        if logs_in and request.method in ("GET", "HEAD"):
            return login.page(request)
        if logs_in and request.method == "POST":
            given = await login.typed_token(request)
        elif self.access.holds(request.cookies.get(login.COOKIE, "")):
            return None
        if given and (wait := self.guesses.wait(client, cost=0)):
            return problem(path, 429, "rate", _TOO_OFTEN, {"Retry-After": str(ceil(wait))})
        if given and self.access.knows(given):
            return login.welcome(request, self.access) if logs_in else None
        if given:
            self.guesses.wait(client)
        if logs_in:
            return login.page(request, "That is not the token.", 401)
        if "text/html" in request.headers.get("accept", "") and not path.startswith(_APIS):
            return login.go_there(request)
        return problem(path, 401, "token", _NO_TOKEN, {"WWW-Authenticate": 'Bearer realm="Footnote"'})

    def _cors(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        origin = headers.get("origin", "")
        if origin.lower() not in self.access.origins:
            return []
        allowed = (b"access-control-allow-origin", origin.encode("latin-1"))
        return [allowed, (b"vary", b"Origin"), *_CORS_ALLOWED]


def _path(request: Request, path: str) -> str:
    return f"{request.scope.get('root_path', '').rstrip('/')}{path}"


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"


_NOT_HERE = "Without a token only this machine is answered. Set FOOTNOTE_TOKEN on the server, as in: qa token"
_NO_HOST = "This server does not answer to that Host. If it is yours, name it in FOOTNOTE_HOSTS."
_NO_ORIGIN = "Pages of that Origin may not call this server. If they may, name it in FOOTNOTE_ORIGINS."
_NO_TOKEN = "A token is needed: send it as Authorization: Bearer TOKEN, or log in at /login."
_TOO_OFTEN = "Too many requests from one client. Retry-After says when to try again."
