"""qa index --tag | --rebuild | --watch, qa ask --only, qa export | import | remove."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index import open_index
from qa.cli import main
from tests.conftest import PROJECT

ANSWER = "How high is the tower?"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    for name, height in (("paris", "330 metres"), ("berlin", "368 metres")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(f"The tower is {height} high. Many people visit it every year.")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return invoke


def listed(run: Callable[..., Result]) -> dict[str, list[str]]:
    return {row["path"]: row["tags"] for row in json.loads(run("documents", "--json").stdout)}


def test_a_question_is_limited_by_tag_path_or_folder(run: Callable[..., Result]) -> None:
    assert run("index", "paris", "--tag", "france", "--tag", "tower").exit_code == 0
    assert run("index", "berlin").exit_code == 0
    assert listed(run) == {"paris/paris.txt": ["france", "tower"], "berlin/berlin.txt": []}
    for name, height in (("france", "330"), ("berlin/", "368"), ("berlin/berlin.txt", "368"), ("Paris", "330")):
        answer = json.loads(run("ask", ANSWER, "--json", "--only", name).stdout)
        assert {near["document"]["path"] for near in answer["nearest"]} == {
            "paris/paris.txt" if height == "330" else "berlin/berlin.txt"
        }
    result = run("ask", ANSWER, "--only", "spain")
    assert result.exit_code == 1
    assert "No document is called or tagged 'spain'. Tags: france, tower." in result.stderr


def test_a_batch_is_limited_too(run: Callable[..., Result]) -> None:
    run("index", "paris", "berlin")
    Path("q.jsonl").write_text(json.dumps({"question": ANSWER}))
    (line,) = run("ask", "--batch", "q.jsonl", "--only", "berlin/").stdout.splitlines()
    assert {near["document"]["path"] for near in json.loads(line)["nearest"]} == {"berlin/berlin.txt"}


def test_what_failed_is_told_and_the_exit_code_is_1(run: Callable[..., Result]) -> None:
    Path("paris/broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    result = run("index", "paris")
    assert result.exit_code == 1
    assert "Left out: " in result.stderr
    assert "broken.pdf: it is no whole PDF" in result.stderr
    assert "1 file could not be read; the rest is indexed." in result.stderr
    assert set(listed(run)) == {"paris/paris.txt"}


def test_a_renamed_file_is_told(run: Callable[..., Result]) -> None:
    run("index", "paris")
    Path("paris/paris.txt").rename("paris/tower.txt")
    assert "Index: 1 moved." in run("index", "paris").stderr


def test_a_rebuild_needs_no_path(run: Callable[..., Result]) -> None:
    run("index", "paris", "berlin")
    Path("berlin/berlin.txt").unlink()
    result = run("index", "--rebuild")
    assert (result.exit_code, "Index: 1 replaced, 1 unchanged." in result.stderr) == (0, True)
    assert set(listed(run)) == {"paris/paris.txt", "berlin/berlin.txt"}


def test_an_index_is_exported_imported_and_a_document_removed(run: Callable[..., Result]) -> None:
    run("index", "paris", "berlin")
    assert "Exported 2 documents to all.footnote" in run("export", "all.footnote").stderr
    assert "Imported 2 documents into there/." in run("import", "all.footnote", "--storage", "there").stderr
    first = json.loads(run("documents", "--json", "--storage", "there").stdout)[0]["id"]
    assert "Removed 1 document." in run("remove", first, "--storage", "there").stderr
    assert len(json.loads(run("documents", "--json", "--storage", "there").stdout)) == 1
    assert len(listed(run)) == 2
    assert run("remove", "nothing").exit_code == 1


def test_watching_follows_files_until_it_is_stopped(run: Callable[..., Result], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "qa.cli", "index", str(tmp_path / "paris"), "--watch"]
    environment = {**os.environ, "FOOTNOTE_STORAGE": str(tmp_path / "storage"), "FOOTNOTE_EMBEDDER": "word-length"}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("Watching" in line for line in lines)

        def becomes(expected: set[str]) -> None:
            for _ in range(200):
                index = open_index(tmp_path / "storage")
                names = {Path(document.path).name for document in index.documents()}
                index.close()
                if names == expected:
                    return
                time.sleep(0.5)
            raise AssertionError(names)

        (tmp_path / "paris" / "new.txt").write_text("A new text.")
        becomes({"paris.txt", "new.txt"})
        (tmp_path / "paris" / "bad.txt").write_bytes(b"\xff\xff")
        (tmp_path / "paris" / "new.txt").rename(tmp_path / "paris" / "renamed.txt")
        becomes({"paris.txt", "renamed.txt"})
        (tmp_path / "paris" / "renamed.txt").unlink()
        becomes({"paris.txt"})
        process.send_signal(signal.SIGINT)
        told = "".join(lines)
        assert process.wait(timeout=60) == 130
        assert "bad.txt: byte 0 is not UTF-8" in told
        assert "1 moved" in told
        assert "What was indexed is safe" in told
    finally:
        process.kill()
        process.communicate()
