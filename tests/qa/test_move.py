"""qa move: answers and citations are the same before and after."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index import sync
from index.errors import FootnoteError
from index.outgrown import RIGHT_UP_TO
from index.store import Content
from index.store.sqlite import SqliteStore
from qa import open_assistant
from qa.assistant import Assistant
from qa.cli import main
from qa.feedback import FILE_NAME, record
from tests.conftest import ARTICLE, PROJECT
from tests.index.stores import NEEDS, STORES_UNDER_TEST

TOWNS = ["Ada", "Brno", "Cork", "Dole", "Enna", "Faro", "Graz", "Hull"]
FACTS = [
    "The mill of {} was built in 1{}12.",
    "In {} the market is held on the {}th of May.",
    "The bridge of {} is {}7 metres long.",
    "{} lies {}0 kilometres from the sea.",
]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The article, and 600 made documents, many of which say the same."""
    folder = tmp_path_factory.mktemp("made")
    chosen = np.random.default_rng(0)
    for number in range(600):
        lines = [
            FACTS[fact].format(TOWNS[town], place)
            for fact, town, place in zip(*chosen.integers(0, [[4], [8], [10]], (3, 3)), strict=True)
        ]
        (folder / f"{number:03}.txt").write_text(" ".join(lines))
    (folder / "storage").mkdir()
    sync([folder, ARTICLE], folder / "storage")
    return folder / "storage"


def told(assistant: Assistant, question: str) -> dict[str, object]:
    """The answer, without how long it took."""
    try:
        return {**assistant.ask(question).to_dict(), "timings_ms": None}
    except FootnoteError as exc:
        return {"error": str(exc)}


@pytest.fixture(params=[name for name in STORES_UNDER_TEST if name not in ("sqlite", "s3")])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    pytest.importorskip(NEEDS[request.param], reason="needs another store's package: make test-stores")
    return STORES_UNDER_TEST[request.param](tmp_path / "elsewhere")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.timeout(600)
def test_237_answers_are_the_same_to_the_last_bit_there_and_back(
    storage: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [json.loads(line)["question"] for line in (PROJECT / "eval/cases/astana.jsonl").read_text().splitlines()]
    asked += [
        question.format(town)
        for town in TOWNS
        for question in (
            "When was the mill of {} built?",
            "When is the market held in {}?",
            "How long is the bridge of {}?",
            "How far from the sea is {}?",
            "What is said of {}?",
            "Who built the mill of {} and its bridge?",
            "{} bridge mill market sea",
            "Which town is as far from the sea as {}?",
        )
    ]
    assistant = open_assistant(storage)
    answers = [told(assistant, question) for question in asked]
    assistant.index.close()
    assert len(asked) > 230
    assert sum(bool(answer.get("answered")) for answer in answers) > 100
    back = tmp_path / "back"
    for source, target in ((storage, elsewhere), (elsewhere, back)):
        assert run("move", source, target).exit_code == 0
        assistant = open_assistant(target)
        for question, expected in list(zip(asked, answers, strict=True))[:: 1 if target == elsewhere else 5]:
            assert told(assistant, question) == expected, question
        assistant.index.close()


def test_the_command_says_what_it_did_and_what_next(article_storage: Path, tmp_path: Path) -> None:
    target = tmp_path / "new place"
    moved = run("move", article_storage, target)
    assert moved.exit_code == 0
    assert moved.stdout == ""
    assert moved.stderr.startswith("Moved 1 document with 16 passages. ")
    assert f"is as it was. Use the new index with: export FOOTNOTE_STORAGE='{target}'" in moved.stderr
    again = run("move", article_storage, target)
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    assert "There is an index at" in again.stderr


def test_stopped_it_says_what_is_safe_and_the_rest_is_refused_until_it_went_on(
    storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new"
    written = SqliteStore.replace_documents
    left = [None] * 3

    def interrupted(self: SqliteStore, contents: Sequence[Content]) -> None:
        written(self, contents)
        left.pop()
        if not left:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("index.move.BATCH", 100)
        patched.setattr(SqliteStore, "replace_documents", interrupted)
        stopped = run("move", storage, target)
    assert stopped.exit_code == 130
    assert "Stopped. 100 passages are moved; " in stopped.stderr
    assert stopped.stderr.endswith("is as it was. Run the same command again to go on.\n")
    for command in (("ask", "Who signed?"), ("documents",), ("index", ARTICLE), ("serve", "--port", "7999")):
        refused = run(*command, "--storage", target)
        assert refused.exit_code == 1
        assert refused.stderr.endswith(f"Finish it with: qa move {storage} {target}\n")
        assert refused.stderr.count("\n") == 1
    assert ", 200 of them by an earlier run. " in run("move", storage, target).stderr


def test_what_people_said_of_answers_goes_along(article_storage: Path, tmp_path: Path) -> None:
    for place in ("old", "new"):
        assert run("move", article_storage if place == "old" else tmp_path / "old", tmp_path / place).exit_code == 0
        if place == "old":
            record(tmp_path / "old", "right", {"answer": "May 6"})
    assert (tmp_path / "new" / FILE_NAME).read_bytes() == (tmp_path / "old" / FILE_NAME).read_bytes()


def test_an_index_that_has_outgrown_its_store_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = tmp_path / "storage"
    assert "qa move" not in run("index", ARTICLE, "--storage", storage).stderr
    monkeypatch.setitem(RIGHT_UP_TO, "", 15)
    told = (
        f"The index at {storage} has 16 passages; above 15 LanceDB answers the same, sooner. "
        f"Move it with: qa move {storage} lancedb://{storage}-lance\n"
    )
    assert run("index", ARTICLE, "--storage", storage).stderr == f"Index: 1 unchanged.\n{told}"
    monkeypatch.setattr("qa.cli._serve", lambda *_: None)
    assert run("serve", "--port", "7998", "--storage", storage).stderr == told
    monkeypatch.setitem(RIGHT_UP_TO, "", 16)
    assert "qa move" not in run("index", ARTICLE, "--storage", storage).stderr


def test_a_store_for_any_size_is_never_outgrown(elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIGHT_UP_TO, "", 0)
    assert run("index", ARTICLE, "--storage", elsewhere).stderr == "Index: 1 added.\n"
