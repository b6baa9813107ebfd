"""The page a quote stands on reaches whoever asks."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from index import sync
from qa.cli import main
from tests.index.formats import writers

QUESTION = "When was the harbour bridge opened?"
PAGES = [
    ["Sheep are kept on the northern hills.", "Their wool is sold in spring."],
    ["The harbour bridge was opened on 19 March 1932.", "Many people came to see it."],
]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    writers.pdf(folder / "bridge.pdf", PAGES)
    sync([folder], folder / "storage")
    return folder / "storage"


def test_in_json(storage: Path) -> None:
    result = CliRunner().invoke(main, ["ask", QUESTION, "--json", "--storage", str(storage)])
    (citation,) = json.loads(result.stdout)["citations"]
    assert "1932" in citation["quote"]
    assert citation["page"] == 2


def test_on_a_terminal(storage: Path) -> None:
    result = CliRunner().invoke(main, ["ask", QUESTION, "--storage", str(storage)])
    assert "bridge, p. 2" in result.stdout
