"""What limits a question is compared, never run: strings that would do something elsewhere do nothing here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from index import open_index, sync
from qa import Assistant
from qa.api import create_app
from qa.read.scripted import ScriptedReader
from tests.qa.api.conftest import LOCAL, tells_nothing

COUNT = 500 if int(os.environ.get("FOOTNOTE_ROUNDS", "1")) > 1 else 50
PAYLOADS = [
    "OR 1=1",
    "; DROP TABLE documents",
    "UNION SELECT text FROM documents",
    "UNION SELECT sql FROM sqlite_master",
    "; ATTACH DATABASE '/etc/passwd' AS p",
    "AND load_extension('x')",
    "; DELETE FROM passages",
    "NEAR/2 tea",
    "words : tea",
    "* ^ tea AND rain",
    "IN (SELECT id FROM documents)",
    "LIKE '%'",
    "GLOB '*'",
    "$.tags[0]",
    '"]} , {"$ne": null}',
    "{{7*7}} ${7*7} #{7*7}",
    "%s %d %n %x",
    "../../../etc/passwd",
    "file:///etc/passwd",
    "$(touch owned) `touch owned`",
    "| touch owned ;",
    "\x00\x01\x1f",
    "‮⁦\U000e0001\ufeff",
    "regexp_matches(text, '.*')",
    "true || array_has_any(tags, ['x'])",
]
WRAPPINGS = [
    "{}", "' {}", "' {} --", "') {} --", "')) {} /*", '" {}', '" {} --', '") {} #', "`{}`", "[{}]",
    "tea' {}", "tea\" {}", "\\' {}", "\\\\' {}", "%27 {}", "’ {}", "0x27 {}", "'||({})||'", "';{};--", "{}\n{}",
]  # fmt: skip
STRINGS = [wrapping.format(payload, payload) for payload, wrapping in product(PAYLOADS, WRAPPINGS)]


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Path]]:
    folder = tmp_path_factory.mktemp("filters")
    (folder / "tea.txt").write_text("Tea\n\nTea is steeped for three minutes.\n", encoding="utf-8")
    (folder / "rain.txt").write_text("Rain\n\nRain fell on Monday. The river rose.\n", encoding="utf-8")
    sync([folder], folder / "storage", embedder="word-length", tags=["x"])
    index = open_index(folder / "storage")
    app = create_app(Assistant(index, ScriptedReader({})), pages=False, storage=folder / "storage")
    with TestClient(app, LOCAL, raise_server_exceptions=False) as client:
        yield client, folder
    index.close()


def test_there_are_500_strings() -> None:
    assert len(set(STRINGS)) == len(PAYLOADS) * len(WRAPPINGS) == 500


def test_no_filter_does_anything_but_filter(tagged: tuple[TestClient, Path]) -> None:
    client, _ = tagged
    before = client.get("/api/documents").json()
    everything = client.post("/api/search", json={"question": "tea rain"}).json()
    assert {hit["document"]["title"] for hit in everything["hits"]} == {"Tea", "Rain"}
    for string in islice(STRINGS, 0, None, len(STRINGS) // COUNT):
        by_tag = client.post("/api/search", json={"question": "tea rain", "tags": [string]})
        assert (by_tag.status_code, by_tag.json()) == (200, {"hits": []}), string
        by_id = client.post("/api/search", json={"question": "tea rain", "documents": [string]})
        assert (by_id.status_code, by_id.json()["type"]) == (404, "urn:footnote:document-unknown"), string
        asked = client.post("/api/search", json={"question": f"tea rain {string}"[:2000]})
        assert asked.status_code == 200, string
        for reply in (by_tag, by_id, asked):
            tells_nothing(reply.text)
    assert client.get("/api/documents").json() == before
    assert client.post("/api/search", json={"question": "tea rain"}).json() == everything
    assert not Path("owned").exists()


@pytest.mark.parametrize("string", [one for one in STRINGS[::37] if "\x00" not in one])
def test_a_tag_of_that_name_is_a_tag_like_any_other(tagged: tuple[TestClient, Path], string: str) -> None:
    client, folder = tagged
    sync([folder / "tea.txt"], folder / "storage", tags=[string])
    hits = client.post("/api/search", json={"question": "tea rain", "tags": [string]}).json()["hits"]
    assert {hit["document"]["title"] for hit in hits} == {"Tea"}
    sync([folder / "tea.txt"], folder / "storage", tags=["x"])
