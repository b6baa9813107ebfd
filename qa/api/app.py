"""create_app: routes, errors, limits and pages, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi_swagger import patch_fastapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.access import Access
from qa.api import ask, documents, feedback, health, openai, uploads
from qa.api.gate import Gate
from qa.api.limits import BodyLimit
from qa.api.metrics import Counted
from qa.api.openai_schema import OpenAIError
from qa.api.problems import add_errors
from qa.api.requests import RequestIds
from qa.api.schema import Problem
from qa.api.services import Services, open_services
from qa.assistant import Assistant

ROUTERS: tuple[Callable[[Services], APIRouter], ...] = (
    ask.router,
    documents.router,
    uploads.router,
    feedback.router,
    health.router,
    openai.router,
)

_COMPONENT = "#/components/schemas/{model}"

PAGES = "footnote.pages"
"""The entry point group whose members mount pages on the app: `mount(app, ask, index)`."""


class App(FastAPI):
    """FastAPI with `around` outside of everything else, also of what answers for a bug; the first is outermost."""

    around: tuple[Callable[[ASGIApp], ASGIApp], ...] = ()

    def build_middleware_stack(self) -> ASGIApp:
        app = super().build_middleware_stack()
        for layer in reversed(self.around):
            app = layer(app)
        return app

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            schemas = super().openapi().setdefault("components", {}).setdefault("schemas", {})
            # Replies that no route returns but the door and the error handlers do.
            _, told = models_json_schema(
                [(model, "serialization") for model in (Problem, OpenAIError)], ref_template=_COMPONENT
            )
            schemas.update(told["$defs"])
        return super().openapi()


def create_app(
    assistant: Assistant,
    *,
    pages: bool = True,
    tools: bool = True,
    storage: str | Path | None = None,
    access: Access | None = None,
    services: Services | None = None,
) -> FastAPI:
    """The app over an assistant; with `pages`, the chat and whatever else is installed is mounted on it too; with
    `tools`, MCP is at /mcp. Apps that are given the same `services` share their queue and their counts, and whoever
    gave them closes them.

    `storage` is the folder of the assistant's index, where feedback is kept too; the settings' when left out. Only
    this machine is answered, and a token asked for where FOOTNOTE_TOKEN is set, unless `access` says otherwise: who
    serves the app on another address gives it `Access.bound_to(address)`.
    """
    own, services = services is None, services or open_services(assistant, storage)
    agents = None
    if tools:
        from qa.api.mcp import http_routes, mcp_server

        agents = mcp_server(services)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with agents.session_manager.run() if agents else nullcontext():
            yield
        if own:
            services.close()

    app = App(
        title="Footnote",
        version=version("footnote"),
        summary="Ask your documents; every answer carries its footnote.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.around = (
        RequestIds,
        partial(Counted, metrics=services.metrics),
        partial(Gate, access=Access.local() if access is None else access),
    )
    app.add_middleware(BodyLimit)
    add_errors(app)
    for router in ROUTERS:
        app.include_router(router(services))
    if agents:
        app.router.routes.extend(http_routes(agents))
    # Swagger UI from files of our own: FastAPI's page would load it from another origin.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    _close_api(app)
    if pages:
        for page in sorted(entry_points(group=PAGES), key=lambda entry: entry.name):
            page.load()(app, services.ask_blocking, services.index)
    return app


CLOSED = ("/api", "/v1")
_NOTHING = "There is nothing at this path. /docs lists what there is."
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def _close_api(app: FastAPI) -> None:
    """What is asked of the API and is no route: a problem, before the page at "/" takes every path that is left."""
    known = list(app.routes)

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        whole = {**scope, "root_path": scope.get("app_root_path", "")}
        allowed = [m for m in _METHODS if any(r.matches({**whole, "method": m})[0] is Match.FULL for r in known)]
        if allowed:
            headers = {"Allow": ", ".join(allowed)}
            raise HTTPException(405, f"{scope['method']} is not for this path. /docs says what is.", headers)
        raise HTTPException(404, _NOTHING)

    async def bare(_: Request) -> Response:
        raise HTTPException(404, _NOTHING)

    for prefix in CLOSED:
        app.add_route(prefix, bare, list(_METHODS), include_in_schema=False)
        app.mount(prefix, nothing)
