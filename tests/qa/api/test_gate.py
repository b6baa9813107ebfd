"""Who gets in: every route with every credential, Hosts, Origins, guesses, rates, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Mount

from index.errors import TokenError
from qa import Assistant
from qa.access import Access, check_strength, host_of, household, new_token
from qa.api import create_app
from qa.api.rates import Rates
from tests.qa.api.conftest import LOCAL

TOKEN = "correct-horse-battery-staple-0123456789"


@pytest.fixture(scope="module")
def closed(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """As `qa serve --host 0.0.0.0` has it, the page included."""
    access = Access(TOKEN, frozenset({"footnote.example"}), any_address=True, origins=frozenset({"https://ok.example"}))
    app = create_app(assistant, storage=tmp_path_factory.mktemp("closed"), access=access)
    with TestClient(app, base_url="http://footnote.example", follow_redirects=False) as client:
        yield client


def paths(client: TestClient) -> list[tuple[str, str]]:
    """(method, path) of the app's own routing table, parameters filled in, mounts and what is no route included."""
    found = {("GET", "/"), ("GET", "/nothing"), ("GET", "/gradio_api/info"), ("POST", "/gradio_api/queue/join")}
    for context in iter_route_contexts(client.app.routes):  # type: ignore[attr-defined]
        path = re.sub(r"\{[^}]*\}", "x", getattr(context, "path", "") or "")
        methods = getattr(context, "methods", None) or {"GET", "POST"}
        found |= {(method, path or "/") for method in methods}
    return sorted(found)


def inner(client: TestClient) -> list[str]:
    """The paths of what is mounted: Gradio's own routes."""
    mounts = [route for route in client.app.routes if isinstance(route, Mount)]  # type: ignore[attr-defined]
    routes = [route for mount in mounts for route in getattr(mount.app, "routes", [])]
    return sorted({re.sub(r"\{[^}]*\}", "x", route.path) for route in routes if getattr(route, "path", "")})


WRONG = {
    "none": {},
    "another token": {"Authorization": f"Bearer {TOKEN[:-1]}8"},
    "a piece of it": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "empty": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
    "a forged cookie": {"Cookie": "footnote_session=99999999999.0000"},
    "the token as cookie": {"Cookie": f"footnote_session={TOKEN}"},
    "bytes that are no text": {"Authorization": b"Bearer \xff\xfe\xff"},
}


@pytest.mark.parametrize("credential", WRONG)
def test_no_route_opens_without_the_token(closed: TestClient, credential: str) -> None:
    _forget(closed)
    tried = paths(closed) + [("GET", path) for path in inner(closed)]
    assert len(tried) > 40
    for method, path in tried:
        if path == "/login":  # ours, in front of Gradio's: what it lets in is tested below
            continue
        _forget(closed)
        reply = closed.request(method, path, headers=WRONG[credential])
        assert reply.status_code == 401, f"{method} {path}"
        assert reply.headers["www-authenticate"] == 'Bearer realm="Footnote"'
        assert TOKEN not in reply.text


@pytest.mark.parametrize("header", ["Bearer", "bearer", "BEARER "])
def test_the_token_opens(closed: TestClient, header: str) -> None:
    for path in ("/healthz", "/api/documents", "/metrics", "/docs", "/openapi.json", "/v1/models", "/"):
        assert closed.get(path, headers={"Authorization": f"{header} {TOKEN}"}).status_code == 200, path


def test_a_person_logs_in_once_and_the_cookie_is_closed_to_scripts_and_other_sites(closed: TestClient) -> None:
    _forget(closed)
    led = closed.get("/", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, "/login")
    page = closed.get("/login")
    assert page.status_code == 200
    assert "form-action 'self'" in page.headers["content-security-policy"]
    wrong = closed.post("/login", data={"token": "<b>wrong"})
    assert (wrong.status_code, "That is not the token." in wrong.text, "<b>" in wrong.text) == (401, True, False)
    right = closed.post("/login", data={"token": f" {TOKEN} "})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert closed.get("/api/documents").status_code == 200
    assert closed.get("/", headers={"Accept": "text/html"}).status_code == 200
    closed.cookies.clear()
    assert closed.get("/api/documents").status_code == 401


def test_a_session_ends_and_another_token_ends_all() -> None:
    access = Access(TOKEN)
    session = access.session(now=0)
    assert access.holds(session, now=30 * 24 * 3600 - 1)
    assert not access.holds(session, now=30 * 24 * 3600)
    assert not Access(new_token()).holds(session, now=1)
    ends, _, seal = session.partition(".")
    assert not access.holds(f"{int(ends) + 1}.{seal}", now=1)


def test_guesses_are_slowed_down_and_a_good_token_is_not_among_them(closed: TestClient) -> None:
    _forget(closed)
    bad = {"Authorization": "Bearer not-the-token"}
    assert [closed.get("/healthz", headers=bad).status_code for _ in range(12)] == [401] * 10 + [429] * 2
    assert int(closed.get("/healthz", headers=bad).headers["retry-after"]) >= 1
    assert closed.post("/login", data={"token": "x"}).status_code == 429
    _forget(closed)
    good = {"Authorization": f"Bearer {TOKEN}"}
    assert {closed.get("/healthz", headers=good).status_code for _ in range(30)} == {200}


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        ("footnote.example", True),
        ("FOOTNOTE.example:7860", True),
        ("192.0.2.7:7860", True),
        ("[2001:db8::1]:7860", True),
        ("evil.example", False),
        ("footnote.example.evil.example", False),
        ("evil.example:7860", False),
        ("localhost.evil.example", False),
        ("", False),
        ("192.0.2.7.evil.example", False),
    ],
)
def test_only_our_hosts_are_answered(closed: TestClient, host: str, fine: bool) -> None:
    reply = closed.get("/healthz", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"})
    assert reply.status_code == (200 if fine else 403)
    if not fine:
        assert reply.json()["type"] == "urn:footnote:host"


ORIGINS = {
    None: True,
    "http://footnote.example": True,
    "https://footnote.example": True,
    "https://ok.example": True,
    "https://evil.example": False,
    "http://footnote.example.evil.example": False,
    "http://footnote.example:9999": False,
    "https://ok.example:444": False,
    "null": False,
    "": False,
    "http://localhost:7860": False,
}


@pytest.mark.parametrize(("origin", "path"), [*product(ORIGINS, ["/api/search", "/mcp", "/gradio_api/queue/join"])])
def test_foreign_pages_may_not_write(closed: TestClient, origin: str | None, path: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"} | ({} if origin is None else {"Origin": origin})
    reply = closed.post(path, json={"question": "Who signed?"}, headers=headers)
    assert (reply.status_code != 403) == ORIGINS[origin]
    reflected = reply.headers.get("access-control-allow-origin")
    assert reflected == (origin if origin == "https://ok.example" else None)


def test_a_preflight_is_answered_by_us_for_allowed_origins_alone(closed: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    fine = closed.options("/api/ask", headers={"Origin": "https://ok.example", **asked})
    assert (fine.status_code, fine.headers["access-control-allow-origin"]) == (204, "https://ok.example")
    assert "authorization" in fine.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in fine.headers
    for path in ("/api/ask", "/gradio_api/queue/join", "/"):
        foreign = closed.options(path, headers={"Origin": "https://evil.example", **asked})
        assert foreign.status_code == 403
        assert not [name for name in foreign.headers if name.startswith("access-control-")]


def test_gradio_reflects_no_origin_on_what_may_be_read(closed: TestClient) -> None:
    for path in ("/", "/config", "/theme.css", "/gradio_api/startup-events"):
        reply = closed.get(path, headers={"Authorization": f"Bearer {TOKEN}", "Origin": "http://localhost:1"})
        assert not [name for name in reply.headers if name.startswith("access-control-")], path


def test_every_response_carries_the_headers(closed: TestClient) -> None:
    allowed = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/", "/docs", "/healthz", "/api/nothing", "/login", "/metrics", "/v1/models", "/theme.css"):
        headers = closed.get(path, headers=allowed).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        # The login form's Origin would be null with no-referrer, and null may not write.
        assert headers["referrer-policy"] == ("same-origin" if path == "/login" else "no-referrer"), path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "unsafe-eval" not in headers["content-security-policy"], path
        assert headers["x-request-id"], path


def test_a_bug_carries_the_headers_too(assistant: Assistant, tmp_path: Path) -> None:
    app = create_app(assistant, pages=False, storage=tmp_path)

    @app.get("/bug")
    def bug() -> None:
        raise RuntimeError("an inner secret")

    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        reply = client.get("/bug")
    assert (reply.status_code, reply.headers["x-content-type-options"]) == (500, "nosniff")
    assert "secret" not in reply.text


def test_one_client_that_asks_too_often_waits(assistant: Assistant, tmp_path: Path) -> None:
    app = create_app(assistant, pages=False, storage=tmp_path, access=Access(per_minute=8))
    with TestClient(app) as client:
        replies = [client.post("/api/ask", json={"question": " "}) for _ in range(4)]
        assert [reply.status_code for reply in replies] == [422, 422, 429, 429]
        assert (replies[-1].json()["type"], replies[-1].headers["retry-after"]) == ("urn:footnote:rate", "8")
        assert client.get("/healthz").status_code == 200


def test_a_bucket_fills_at_its_rate_and_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    rates = Rates(per_second=0.5, burst=2, clock=lambda: now)
    assert [rates.wait("a"), rates.wait("a"), rates.wait("a")] == [0, 0, 2]
    assert rates.wait("b") == 0
    now = 2.0
    assert [rates.wait("a"), rates.wait("a")] == [0, 2]
    monkeypatch.setattr("qa.api.rates.MAX_CLIENTS", 2)
    rates.wait("c")
    assert rates.wait("b") == 0


def test_all_addresses_of_one_customer_count_as_one_client() -> None:
    assert household("2001:db8::1") == household("2001:db8::ffff:1") != household("2001:db8:0:1::1")
    assert household("192.0.2.1") != household("192.0.2.2")
    assert household("::ffff:192.0.2.1") != household("::ffff:192.0.2.2")
    assert household("testclient") == "testclient"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "footnote.example", ""])
def test_beyond_this_machine_a_token_is_needed(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTNOTE_TOKEN", raising=False)
    with pytest.raises(TokenError, match="qa token"):
        Access.bound_to(host)
    monkeypatch.setenv("FOOTNOTE_TOKEN", new_token())
    access = Access.bound_to(host)
    assert access.token
    assert access.per_minute > 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_on_this_machine_no_token_is_needed_but_one_that_is_set_counts(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTNOTE_TOKEN", raising=False)
    access = Access.bound_to(host)
    assert access.token is None
    assert access.answers_to("localhost:7860")
    assert not access.answers_to("192.0.2.7")
    monkeypatch.setenv("FOOTNOTE_TOKEN", TOKEN)
    assert Access.bound_to(host).knows(TOKEN)


@pytest.mark.parametrize("weak", ["x", "password", "a" * 64, "abababababababababababababab", "ä" + TOKEN, TOKEN + " x"])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_TOKEN", weak)
    with pytest.raises(TokenError, match="qa token"):
        Access.bound_to("127.0.0.1")


def test_new_tokens_are_strong_and_differ() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        check_strength(token)


def test_a_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(Access(TOKEN))


def test_the_log_holds_nothing_of_what_was_asked_answered_or_is_secret(
    closed: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    _forget(closed)
    own = {"Authorization": f"Bearer {TOKEN}"}
    asked = {"question": "How long will the memorandum be in force?"}
    with caplog.at_level("INFO"):
        assert "six months" in closed.post("/api/ask", json=asked, headers=own).text
        closed.post("/api/ask/stream", json=asked, headers=own)
        closed.post("/v1/chat/completions", json={"model": "footnote", "messages": []}, headers=own)
        closed.post("/api/feedback", json={"verdict": "memorandum"}, headers=own)
        closed.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}x"})
        closed.post("/login", data={"token": f"{TOKEN}x"})
    for secret in (TOKEN, "memorandum", "six months", "Astana"):
        assert secret not in caplog.text


@given(st.text(max_size=60))
def test_nothing_but_the_token_is_the_token(text: str) -> None:
    access = Access(TOKEN)
    assert access.knows(text) == (text == TOKEN)
    assert not access.holds(text)


@given(st.text(max_size=40))
def test_any_host_header_is_read_without_failing(text: str) -> None:
    host_of(text)
    Access(hosts=frozenset({"a"}), any_address=True).answers_to(text)


def _forget(client: TestClient) -> None:
    """Guesses and cookies of earlier tests."""
    client.cookies.clear()
    stack: Any = client.app.middleware_stack  # type: ignore[attr-defined]
    while not hasattr(stack, "guesses"):
        stack = stack.app
    stack.guesses.forget()
