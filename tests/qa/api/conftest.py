"""The app in this process, and on a port of its own for clients that need one."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from index import open_index, sync
from qa import Assistant
from qa.api import create_app
from qa.read.extractive import ExtractiveReader

LOCAL = "http://127.0.0.1"
"""Where an app answers that nobody told its address."""
Serve = Callable[[ASGIApp], AbstractContextManager[str]]


@pytest.fixture
def serve() -> Serve:
    """`with serve(app) as address`: the app on loopback; leaving stops it and waits for what runs."""
    return served


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=30)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's apps keep feedback."""
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
def address(assistant: Assistant, storage: Path) -> Iterator[str]:
    """The API over the real assistant, on a port."""
    with served(create_app(assistant, pages=False, storage=storage)) as opened:
        yield opened


@pytest.fixture(scope="session")
def client(assistant: Assistant, storage: Path) -> Iterator[TestClient]:
    """The API over the real assistant, in this process."""
    with TestClient(create_app(assistant, pages=False, storage=storage), base_url=LOCAL) as opened:
        yield opened


@contextmanager
def tiny(folder: Path) -> Iterator[Callable[[], FastAPI]]:
    """Makes apps over two small documents with a quick embedder: it is the API that is tried here."""
    (folder / "tea.txt").write_text("Tea\n\nTea is steeped for three minutes.\n", encoding="utf-8")
    (folder / "rain.txt").write_text("Rain\n\nRain fell on Monday. The river rose.\n", encoding="utf-8")
    sync([folder], folder / "storage", embedder="word-length")
    index = open_index(folder / "storage")
    assistant = Assistant(index, ExtractiveReader.shipped(index.embedder))
    yield partial(create_app, assistant, pages=False, storage=folder / "storage")
    index.close()


@pytest.fixture
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], FastAPI]]:
    """Apps that a test may do anything to: what it deletes, no other test misses."""
    with tiny(tmp_path_factory.mktemp("fuzz")) as make:
        yield make


@pytest.fixture(scope="module")
def fuzzed_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Shared by tests that change nothing."""
    with (
        tiny(tmp_path_factory.mktemp("tiny")) as make,
        TestClient(make(), LOCAL, raise_server_exceptions=False) as client,
    ):
        yield client


def tells_nothing(text: str, *places: Path) -> None:
    """No stack trace, no path of this machine, nor one of `places`."""
    assert "Traceback" not in text
    assert 'File "' not in text
    for place in (sys.prefix, str(Path(__file__).parents[3]), str(Path.home()), *map(str, places)):
        assert place == "/" or place not in text
