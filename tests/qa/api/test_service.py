"""What a service needs beside its answers: lists in pages, ETags, request ids, health, metrics, feedback, a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from index import Index, open_index, sync
from qa import Assistant
from qa.api import create_app, schema
from qa.api.documents import MAX_CURSOR
from qa.api.examples import ANSWER, CITATION
from qa.api.lists import page
from qa.feedback import record
from qa.read.scripted import ScriptedReader
from tests.qa.api.conftest import LOCAL, tells_nothing


@pytest.fixture
def three(tmp_path: Path) -> Iterator[tuple[TestClient, Path]]:
    """Three documents, a.txt to c.txt, and the folder they come from."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"Title {name}\n\nThe {name} is here.\n", encoding="utf-8")
    sync([folder], tmp_path / "storage", embedder="word-length")
    sync([folder / "c.txt"], tmp_path / "storage", tags=["last"])
    index = open_index(tmp_path / "storage")
    app = create_app(Assistant(index, ScriptedReader({})), pages=False, storage=tmp_path / "storage")
    with TestClient(app, LOCAL) as client:
        yield client, folder
    index.close()


def names(page: dict[str, Any]) -> list[str]:
    return [Path(document["path"]).name for document in page["documents"]]


def test_a_list_comes_in_pages_and_a_cursor_holds_when_documents_go(three: tuple[TestClient, Path]) -> None:
    client, folder = three
    first = client.get("/api/documents", params={"limit": 2}).json()
    assert (names(first), first["total"]) == (["a.txt", "b.txt"], 3)
    (folder / "b.txt").unlink()
    sync([folder], folder.parent / "storage", prune=True)
    second = client.get("/api/documents", params={"limit": 2, "after": first["next"]}).json()
    assert (names(second), second["next"], second["total"]) == (["c.txt"], None, 2)


def test_all_pages_together_are_the_whole_list_each_once(three: tuple[TestClient, Path]) -> None:
    client, _ = three
    seen, after = [], {}
    while after is not None:
        page = client.get("/api/documents", params={"limit": 1, **after}).json()
        seen += names(page)
        after = {"after": page["next"]} if page["next"] else None
    assert seen == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize("after", ["x", "%%%", "bnVsbA", "WzFd", "é", "Ww" * 40])
def test_what_is_no_cursor_is_said_to_be_none(three: tuple[TestClient, Path], after: str) -> None:
    reply = three[0].get("/api/documents", params={"after": after})
    assert reply.status_code == 422
    assert "cursor" in reply.json()["detail"]


def test_a_list_that_did_not_change_is_not_sent_again(three: tuple[TestClient, Path]) -> None:
    client, folder = three
    tag = client.get("/api/documents").headers["etag"]
    again = client.get("/api/documents", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    (folder / "a.txt").write_text("changed on disk", encoding="utf-8")
    changed = client.get("/api/documents", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert [document["source"] for document in changed.json()["documents"]] == ["changed", "same", "same"]


def test_a_document_has_an_etag_too(client: TestClient) -> None:
    path = f"/api/documents/{client.get('/api/documents').json()['documents'][0]['id']}"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"another"'}).json()["text"]


def test_a_question_can_be_limited_to_documents(three: tuple[TestClient, Path]) -> None:
    client, _ = three
    b = client.get("/api/documents").json()["documents"][1]
    hits = client.post("/api/search", json={"question": "here", "documents": [b["id"]]}).json()["hits"]
    assert {hit["document"]["id"] for hit in hits} == {b["id"]}
    tagged = client.post("/api/search", json={"question": "here", "documents": [b["id"]], "tags": ["last"]}).json()[
        "hits"
    ]
    assert sorted(hit["document"]["title"] for hit in tagged) == ["Title b", "Title c"]
    unknown = client.post("/api/ask", json={"question": "here?", "documents": ["nope"]})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:footnote:document-unknown")
    assert len(client.post("/api/search", json={"question": "here", "documents": []}).json()["hits"]) == 3


def test_a_request_id_that_is_fit_is_kept_and_another_is_made(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    for unfit in ("", "a b", "x" * 65, "<script>"):
        made = client.get("/healthz", headers={"X-Request-ID": unfit}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_live_says_nothing_of_the_index_and_ready_does(small_index: Index, tmp_path: Path) -> None:
    app = create_app(Assistant(small_index, ScriptedReader({})), pages=False, storage=tmp_path)
    with TestClient(app, LOCAL) as client:
        assert client.get("/healthz/ready").json()["documents"] == 2
        (tmp_path / "storage" / "index.sqlite").rename(tmp_path / "moved")
        ready = client.get("/healthz/ready")
        assert (ready.status_code, ready.json()["type"]) == (503, "urn:footnote:storage")
        assert ready.json()["detail"].startswith("No index at storage/.")
        tells_nothing(ready.text, tmp_path)
        assert client.get("/healthz/live").json() == {"status": "ok"}
        assert "footnote_index_documents" not in client.get("/metrics").text


def test_metrics_count_by_route_and_outcome_and_hold_no_text(small_index: Index, tmp_path: Path) -> None:
    app = create_app(Assistant(small_index, ScriptedReader({})), pages=False, storage=tmp_path)
    with TestClient(app, LOCAL) as client:
        client.post("/api/ask", json={"question": "Who steeped the tea?"})
        client.post("/api/ask", json={"question": ""})
        client.get("/api/documents/no-such-document")
        told = client.get("/metrics").text
    assert 'footnote_questions_total{outcome="abstained"} 1.0' in told
    assert 'footnote_questions_total{outcome="invalid"} 1.0' in told
    assert 'footnote_http_requests_total{method="POST",route="/api/ask",status="422"} 1.0' in told
    assert 'route="/api/documents/{document_id}",status="404"} 1.0' in told
    assert "footnote_index_documents 2.0" in told
    assert "tea" not in told
    assert "no-such-document" not in told


def test_feedback_is_kept_as_one_line_with_the_answer_as_it_was(client: TestClient, storage: Path) -> None:
    answer = client.post("/api/ask", json={"question": "How long will the memorandum be in force?"}).json()
    sent = {"verdict": "wrong_answer", "answer": answer, "comment": "half a year\n“six”", "expected": "6 months"}
    reply = client.post("/api/feedback", json=sent)
    assert reply.status_code == 201
    line = json.loads((storage / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert list(line) == ["id", "time", "verdict", "comment", "expected", "answer"]
    assert {key: line[key] for key in sent} == sent
    assert reply.json() == {"id": line["id"], "time": line["time"]}
    assert 'footnote_feedback_total{verdict="wrong_answer"}' in client.get("/metrics").text


def test_what_a_later_version_adds_to_answers_survives_feedback(client: TestClient, storage: Path) -> None:
    answer = {**client.post("/api/ask", json={"question": "Who signed?"}).json(), "strictness": 0.9}
    assert client.post("/api/feedback", json={"verdict": "right", "answer": answer}).status_code == 201
    line = json.loads((storage / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert line["answer"]["strictness"] == 0.9


def test_the_longest_path_fits_a_cursor_and_one_too_long_is_a_problem(client: TestClient) -> None:
    place = ("é" * 2048, "0123456789abcdef")
    shown, following = page([place, ("z", "")], lambda key: key, 1, None)
    assert shown == [place]
    assert following is not None
    assert len(following) <= MAX_CURSOR
    assert page([place, ("ü", "")], lambda key: key, 1, following)[0] == [("ü", "")]
    assert client.get("/api/documents", params={"after": "é" * (MAX_CURSOR + 1)}).status_code == 422


def test_feedback_takes_whole_numbers_as_other_languages_write_them(client: TestClient, storage: Path) -> None:
    citation = {**CITATION, "number": 1.0, "start": 3167.0, "end": 3177.0, "context_start": 3128.0, "page": 2.0}
    answer = {**ANSWER, "citations": [citation]}
    assert client.post("/api/feedback", json={"verdict": "right", "answer": answer}).status_code == 201
    line = json.loads((storage / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert line["answer"]["citations"] == [{**CITATION, "page": 2}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "great"},
        {"answer": {}},
        {"comment": "x" * 4001},
        {"expected": None},
        {"answer": "text"},
        {"answer": {**ANSWER, "later": {"\ud800": 1}}},
        {"answer": {**ANSWER, "later": ["\udfff", float("nan")]}},
    ],
)
def test_what_is_no_feedback_is_refused_and_writes_nothing(
    client: TestClient, storage: Path, wrong: dict[str, Any]
) -> None:
    before = (storage / "feedback.jsonl").read_bytes() if (storage / "feedback.jsonl").exists() else b""
    answer = client.post("/api/ask", json={"question": "Who signed?"}).json()
    sent = json.dumps({"verdict": "right", "answer": answer, **wrong})
    reply = client.post("/api/feedback", content=sent, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    after = (storage / "feedback.jsonl").read_bytes() if (storage / "feedback.jsonl").exists() else b""
    assert after == before


def test_a_full_feedback_file_is_refused_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index.errors import FeedbackError

    monkeypatch.setattr("qa.feedback.MAX_BYTES", 300)
    record(tmp_path, "right", {"answer": "a"})
    with pytest.raises(FeedbackError, match="Move it away"):
        record(tmp_path, "right", {"answer": "b" * 300})
    assert len((tmp_path / "feedback.jsonl").read_text().splitlines()) == 1


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_shows_an_example_of_its_request_and_of_every_reply(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]

    def shown(content: dict[str, Any]) -> bool:
        ref = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        return "example" in content or "examples" in content or bool(schemas.get(ref, {}).get("examples"))

    for name, operation in operations(described):
        contents = [("request", operation["requestBody"]["content"])] if "requestBody" in operation else []
        contents += [(status, reply.get("content", {})) for status, reply in operation["responses"].items()]
        for what, content in contents:
            kinds = {kind: one for kind, one in content.items() if kind != "multipart/form-data"}  # files have none
            assert all(shown(one) for one in kinds.values()), f"{name}: {what}"


def test_every_error_is_described_as_a_problem(client: TestClient) -> None:
    for name, operation in operations(client.get("/openapi.json").json()):
        for status, reply in operation["responses"].items():
            if status >= "400" and "/v1/" not in name:
                assert list(reply["content"]) == ["application/problem+json"], f"{name}: {status}"
        assert ("413" in operation["responses"]) == ("requestBody" in operation), name


def test_the_examples_are_of_the_shapes_that_they_are_examples_of() -> None:
    models = [model for model in vars(schema).values() if isinstance(model, type)]
    shown = [
        (m, m.model_config["json_schema_extra"])
        for m in models
        if getattr(m, "model_config", {}).get("json_schema_extra")
    ]
    assert len(shown) >= 8
    for model, extra in shown:
        TypeAdapter(model).validate_python(extra["examples"][0])


def test_the_example_citation_is_true(client: TestClient) -> None:
    from qa.api.examples import CITATION

    # A document's id tells where its file lies, so the example's is another machine's.
    documents = client.get("/api/documents").json()["documents"]
    id_ = next(one["id"] for one in documents if one["title"] == CITATION["document"]["title"])
    text = client.get(f"/api/documents/{id_}").json()["text"]
    assert text[CITATION["start"] : CITATION["end"]] == CITATION["quote"]
    assert text[CITATION["context_start"] :].startswith(CITATION["context"])
