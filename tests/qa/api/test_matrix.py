"""Who gets in where: bind × credential × route, and Host × Origin."""

from __future__ import annotations

import asyncio
from itertools import product

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from index.errors import TokenError
from qa import Assistant
from qa.access import Access
from qa.api import create_app
from qa.api.gate import Gate
from tests.qa.api.test_gate import TOKEN, WRONG, closed, paths

__all__ = ["closed"]  # the fixture

BINDS = {
    "loopback": ("127.0.0.1", False),
    "loopback, IPv6": ("::1", False),
    "loopback with a token": ("127.0.0.1", True),
    "every interface with a token": ("0.0.0.0", True),
    "one address with a token": ("192.0.2.7", True),
}
"""What the server is bound to, and whether a token is set."""
CLIENTS = {"this machine": "127.0.0.1", "this machine, mapped": "::ffff:127.0.0.1", "another": "198.51.100.9"}
CREDENTIALS = {**WRONG, "the token": {"Authorization": f"Bearer {TOKEN}"}}


@pytest.fixture(scope="module")
def routes(assistant: Assistant) -> list[tuple[str, str]]:
    """(method, path) of every route of the app with its page."""
    return [route for route in paths(TestClient(create_app(assistant))) if route[1] != "/login"]


async def reached(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("", headers={"X-Reached": "yes"})(scope, receive, send)


def behind(bind: str, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """What stands in front of every route when the server is bound so, with nothing but a sign behind it."""
    host, token = BINDS[bind]
    monkeypatch.setenv("FOOTNOTE_TOKEN", TOKEN if token else "")
    return Gate(reached, Access.bound_to(host))


@pytest.mark.parametrize(("bind", "credential", "client"), [*product(BINDS, CREDENTIALS, CLIENTS)])
def test_every_route_is_open_to_just_those_who_may(
    bind: str, credential: str, client: str, routes: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = behind(bind, monkeypatch)
    without, with_token = 200 if client != "another" else 403, 200 if credential == "the token" else 401
    expected = with_token if BINDS[bind][1] else without
    host = {"0.0.0.0": "192.0.2.7", "::1": "[::1]"}.get(BINDS[bind][0], BINDS[bind][0])
    assert len(routes) > 40

    async def try_all() -> None:
        transport = httpx.ASGITransport(gate, client=(CLIENTS[client], 5000))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as http:
            for method, path in routes:
                gate.guesses.forget()
                reply = await http.request(method, path, headers=CREDENTIALS[credential])
                assert reply.status_code == expected, f"{method} {path}"
                assert ("x-reached" in reply.headers) == (expected == 200)

    asyncio.run(try_all())


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.0.2.7", "::"])
def test_without_a_token_no_other_bind_is_there(bind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_TOKEN", "")
    with pytest.raises(TokenError):
        Access.bound_to(bind)


def test_an_app_that_was_told_no_address_answers_this_machine_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTNOTE_TOKEN", raising=False)
    app: FastAPI = create_app(assistant, pages=False)
    here = TestClient(app, "http://127.0.0.1:7860", client=("127.0.0.1", 1))
    assert here.get("/healthz").status_code == 200
    assert here.get("/healthz", headers={"Host": "rebound.example"}).json()["type"] == "urn:footnote:host"
    there = TestClient(app, "http://127.0.0.1:7860", client=("198.51.100.9", 1))
    refused = there.get("/healthz")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:footnote:token")
    monkeypatch.setenv("FOOTNOTE_TOKEN", TOKEN)
    locked = TestClient(create_app(assistant, pages=False), "http://127.0.0.1:7860")
    assert locked.get("/healthz").status_code == 401


HOSTS = ["footnote.example", "192.0.2.7:7860", "evil.example", "localhost.evil.example", ""]
ORIGINS = [None, "http://footnote.example", "https://ok.example", "https://evil.example"]
FINE = {
    ("footnote.example", None),
    ("footnote.example", "http://footnote.example"),
    ("footnote.example", "https://ok.example"),
    ("192.0.2.7:7860", None),
    ("192.0.2.7:7860", "https://ok.example"),
}
"""Of the twenty: a Host that is ours, and no Origin, the same as the Host, or one that was allowed."""


@pytest.mark.parametrize(("host", "origin"), [*product(HOSTS, ORIGINS)])
def test_host_and_origin_together(closed: TestClient, host: str, origin: str | None) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": host} | ({"Origin": origin} if origin else {})
    for path in ("/api/search", "/api/documents", "/mcp", "/v1/chat/completions", "/gradio_api/queue/join"):
        reply = closed.post(path, json={"question": "Who signed?"}, headers=headers)
        assert (reply.status_code != 403) == ((host, origin) in FINE), path
    read = closed.get("/api/documents", headers=headers)
    assert (read.status_code == 200) == (host in ("footnote.example", "192.0.2.7:7860"))
    # What is readable to a page of another origin: nothing, unless it was allowed.
    allowed = read.headers.get("access-control-allow-origin")
    assert allowed == (origin if origin == "https://ok.example" else None)
    assert read.headers["cross-origin-resource-policy"] == "same-origin"
