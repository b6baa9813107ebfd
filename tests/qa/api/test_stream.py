"""Answers in steps: the same answer, event by event; and what happens when nobody listens any more."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from index import Index
from index.types import Hit
from qa import Assistant
from qa.api import create_app
from qa.assistant import Event
from qa.read.scripted import ScriptedReader
from qa.types import Draft
from tests.qa.api.conftest import LOCAL, Serve

QUESTION = "How long will the memorandum be in force?"


def events(reply: httpx.Response) -> list[tuple[str, object]]:
    """(event, data) of a stream of server-sent events."""
    blocks = [block for block in reply.text.split("\n\n") if block]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(line["event"], json.loads(line["data"])) for line in lines]


def test_the_steps_come_in_order_and_the_last_is_what_ask_says(client: TestClient) -> None:
    reply = client.post("/api/ask/stream", json={"question": QUESTION})
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = events(reply)
    assert [name for name, _ in told] == ["standalone_question", "passages", "text", "citation", "answer"]
    asked = client.post("/api/ask", json={"question": QUESTION}).json()
    last = told[-1][1]
    assert isinstance(last, dict)
    assert {**last, "timings_ms": None} == {**asked, "timings_ms": None}
    assert told[0][1] == QUESTION
    assert told[1][1] == asked["nearest"]
    assert told[2][1] == asked["sentences"][0]
    assert told[3][1] == asked["citations"][0]


def test_not_in_the_source_is_a_stream_without_text(client: TestClient) -> None:
    told = events(client.post("/api/ask/stream", json={"question": "Who painted the Mona Lisa?"}))
    assert [name for name, _ in told] == ["standalone_question", "passages", "answer"]


@pytest.mark.parametrize(("body", "kind"), [({"question": " "}, "question"), ({"question": 7}, "request")])
def test_what_cannot_be_asked_is_a_problem_and_no_stream(client: TestClient, body: object, kind: str) -> None:
    reply = client.post("/api/ask/stream", json=body)
    assert reply.status_code == 422
    assert reply.json()["type"] == f"urn:footnote:{kind}"


def test_a_failure_in_the_middle_is_an_event_that_tells_no_secret(small_index: Index, tmp_path: Path) -> None:
    class Broken(ScriptedReader):
        def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
            raise RuntimeError("an inner secret")

    app = create_app(Assistant(small_index, Broken({})), pages=False, storage=tmp_path)
    with TestClient(app, LOCAL) as client:
        told = events(client.post("/api/ask/stream", json={"question": "Who?"}))
    assert [name for name, _ in told] == ["standalone_question", "passages", "error"]
    assert isinstance(told[-1][1], dict)
    assert told[-1][1]["type"] == "urn:footnote:bug"
    assert "secret" not in json.dumps(told)


class Slow(ScriptedReader):
    """Takes as long as its gate is shut."""

    def __init__(self) -> None:
        super().__init__({})
        self.gate = threading.Event()
        self.read_questions: list[str] = []

    def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
        self.read_questions.append(question)
        self.gate.wait(100)
        return Draft((), 0.0)


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
def test_who_leaves_the_queue_frees_the_place_and_is_never_read(
    small_index: Index, tmp_path: Path, serve: Serve, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_QUEUE", "1")
    monkeypatch.setenv("FOOTNOTE_AT_ONCE", "1")
    slow = Slow()
    with serve(create_app(Assistant(small_index, slow), pages=False, storage=tmp_path)) as address:
        first = threading.Thread(
            target=httpx.post, args=(f"{address}/api/ask",), kwargs={"json": {"question": "1?"}, "timeout": 60}
        )
        first.start()
        _until(lambda: slow.read_questions == ["1?"])
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as second:
            body = b'{"question": "2?"}'
            head = [
                f"POST {path} HTTP/1.1",
                "Host: 127.0.0.1",
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
            ]
            second.sendall("\r\n".join([*head, "", ""]).encode() + body)
            _until(lambda: "footnote_queue_pending 2.0" in httpx.get(f"{address}/metrics", timeout=60).text)
        _until(lambda: "footnote_queue_pending 1.0" in httpx.get(f"{address}/metrics", timeout=60).text)
        slow.gate.set()
        first.join(60)
        assert httpx.post(f"{address}{path}", json={"question": "3?"}, timeout=60).status_code == 200
        assert 'footnote_questions_total{outcome="gone"} 1.0' in httpx.get(f"{address}/metrics", timeout=60).text
    assert slow.read_questions == ["1?", "3?"]


def test_who_leaves_a_running_stream_stops_it_at_its_next_step(
    small_index: Index, tmp_path: Path, serve: Serve
) -> None:
    closed = threading.Event()

    class Endless(Assistant):
        def stream(self, *_: object, **__: object) -> Iterator[Event]:  # type: ignore[override]
            try:
                while True:
                    yield Event("text", {"text": "and so on"})
                    time.sleep(0.01)
            finally:
                closed.set()

    app = create_app(Endless(small_index, ScriptedReader({})), pages=False, storage=tmp_path)
    with serve(app) as address:
        with httpx.stream("POST", f"{address}/api/ask/stream", json={"question": "Who?"}) as reply:
            assert next(reply.iter_lines()) == "event: text"
            assert not closed.is_set()
        assert closed.wait(60)
        assert httpx.post(f"{address}/api/ask", json={"question": "Who?"}, timeout=60).status_code == 200


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream", "/v1/chat/completions"])
def test_a_server_that_is_stopped_finishes_what_runs(
    small_index: Index, tmp_path: Path, serve: Serve, path: str
) -> None:
    slow = Slow()
    body = {"question": "1?", "model": "footnote", "messages": [{"role": "user", "content": "1?"}]}
    with ThreadPoolExecutor(2) as pool:
        with serve(create_app(Assistant(small_index, slow), pages=False, storage=tmp_path)) as address:
            asked = pool.submit(httpx.post, f"{address}{path}", json=body, timeout=60)
            _until(lambda: slow.read_questions == ["1?"])
            pool.submit(lambda: (_until(lambda: not _listens(address)), slow.gate.set()))
        assert asked.result(60).status_code == 200
        assert "do not say" in asked.result().text


def _listens(address: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5).close()
    except OSError:
        return False
    return True


def _until(true: object, seconds: float = 60) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
