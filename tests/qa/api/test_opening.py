"""`qa serve` answers before all of it is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from index import Index
from qa import Assistant
from qa.access import Access
from qa.api.opening import Opening
from qa.read.scripted import ScriptedReader
from tests.qa.api.conftest import Serve

API, WHOLE = "_api_alone", "_all_of_it"
SECONDS = 60
QUESTION = {"question": "How long is tea steeped?"}


class Held:
    """An Opening that makes its two apps when it may."""

    def __init__(self, assistant: Assistant, storage: Path, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = Opening(assistant, storage, access)
        self.may = {API: threading.Event(), WHOLE: threading.Event()}
        for name, event in self.may.items():
            monkeypatch.setattr(self.app, name, _when(event, getattr(self.app, name)))

    def all(self) -> None:
        for event in self.may.values():
            event.set()


def _when(event: threading.Event, make: Callable[..., object]) -> Callable[..., object]:
    def made(*arguments: object) -> object:
        assert event.wait(SECONDS)
        return make(*arguments)

    return made


@pytest.fixture
def held(small_index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    local = Access(hosts=frozenset({"127.0.0.1"}))
    return Held(Assistant(small_index, ScriptedReader({})), tmp_path / "storage", local, monkeypatch)


def test_it_is_ready_before_the_api_is_loaded_and_says_then_what_it_says_later(held: Held, serve: Serve) -> None:
    with serve(held.app) as address, httpx.Client(base_url=address, timeout=SECONDS) as client:
        first = {path: client.get(path) for path in ("/healthz", "/healthz/ready", "/healthz/live")}
        held.all()
        assert client.post("/api/ask", json=QUESTION).status_code == 200
        for path, early in first.items():
            late = client.get(path)
            assert (early.status_code, early.json()) == (200, late.json())
            assert set(early.headers) == set(late.headers)
        assert first["/healthz"].json()["documents"] == 2


def test_what_comes_before_its_route_is_loaded_waits_and_is_answered(held: Held, serve: Serve) -> None:
    with serve(held.app) as address, ThreadPoolExecutor() as aside:
        page = aside.submit(httpx.get, address, timeout=SECONDS)
        asked = aside.submit(httpx.post, f"{address}/api/ask", json=QUESTION, timeout=SECONDS)
        held.may[API].set()
        assert asked.result().status_code == 200
        assert not page.done()
        held.all()
        assert "gradio" in page.result().text
        assert httpx.get(f"{address}/api/nothing", timeout=SECONDS).status_code == 404


def test_a_foreign_host_is_told_nothing_early_either(held: Held, serve: Serve) -> None:
    with serve(held.app) as address, ThreadPoolExecutor() as aside:
        told = aside.submit(httpx.get, f"{address}/healthz", headers={"Host": "evil.example"}, timeout=SECONDS)
        assert httpx.get(f"{address}/healthz", timeout=SECONDS).status_code == 200
        held.all()
        assert told.result().status_code == 403


def test_an_index_that_went_away_is_the_same_problem_early_and_late(held: Held, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "storage" / "index.sqlite").unlink()
    with serve(held.app) as address, ThreadPoolExecutor() as aside:
        early = aside.submit(httpx.get, f"{address}/healthz", timeout=SECONDS)
        held.all()
        late = httpx.get(f"{address}/healthz", timeout=SECONDS)
        assert (early.result().status_code, early.result().json()) == (503, late.json())


def test_what_cannot_be_loaded_stops_the_server_with_its_reason(
    held: Held, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a page that is broken")

    monkeypatch.setattr(held.app, WHOLE, broken)
    stopped = threading.Event()
    held.app.on_failure = stopped.set
    with serve(held.app):
        held.may[API].set()
        assert stopped.wait(SECONDS)
    with pytest.raises(RuntimeError, match="a page that is broken"):
        held.app.check()
