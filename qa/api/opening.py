"""A server that answers while most of it is still being loaded.

FastAPI takes a third of a second to import, the chat page's Gradio two. So /healthz is answered first, from the index
alone; then comes the API by itself; then the whole app, with the chat page and MCP, takes over. A request that comes
too early for its route waits, and is answered like any other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import FootnoteError
from qa.access import Access, is_loopback
from qa.api.headers import guarded
from qa.api.requests import RequestIds
from qa.api.state import state
from qa.assistant import Assistant

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qa.api.services import Services

LIVE, READY = "/healthz/live", ("/healthz", "/healthz/ready")


class Opening:
    """The ASGI app; it begins to load when the server has started. `on_failure` is called when loading fails; `check`
    then raises why."""

    def __init__(self, assistant: Assistant, storage: str | Path | None, access: Access) -> None:
        self._assistant = assistant
        self._storage = storage
        self._access = access
        self._api: FastAPI | None = None
        self._whole: FastAPI | None = None
        self._api_opened, self._whole_opened, self._closing = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._failure: BaseException | None = None
        self._first = RequestIds(self._health)
        self.on_failure: Callable[[], None] = lambda: None

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._api is None and self._may_be_told(scope):
            await self._first(scope, receive, send)
        else:
            await (await self._app_for(scope))(scope, receive, send)

    async def _app_for(self, scope: Scope) -> ASGIApp:
        """The first app that knows the route, as soon as it is there."""
        await self._api_opened.wait()
        if self._whole is None and self._api is not None and _knows(self._api, scope):
            return self._api
        await self._whole_opened.wait()
        self.check()
        assert self._whole is not None
        return self._whole

    def _may_be_told(self, scope: Scope) -> bool:
        """Whether this asks for /healthz and would be let in without a closer look; the API's gate has that."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in (LIVE, *READY):
            return False
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        client = scope["client"][0] if scope.get("client") else ""
        return self._access.token is None and is_loopback(client) and self._access.answers_to(host)

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            told = {"status": "ok"} if scope["path"] == LIVE else state(self._assistant.index)
        except FootnoteError:  # the API has the words for it
            await (await self._app_for(scope))(scope, receive, send)
            return
        body = json.dumps(told, separators=(",", ":")).encode()
        headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        send = guarded(send, [])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end; the whole app's own start and end lie within."""
        await receive()
        loading = asyncio.create_task(self._load())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._closing.set()
        if self._whole is None:
            loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading
        await send({"type": "lifespan.shutdown.complete"})

    async def _load(self) -> None:
        try:
            services, self._api = await asyncio.to_thread(self._api_alone)
            self._api_opened.set()
            try:
                whole = await asyncio.to_thread(self._all_of_it, services)
                async with whole.router.lifespan_context(whole):
                    self._whole, self._api = whole, None
                    self._whole_opened.set()
                    await self._closing.wait()
            finally:
                services.close()
        except Exception as exc:
            self._failure = exc
            self.on_failure()
        finally:
            self._api_opened.set()
            self._whole_opened.set()

    def _api_alone(self) -> tuple[Services, FastAPI]:
        from qa.api.app import create_app
        from qa.api.services import open_services

        services = open_services(self._assistant, self._storage)
        app = create_app(
            self._assistant,
            pages=False,
            tools=False,
            storage=self._storage,
            access=self._access,
            services=services,
        )
        return services, app

    def _all_of_it(self, services: Services) -> FastAPI:
        from qa.api.app import create_app

        return create_app(self._assistant, storage=self._storage, access=self._access, services=services)


def _knows(app: FastAPI, scope: Scope) -> bool:
    from starlette.routing import Match

    return any(route.matches(scope)[0] is not Match.NONE for route in app.router.routes)
