"""The page's routes, headers and turns, without a browser."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from scripted import ARTICLE, Scripted
from starlette.responses import HTMLResponse

import ui
from index.errors import IndexDamaged
from index.types import Document
from qa.types import NOT_IN_SOURCE
from ui_assets.guard import policy


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def test_the_page_and_the_api_answer_on_one_port(client: TestClient) -> None:
    assert "gradio" in client.get("/").text
    assert client.get("/api/documents").json() == ["article"]
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/docs").status_code == 200
    described = client.get("/openapi.json").json()["paths"]
    assert set(described) == {"/api/documents", "/healthz"}


def test_a_source_is_served_by_its_id_and_an_unknown_id_is_not_found(client: TestClient) -> None:
    assert 'data-document="article"' in client.get("/ui/source/article").text
    assert client.get("/ui/source/astral%2F%F0%9D%92%B9").status_code == 200
    missing = client.get("/ui/source/%3Cb%3E")
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/plain")


def test_the_style_sheet_the_script_and_the_icon_are_served_from_here(client: TestClient) -> None:
    kinds = {"ui/chat.css": "text/css", "ui/chat.js": "text/javascript", "ui/icon.svg": "image/svg+xml"}
    for path, kind in kinds.items():
        assert client.get(f"/{path}").headers["content-type"].startswith(kind)


@pytest.mark.parametrize("path", ["/", "/api/documents", "/docs", "/ui/source/article", "/ui/chat.js", "/nowhere"])
def test_every_response_carries_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert "unsafe" not in rules["script-src"]
    assert {
        name: rules[name] for name in ("default-src", "img-src", "form-action", "object-src", "frame-ancestors")
    } == {
        "default-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("encoding", ["identity", "gzip, br"])
def test_the_page_s_own_inline_scripts_are_allowed_by_hash(client: TestClient, encoding: str) -> None:
    page = client.get("/", headers={"Accept-Encoding": encoding})
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_scripts_from_a_file_need_no_hash() -> None:
    assert "sha256" not in policy(b'<script type="module" src="./a.js"></script>')
    assert policy(b"<SCRIPT>a</SCRIPT>").count("sha256") == 1


def test_a_policy_that_a_route_set_itself_is_kept() -> None:
    app = FastAPI()

    @app.get("/own")
    def own() -> HTMLResponse:
        return HTMLResponse("x", headers={"Content-Security-Policy": "default-src 'none'"})

    app.add_middleware(ui.Guard)
    assert TestClient(app).get("/own").headers["content-security-policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://127.0.0.1:1/x",
        "/gradio_api/file=https%3A%2F%2Fexample.invalid",
        "/gradio_api/file%3Dhttp%3A%2F%2Fexample.invalid",
        "/gradio_api/%66ile=http://example.invalid",
        "//gradio_api/file=http://example.invalid",
        "/prefix/gradio_api/file=http://example.invalid",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://example.invalid",
        "/gradio_api/proxy%3Dhttp://example.invalid",
        "/gradio_api/info",
        "/gradio_api/runs",
        "/gradio_api/openapi.json",
        "/gradio_api/deep_link",
        "/gradio_api/queue/join/../../file=http://example.invalid",
    ],
)
def test_the_doors_of_gradio_that_the_page_does_not_use_are_closed(client: TestClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        assert client.request(method, path).status_code in (404, 405)


def test_nothing_can_be_uploaded(client: TestClient) -> None:
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 404


def test_nothing_phones_home() -> None:
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert os.environ["HF_HUB_OFFLINE"] == "1"


# Turns --------------------------------------------------------------------------------------------------------


def last(assistant: Scripted, *questions: str) -> ui.Turns:
    turns: ui.Turns = ()
    for question in questions:
        *_, (_, _, turns) = ui._turns(assistant.ask, question, turns)
    return turns


def test_a_question_empties_the_box_at_once_and_then_shows_its_answer(assistant: Scripted) -> None:
    (waiting, box, before), (shown, untouched, after) = ui._turns(assistant.ask, "When?", ())
    assert ("When&#63;" in waiting, "pending" in waiting, box, before) == (True, True, "", ())
    assert ("May 6" in shown, "pending" in shown, len(after)) == (True, False, 1)
    assert untouched != ""


def test_earlier_questions_and_answers_go_along_but_failed_ones_do_not(assistant: Scripted) -> None:
    last(assistant, "When?", "Busy?", "Why?", "What happens?")
    assert assistant.asked[-1] == ("What happens?", (("When?", "May 6"), ("Why?", NOT_IN_SOURCE)))


def test_an_empty_question_is_not_asked(assistant: Scripted) -> None:
    assert len(list(ui._turns(assistant.ask, " \n", ()))) == 1
    assert assistant.asked == []


def test_our_errors_are_shown_and_a_bug_is_logged_but_not_shown(
    assistant: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    busy, bug = last(assistant, "Busy?", "Bug?")
    assert "Too many questions at once&#46; &#60;i&#62;" in busy.html
    assert "inner secret" not in bug.html
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [True]


def test_the_opening_shows_the_documents_there_are_now(assistant: Scripted) -> None:
    thread, source = ui._opening(assistant.ask, assistant)
    assert "zones”" in thread
    assert 'data-first="article"' in source
    assert ARTICLE.splitlines()[0] in source


def test_an_index_that_cannot_be_read_says_so_in_the_chat(assistant: Scripted) -> None:
    class Broken(Scripted):
        def documents(self) -> list[Document]:
            raise IndexDamaged("The index at <b>x</b> is damaged.")

    thread, _ = ui._opening(assistant.ask, Broken([]))
    assert "&#60;b&#62;x" in thread
