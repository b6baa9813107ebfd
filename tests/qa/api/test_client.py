"""The one-file client against the server, and its types against the schema."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi.testclient import TestClient

from index import open_index, sync
from qa import Assistant, footnote_client
from qa.api import create_app
from qa.footnote_client import AsyncFootnote, Footnote, FootnoteProblem
from qa.read.extractive import ExtractiveReader
from tests.qa.api.conftest import Serve

QUESTION = "How long will the memorandum be in force?"

TYPES = {
    "AnswerModel": "Answer",
    "CitationModel": "Citation",
    "SentenceModel": "Sentence",
    "NearestModel": "Nearest",
    "HitModel": "Hit",
    "DocumentRef": "DocumentRef",
    "DocumentSummary": "DocumentSummary",
    "DocumentList": "DocumentPage",
    "WholeDocument": "WholeDocument",
    "HeadingModel": "Heading",
    "FeedbackReceipt": "FeedbackReceipt",
    "FailedUpload": "FailedUpload",
    "Uploaded": "Uploaded",
    "Health": "Health",
}
JSON = {str: "string", int: "integer", float: "number", bool: "boolean"}


@pytest.mark.parametrize("component", TYPES)
def test_the_clients_types_are_the_schemas(client: TestClient, component: str) -> None:
    described = client.get("/openapi.json").json()["components"]["schemas"][component]["properties"]
    hints = get_type_hints(getattr(footnote_client, TYPES[component]))
    assert set(hints) == set(described)
    for name, hint in hints.items():
        if hint in JSON:
            assert described[name]["type"] == JSON[hint], name


def test_ask_stream_search_and_documents(address: str) -> None:
    with Footnote(address) as footnote:
        answer = footnote.ask(QUESTION)
        (citation,) = answer["citations"]
        (listed,) = list(footnote.documents())
        whole = footnote.document(citation["document"]["id"])
        assert whole["text"][citation["start"] : citation["end"]] == citation["quote"] == "six months"
        assert listed["id"] == whole["id"]
        steps = list(footnote.stream(QUESTION))
        assert [step.name for step in steps] == ["standalone_question", "passages", "text", "citation", "answer"]
        assert steps[-1].data["answer"] == answer["answer"]
        assert len(footnote.search("checkpoints", k=2, documents=[whole["id"]])) == 2
        assert footnote.feedback("right", answer)["id"]
        assert footnote.health()["documents"] == 1


def test_a_problem_is_raised_with_its_type(address: str) -> None:
    with Footnote(address) as footnote:
        for call in (lambda: footnote.ask(" "), lambda: next(footnote.stream(" "))):
            with pytest.raises(FootnoteProblem, match="empty") as raised:
                call()
            assert (raised.value.status, raised.value.type) == (422, "urn:footnote:question")
        with pytest.raises(FootnoteProblem) as unknown:
            footnote.document("nope")
        assert unknown.value.type == "urn:footnote:document-unknown"


def test_the_async_client_does_the_same(address: str) -> None:
    async def visit() -> Any:
        async with AsyncFootnote(address) as footnote:
            answer = await footnote.ask(QUESTION)
            assert [step.name async for step in footnote.stream(QUESTION)][-1] == "answer"
            assert [document["characters"] async for document in footnote.documents()] == [6470]
            assert (await footnote.document(answer["citations"][0]["document"]["id"]))["text"]
            assert len(await footnote.search("checkpoints", k=1)) == 1
            assert (await footnote.feedback("wrong_answer", answer, expected="half a year"))["id"]
            with pytest.raises(FootnoteProblem):
                await footnote.ask("")
            return answer["answer"]

    assert asyncio.run(visit()) == "six months"


@pytest.fixture
def taking(tmp_path: Path, serve: Serve) -> Iterator[str]:
    """The address of an API of its own, which takes uploads."""
    (tmp_path / "rain.txt").write_text("Rain\n\nRain fell on Monday.\n", encoding="utf-8")
    sync([tmp_path / "rain.txt"], tmp_path / "storage", embedder="word-length")
    index = open_index(tmp_path / "storage")
    assistant = Assistant(index, ExtractiveReader.shipped(index.embedder))
    with serve(create_app(assistant, pages=False, storage=tmp_path / "storage")) as address:
        yield address
    index.close()


TEA = "Tee ☕.txt", b"Tea\n\nTea is steeped for three minutes.\n"


def test_what_is_uploaded_is_asked_opened_and_deleted(taking: str, tmp_path: Path) -> None:
    (tmp_path / "snow.md").write_text("# Snow\n\nSnow is cold.\n", encoding="utf-8")
    with Footnote(taking, timeout=110) as footnote:
        added = footnote.upload(TEA, tmp_path / "snow.md", ("x.exe", b"MZ"), tags=["drinks", "weather"])
        tea, snow = added["documents"]
        assert [tea["path"], snow["path"], added["failed"][0]["name"]] == ["Tee ☕.txt", "snow.md", "x.exe"]
        assert tea["tags"] == ["drinks", "weather"]
        assert footnote.file(tea["id"]) == TEA[1]
        assert {hit["document"]["id"] for hit in footnote.search("tea", tags=["drinks"])} == {tea["id"], snow["id"]}
        for document in (tea, snow):
            footnote.delete(document["id"])
        assert [document["title"] for document in footnote.documents()] == ["Rain"]
        for call in (lambda: footnote.delete(tea["id"]), lambda: footnote.file(tea["id"])):
            with pytest.raises(FootnoteProblem) as raised:
                call()
            assert raised.value.type == "urn:footnote:document-unknown"
        with pytest.raises(FootnoteProblem, match=r"x\.exe"):
            footnote.upload(("x.exe", b"MZ"))


def test_the_async_client_uploads_opens_and_deletes_too(taking: str) -> None:
    async def visit() -> None:
        async with AsyncFootnote(taking, timeout=110) as footnote:
            (tea,) = (await footnote.upload(TEA, tags=["drinks"]))["documents"]
            assert await footnote.file(tea["id"]) == TEA[1]
            await footnote.delete(tea["id"])
            assert [document["title"] async for document in footnote.documents()] == ["Rain"]
            with pytest.raises(FootnoteProblem):
                await footnote.delete(tea["id"])

    asyncio.run(visit())


def test_both_clients_offer_the_same() -> None:
    def offered(cls: type) -> set[str]:
        return {name for name in vars(cls) if not name.startswith("_")}

    assert offered(Footnote) == offered(AsyncFootnote)
