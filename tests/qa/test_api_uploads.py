"""Upload, removal and the original over HTTP."""

import errno
import os
import tempfile
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from index import sync
from qa.api import create_app
from qa.assistant import open_assistant
from tests.conftest import ARTICLE
from tests.index.formats import writers
from tests.qa.api.conftest import LOCAL

QUESTION = {"question": "When was the harbour bridge opened?"}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    sync([ARTICLE], tmp_path / "storage")
    return TestClient(create_app(open_assistant(tmp_path / "storage"), pages=False), LOCAL)


@pytest.fixture
def pdf(tmp_path: Path) -> bytes:
    pages = [["Sheep are kept on the hills."], ["The harbour bridge was opened on 19 March 1932."]]
    return writers.pdf(tmp_path / "made.pdf", pages).read_bytes()


def post(client: TestClient, *files: tuple[str, bytes], **fields: object) -> httpx.Response:
    return client.post("/api/documents", files=[("files", file) for file in files], data=fields)


def test_the_next_question_sees_an_upload_until_it_is_removed(client: TestClient, pdf: bytes) -> None:
    reply = post(client, ("bridge.pdf", pdf), ("broken.pdf", b"%PDF-1.4"), tags=["town, old", "bridges"])
    assert reply.status_code == 201
    (document,) = reply.json()["documents"]
    assert (document["path"], document["tags"], document["source"]) == (
        "bridge.pdf",
        ["bridges", "old", "town"],
        "same",
    )
    ((name, reason),) = [failed.values() for failed in reply.json()["failed"]]
    assert name == "broken.pdf"
    assert "no whole PDF" in reason
    (citation,) = client.post("/api/ask", json=QUESTION).json()["citations"]
    assert (citation["document"]["id"], citation["page"]) == (document["id"], 2)
    original = client.get(f"/api/documents/{document['id']}/file")
    assert original.content == pdf
    assert original.headers["content-type"] == "application/pdf"
    assert original.headers["content-disposition"] == "inline; filename*=UTF-8''bridge.pdf"
    assert client.delete(f"/api/documents/{document['id']}").status_code == 204
    assert client.delete(f"/api/documents/{document['id']}").status_code == 404
    assert len(client.get("/api/documents").json()["documents"]) == 1
    hits = client.post("/api/search", json=QUESTION).json()["hits"]
    assert document["id"] not in {hit["document"]["id"] for hit in hits}


def test_a_citation_says_when_its_source_has_changed_and_reading_it_again_mends_that(
    tmp_path: Path, client: TestClient
) -> None:
    text = b"The harbour bridge was opened on 19 March 1932. It is 1,149 m long and carries eight lanes."
    (document,) = post(client, ("bridge.txt", text)).json()["documents"]
    (citation,) = client.post("/api/ask", json=QUESTION).json()["citations"]
    assert "source" not in citation
    (original,) = (tmp_path / "storage" / "uploads").rglob("bridge.txt")
    original.write_bytes(text.replace(b"19 March", b"20 April"))
    (citation,) = client.post("/api/ask", json=QUESTION).json()["citations"]
    assert (citation["quote"], citation["source"]) == ("19 March 1932", "changed")
    again = client.post(f"/api/documents/{document['id']}/reindex")
    assert (again.status_code, again.json()["id"], again.json()["source"]) == (200, document["id"], "same")
    (citation,) = client.post("/api/ask", json=QUESTION).json()["citations"]
    assert (citation["quote"], "source" in citation) == ("20 April 1932", False)
    original.unlink()
    (citation,) = client.post("/api/ask", json=QUESTION).json()["citations"]
    assert (citation["quote"], citation["source"]) == ("20 April 1932", "missing")
    assert client.post(f"/api/documents/{document['id']}/reindex").status_code == 422
    assert client.post("/api/documents/nothing/reindex").status_code == 404


def test_a_full_disk_is_told_and_the_server_goes_on(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        reply = post(client, ("a.txt", b"One."))
        assert (reply.status_code, reply.json()["type"]) == (503, "urn:footnote:storage")
        assert "is full. Make room and upload a.txt again." in reply.json()["detail"]
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", full)  # where what is sent is put that is too long for memory
        reply = post(client, ("a.txt", b"One." * 500_000))
        assert (reply.status_code, reply.json()["type"]) == (503, "urn:footnote:storage")
    assert client.get("/healthz").status_code == 200
    assert len(client.get("/api/documents").json()["documents"]) == 1
    assert post(client, ("a.txt", b"One.")).status_code == 201


def test_when_nothing_was_taken_it_is_a_problem_with_the_reasons(client: TestClient) -> None:
    reply = post(client, ("a.exe", b"MZ"), ("b.txt", b"\xff"))
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == "urn:footnote:source"
    assert "a.exe: files of this kind are not read" in reply.json()["detail"]
    assert "byte 0 is not UTF-8" in reply.json()["detail"]
    assert client.post("/api/documents", data={"tags": "x"}).status_code == 422


def test_a_page_with_script_is_for_saving_and_a_name_cannot_break_the_header(client: TestClient) -> None:
    name = 'a"\r\nX: y; 日本.html'
    (document,) = post(client, (name, b"<p>Text.</p><script>alert(1)</script>")).json()["documents"]
    reply = client.get(f"/api/documents/{document['id']}/file")
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["content-disposition"].startswith("attachment; ")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "x" not in reply.headers


def test_a_file_that_changed_since_is_not_given_out(tmp_path: Path, client: TestClient) -> None:
    (document,) = post(client, ("a.txt", b"One.")).json()["documents"]
    (original,) = (tmp_path / "storage" / "uploads").rglob("a.txt")
    original.write_text("Something else.")
    assert client.get(f"/api/documents/{document['id']}/file").status_code == 404
    assert client.get("/api/documents/nothing/file").status_code == 404
    whole = client.get(f"/api/documents/{document['id']}").json()
    assert (whole["text"], whole["source"]) == ("One.", "changed")
