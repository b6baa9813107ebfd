"""The page's routes, headers and turns, without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from scripted import Scripted, page
from starlette.responses import HTMLResponse

import qa.read
import ui
from index.errors import IndexDamaged
from index.types import Document
from ui_assets.guard import policy

IDS = ["article", "astral/𝒹", "hostile"]


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def test_the_page_and_the_api_answer_on_one_port(client: TestClient) -> None:
    assert "gradio" in client.get("/").text
    assert [one["id"] for one in client.get("/api/documents").json()["documents"]] == IDS
    assert client.get("/docs").status_code == 200
    described = client.get("/openapi.json").json()["paths"]
    assert "/api/documents" in described
    assert not [path for path in described if path.startswith("/ui") or path == "/"]


def test_a_source_is_served_by_its_id_and_an_unknown_id_is_not_found(client: TestClient) -> None:
    assert 'data-document="article"' in client.get("/ui/source/article").text
    assert client.get("/ui/source/astral%2F%F0%9D%92%B9").status_code == 200
    missing = client.get("/ui/source/%3Cb%3E")
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/plain")


def test_the_style_sheet_the_script_and_the_icon_are_served_from_here(client: TestClient) -> None:
    kinds = {"ui/chat.css": "text/css", "ui/chat.js": "text/javascript", "ui/icon.svg": "image/svg+xml"}
    assert all(path in client.get("/").text for path in kinds)
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


# What the page suggests ---------------------------------------------------------------------------------------


def test_questions_to_begin_with_are_made_from_the_documents_and_answered_by_them(client: TestClient) -> None:
    assert client.get("/ui/examples").json() == {"questions": ["When will the ceasefire start?"]}


def test_questions_to_go_on_with_leave_out_what_was_asked(client: TestClient) -> None:
    after = {"document": "article", "start": 0, "asked": []}
    assert client.post("/ui/follow-ups", json=after).json() == {"questions": ["When will the ceasefire start?"]}
    after["asked"] = ["when will the ceasefire start"]
    assert client.post("/ui/follow-ups", json=after).json() == {"questions": []}


@pytest.mark.parametrize("after", [{"document": "<b>", "start": 0}, {"document": "article", "start": 10**12}])
def test_where_nothing_is_there_is_nothing_to_go_on_with(client: TestClient, after: dict[str, object]) -> None:
    assert client.post("/ui/follow-ups", json=after).json() == {"questions": []}


def test_the_page_opens_without_questions_when_the_queue_is_full_or_the_index_damaged() -> None:
    class Broken(Scripted):
        def documents(self) -> list[Document]:
            raise IndexDamaged("The index at <b>x</b> is damaged.")

    assert TestClient(page(Broken([]))).get("/ui/examples").json() == {"questions": []}


def test_what_is_told_about_confidence_is_what_the_calibration_published(client: TestClient) -> None:
    published = json.loads((Path(qa.read.__file__).parent / "minilm" / "reader.json").read_text())
    errors = [one["calibration_error"] for one in published["held_out"].values()]
    told = client.get("/ui/offered").json()["calibration"]
    assert told["calibration_error"] == pytest.approx(sum(errors) / len(errors), abs=0.001)
    assert (told["threshold"], told["curve"]) == (published["threshold"], published["curve"])
