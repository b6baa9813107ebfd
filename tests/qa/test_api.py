from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from index import Index
from qa import Assistant
from qa.api import create_app
from qa.read.scripted import ScriptedReader
from qa.types import Draft
from tests.qa.api.conftest import LOCAL


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    with TestClient(create_app(assistant, pages=False), LOCAL) as opened:
        yield opened


def test_ask_gives_the_answer_of_the_contract_with_exact_quotes(client: TestClient) -> None:
    told = client.post("/api/ask", json={"question": "How long will the memorandum be in force?"}).json()
    text = client.get(f"/api/documents/{told['citations'][0]['document']['id']}").json()["text"]
    assert told["answered"]
    assert all(text[c["start"] : c["end"]] == c["quote"] for c in told["citations"])
    assert all(text[n["start"] : n["end"]] == n["text"] for n in told["nearest"])


def test_the_api_and_the_library_say_the_same(client: TestClient, assistant: Assistant) -> None:
    question = {"question": "And when?", "history": [["Who signed the memorandum?", "Russia, Iran and Turkey"]]}
    told = client.post("/api/ask", json=question).json()
    ours = assistant.ask("And when?", [("Who signed the memorandum?", "Russia, Iran and Turkey")]).to_dict()
    assert {**told, "timings_ms": None} == {**ours, "timings_ms": None}
    assert list(told) == list(ours)


def test_search_gives_passages_best_first(client: TestClient) -> None:
    hits = client.post("/api/search", json={"question": "security areas and checkpoints", "k": 3}).json()["hits"]
    assert len(hits) == 3
    assert "checkpoints" in hits[0]["text"]
    assert hits[0]["section"] == "De-escalation zones"
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_documents_are_listed_and_each_is_whole(client: TestClient) -> None:
    (listed,) = client.get("/api/documents").json()["documents"]
    assert listed["title"] == "Fourth round of Astana talks on Syria ends with de-escalation zones deal"
    assert listed["source"] == "same"
    whole = client.get(f"/api/documents/{listed['id']}").json()
    assert len(whole["text"]) == listed["characters"] == 6470
    assert [whole["text"][h["start"] : h["end"]] for h in whole["headings"]][1:] == [
        "De-escalation zones",
        "Preserving territorial integrity",
        "Lack of diplomatic experience",
        "Dialogue with US",
    ]


def test_health_says_from_how_much_it_answers(client: TestClient) -> None:
    told = client.get("/healthz").json()
    assert told["status"] == "ok"
    assert told["documents"] == 1
    assert told["passages"] == 16


def test_the_schema_describes_every_route_and_the_docs_page_asks_no_other_origin(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {
        "/api/ask",
        "/api/ask/stream",
        "/api/search",
        "/api/documents",
        "/api/documents/{document_id}",
        "/api/documents/{document_id}/file",
        "/api/documents/{document_id}/reindex",
        "/api/feedback",
        "/healthz",
        "/healthz/live",
        "/healthz/ready",
        "/metrics",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
    }
    page = client.get("/docs").text
    assert "swagger" in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ('{"question": ""}', 422, "question"),
        ('{"question": "' + "x" * 2001 + '"}', 422, "question"),
        ('{"question": "\\ud800"}', 422, "question"),
        ('{"question": 7}', 422, "request"),
        ("{}", 422, "request"),
        ("not json", 422, "request"),
        ('{"question": "Who?", "history": [["one"]]}', 422, "request"),
        ('{"question": "Who?", "history": [["\\udfff", "a"]]}', 422, "question"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_with_a_stable_type(
    client: TestClient, body: str, status: int, kind: str
) -> None:
    reply = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"urn:footnote:{kind}"
    assert reply.json()["detail"]


@pytest.mark.parametrize(
    "document_id", ["nothing", "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000, "'; DROP TABLE documents"]
)
def test_an_unknown_document_is_404(client: TestClient, document_id: str) -> None:
    reply = client.get(f"/api/documents/{document_id}")
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_full_queue_is_told_at_once_and_when_to_try_again(
    small_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_QUEUE", "1")
    monkeypatch.setenv("FOOTNOTE_AT_ONCE", "1")
    gate = threading.Event()

    class Slow(ScriptedReader):
        def read(self, question: str, hits: object, *, strictness: float | None = None) -> Draft:
            gate.wait(20)
            return Draft((), 0.0)

    with (
        TestClient(create_app(Assistant(small_index, Slow({})), pages=False), LOCAL) as client,
        ThreadPoolExecutor(6) as pool,
    ):
        asked = [pool.submit(client.post, "/api/ask", json={"question": "Who?"}) for _ in range(6)]
        refused = [future.result() for future in asked_done(asked, 4)]
        gate.set()
        statuses = sorted(future.result().status_code for future in asked)
    assert statuses == [200, 200, 429, 429, 429, 429]  # one runs, one waits
    assert {reply.headers["retry-after"] for reply in refused} == {"1"}
    assert {reply.json()["type"] for reply in refused} == {"urn:footnote:overloaded"}


def asked_done(futures, count: int):  # type: ignore[no-untyped-def]
    """The first `count` futures to finish."""
    from concurrent.futures import as_completed

    done = as_completed(futures, timeout=20)
    return [next(done) for _ in range(count)]


@pytest.fixture(scope="module")
def served(assistant: Assistant) -> Iterator[TestClient]:
    """The app as `qa serve` has it, with the page at "/"."""
    with TestClient(create_app(assistant), LOCAL, raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nope", 404),
        ("PUT", "/api/ask", 405),
        ("DELETE", "/api/documents", 405),
        ("GET", "/api/", 404),
        ("GET", "/api", 404),
        ("POST", "/v1", 404),
    ],
)
def test_what_is_no_route_is_a_problem_beside_the_page_too(
    served: TestClient, method: str, path: str, status: int
) -> None:
    reply = served.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_body_without_end_is_refused(served: TestClient) -> None:
    history = [["x" * 1999, "y"]] * 600
    reply = served.post("/api/ask", json={"question": "Who?", "history": history})
    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_bug_is_a_problem_that_tells_nothing_of_itself(small_index: Index) -> None:
    class Broken(ScriptedReader):
        def read(self, question: str, hits: object, *, strictness: float | None = None) -> Draft:
            raise RuntimeError("an inner secret")

    app = create_app(Assistant(small_index, Broken({})), pages=False)
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        reply = client.post("/api/ask", json={"question": "Who?"})
    assert reply.status_code == 500
    assert reply.json()["type"] == "urn:footnote:bug"
    assert "secret" not in reply.text
