"""Uploads that are no documents: refused or read, within limits of time and memory, and the server goes on."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from fastapi.testclient import TestClient

from index import open_index, sync
from qa import Assistant
from qa.api import create_app
from qa.read.extractive import ExtractiveReader
from tests.qa.api.conftest import LOCAL, tells_nothing
from tests.qa.api.malformed import KINDS

ROUNDS = int(os.environ.get("FOOTNOTE_ROUNDS", "1"))
READ_SECONDS, READ_MEMORY_MB = 20, 700
GROWTH_MB = 400
"""What the server itself may take for all of them; what parses is a process of its own, with READ_MEMORY_MB."""


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the index and of what is uploaded to it."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def taking(uploads: Path) -> Iterator[TestClient]:
    """An app that takes uploads, with tight limits."""
    folder = uploads
    (folder / "tea.txt").write_text("Tea\n\nTea is steeped for three minutes.\n", encoding="utf-8")
    limits = {"READ_SECONDS": READ_SECONDS, "READ_MEMORY_MB": READ_MEMORY_MB, "MAX_UNPACKED_MB": 20, "MAX_PAGES": 50}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in limits.items():
            patched.setenv(f"FOOTNOTE_{name}", str(value))
        sync([folder / "tea.txt"], folder / "storage", embedder="word-length")
        index = open_index(folder / "storage")
        app = create_app(Assistant(index, ExtractiveReader.shipped(index.embedder)), pages=False)
        with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
            yield client
        index.close()


def test_there_are_25_kinds() -> None:
    assert len(KINDS) == 25


@pytest.mark.parametrize("kind", KINDS)
def test_a_malformed_upload_harms_nothing(taking: TestClient, uploads: Path, kind: str) -> None:
    random, before = Random(kind), _taken_mb()
    for _ in range(ROUNDS):
        name, content = KINDS[kind](random)
        begun = time.monotonic()
        reply = taking.post("/api/documents", files={"files": (name, content)})
        took = time.monotonic() - begun
        assert reply.status_code in (201, 422), f"{name!r}: {reply.text[:500]}"
        tells_nothing(reply.text, uploads)
        assert "root:" not in reply.text
        if reply.status_code == 201:
            for document in reply.json()["documents"]:
                text = taking.get(f"/api/documents/{document['id']}").json()["text"]
                assert "root:" not in text
                assert len(text) < 25_000_000
                assert taking.delete(f"/api/documents/{document['id']}").status_code == 204
        if ROUNDS > 1:  # not in CI, where a machine may be as slow as it likes
            assert took < 2 * READ_SECONDS, name
    assert _taken_mb() - before < GROWTH_MB
    assert taking.get("/healthz").json()["documents"] == 1
    assert "tea.txt" in taking.post("/api/ask", json={"question": "How long is tea steeped?"}).text


def _taken_mb() -> float:
    """The most memory that this process, which is the server too, ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_what_is_no_form_is_a_problem(taking: TestClient) -> None:
    bodies = [
        b"",
        b"--x",
        b"--x\r\n\r\n--x--",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nz\r\n--x--",
        b"\x00" * 999,
    ]
    kinds = ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "text/plain"]
    for body in bodies:
        for kind in kinds:
            reply = taking.post("/api/documents", content=body, headers={"Content-Type": kind})
            assert reply.status_code == 422, (kind, body)
            tells_nothing(reply.text)


def test_uploads_may_take_so_much_and_no_more(taking: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_UPLOADS_MB", "1")
    first = taking.post("/api/documents", files={"files": ("a.txt", b"Some words. " * 50_000)})
    assert first.status_code == 201
    second = taking.post("/api/documents", files={"files": ("b.txt", b"Other words. " * 50_000)})
    assert (second.status_code, second.json()["type"]) == (507, "urn:footnote:quota")
    assert "FOOTNOTE_UPLOADS_MB" in second.json()["detail"]
    assert taking.delete(f"/api/documents/{first.json()['documents'][0]['id']}").status_code == 204
    third = taking.post("/api/documents", files={"files": ("b.txt", b"Other words. " * 50_000)})
    assert third.status_code == 201
    assert taking.delete(f"/api/documents/{third.json()['documents'][0]['id']}").status_code == 204
