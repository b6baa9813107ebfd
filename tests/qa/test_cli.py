from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa.cli import main
from tests.conftest import ARTICLE, PROJECT


def qa(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, as a user would."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failed(result: Result) -> str:
    """The one line on standard error of a command that failed as it should."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    return line


def test_ask_prints_the_answer_and_its_numbered_footnote(article_storage: Path) -> None:
    result = qa("ask", "Which countries signed the memorandum?", "--storage", article_storage)
    assert result.exit_code == 0
    assert "Russia, Iran and Turkey" in result.stdout
    assert "[1]" in result.stdout
    assert "astana-de-escalation-zones.txt, characters" in result.stdout


def test_not_in_the_source_is_no_failure(article_storage: Path) -> None:
    result = qa("ask", "How many moons does Jupiter have?", "--storage", article_storage)
    assert result.exit_code == 0
    assert result.stdout.startswith("Not in the source.")
    assert "nearest" in result.stdout


def test_json_is_the_answer_and_every_quote_is_exact(article_storage: Path) -> None:
    told = json.loads(
        qa("ask", "How long will the memorandum be in force?", "--json", "--storage", article_storage).stdout
    )
    text = ARTICLE.read_text(encoding="utf-8")
    assert told["answered"]
    assert all(text[c["start"] : c["end"]] == c["quote"] for c in told["citations"])


def test_the_first_question_builds_the_index_from_seeds_and_the_second_finds_it(elsewhere: Path) -> None:
    (elsewhere / "seeds").mkdir()
    (elsewhere / "seeds" / "tea.md").write_text("# Tea\n\nGreen tea is steeped for three minutes.\n", encoding="utf-8")
    first = qa("ask", "How long is green tea steeped?")
    assert first.exit_code == 0
    assert "Index: 1 added." in first.stderr
    assert "three minutes" in first.stdout
    second = qa("ask", "How long is green tea steeped?")
    assert "Index" not in second.stderr
    assert (elsewhere / "storage" / "index.sqlite").is_file()


def test_batch_keeps_order_and_ids_and_a_bad_line_stops_nothing(article_storage: Path) -> None:
    lines = [
        '{"id": "a", "question": "Who signed the memorandum?"}',
        "",
        '{"question": "And when?", "id": 2, "history": [["Who signed the memorandum?", "Russia"]]}',
        "no json",
        '{"id": [3], "question": ""}',
        '{"question": "Where is Jupiter?"}',
    ]
    result = qa("ask", "--batch", "-", "--storage", article_storage, stdin="\n".join(lines))
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [reply.get("id") for reply in told] == ["a", 2, None, [3], None]
    assert re.fullmatch(r"When .*\bmemorandum\?", told[1]["standalone_question"])
    assert [reply.get("line") for reply in told] == [None, None, 4, 5, None]
    assert "answered" in told[4]
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 2 of the questions")


def test_batch_reads_a_file(article_storage: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "Wer hat das Memorandum unterzeichnet? – é"}\n', encoding="utf-8")
    result = qa("ask", "--batch", file, "--storage", article_storage)
    assert json.loads(result.stdout)["question"].endswith("é")


def test_chat_understands_a_follow_up_and_survives_a_question_that_is_too_long(article_storage: Path) -> None:
    typed = "Who signed the memorandum?\nAnd when?\n" + "x" * 2001 + "\n/new\nAnd when?\n/quit\nnever asked\n"
    result = qa("chat", "--storage", article_storage, stdin=typed)
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())  # whatever the terminal's width
    assert len(re.findall(r"understood as: When [^?]*\bmemorandum\?", shown)) == 1
    assert "2,001 characters" in result.stderr
    assert "never asked" not in result.stdout


def test_documents_lists_and_tells_what_changed_on_disk(elsewhere: Path) -> None:
    (elsewhere / "a.txt").write_text("Tea is hot.", encoding="utf-8")
    (elsewhere / "b.txt").write_text("Rain is wet.", encoding="utf-8")
    assert qa("index", "a.txt", "b.txt", "--embedder", "word-length").exit_code == 0
    (elsewhere / "a.txt").write_text("Tea is cold.", encoding="utf-8")
    (elsewhere / "b.txt").unlink()
    told = {row["path"]: row["source"] for row in json.loads(qa("documents", "--json").stdout)}
    assert told == {"a.txt": "changed", "b.txt": "missing"}
    assert "changed" in qa("documents").stdout


def test_index_says_what_it_did_and_a_second_run_has_nothing_to_do(elsewhere: Path) -> None:
    (elsewhere / "a.txt").write_text("Tea is hot.", encoding="utf-8")
    assert "1 added" in qa("index", "a.txt", "--embedder", "word-length").stderr
    assert "1 unchanged" in qa("index", "a.txt").stderr
    (elsewhere / "a.txt").unlink()
    assert "1 removed" in qa("index", ".", "--prune").stderr


def test_an_unreadable_file_is_named_with_its_byte_and_the_rest_is_indexed(elsewhere: Path) -> None:
    (elsewhere / "good.txt").write_text("Tea is hot.", encoding="utf-8")
    (elsewhere / "latin.txt").write_bytes("Caf\xe9".encode("latin-1"))
    result = qa("index", ".", "--embedder", "word-length")
    assert result.exit_code == 1
    assert "latin.txt: byte 3 is not UTF-8" in result.stderr
    assert "1 added" in result.stderr


def test_no_index(elsewhere: Path) -> None:
    assert "qa index" in failed(qa("documents", "--storage", "nowhere"))


def test_an_empty_folder_and_a_missing_path(elsewhere: Path) -> None:
    (elsewhere / "empty").mkdir()
    assert "No readable file in empty" in failed(qa("index", "empty"))
    assert "no file or folder gone" in failed(qa("index", "gone"))
    assert not (elsewhere / "storage").exists()


@pytest.mark.parametrize(("question", "says"), [("", "empty"), ("  ", "empty"), ("x" * 2001, "2,000")])
def test_a_question_that_cannot_be_asked(article_storage: Path, question: str, says: str) -> None:
    assert says in failed(qa("ask", question, "--storage", article_storage))


def test_an_index_of_another_embedder_or_format(elsewhere: Path) -> None:
    (elsewhere / "a.txt").write_text("Tea is hot.", encoding="utf-8")
    qa("index", "a.txt", "--embedder", "word-length")
    assert "--embedder minilm" in failed(qa("index", "a.txt", "--embedder", "minilm"))
    import sqlite3

    with sqlite3.connect(elsewhere / "storage" / "index.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    assert "format 99" in failed(qa("ask", "Is tea hot?"))


def test_a_damaged_index(elsewhere: Path) -> None:
    (elsewhere / "storage").mkdir()
    (elsewhere / "storage" / "index.sqlite").write_bytes(b"this is no database, whatever its name says" * 50)
    assert "damaged or not an index" in failed(qa("ask", "Is tea hot?"))


def test_a_port_in_use(article_storage: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port + 1}" in failed(qa("serve", "--port", port, "--storage", article_storage))


def test_beyond_this_machine_nothing_is_served_without_a_token(
    article_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTNOTE_TOKEN", raising=False)
    told = failed(qa("serve", "--host", "0.0.0.0", "--storage", article_storage))
    assert 'export FOOTNOTE_TOKEN="$(qa token)"' in told
    monkeypatch.setenv("FOOTNOTE_TOKEN", "guess")
    assert "too easy to guess" in failed(qa("serve", "--storage", article_storage))


def test_a_token_is_256_random_bits() -> None:
    one, another = qa("token").stdout.strip(), qa("token").stdout.strip()
    assert one != another
    assert len(one) == 43


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "x", "--batch", "-"], ["nothing"], ["serve", "--port", "0"]])
def test_wrong_usage_has_exit_code_2(arguments: list[str]) -> None:
    assert qa(*arguments, stdin="").exit_code == 2


@pytest.mark.parametrize("command", ["index", "ask", "chat", "serve", "mcp", "documents"])
def test_every_command_explains_itself(command: str) -> None:
    result = qa(command, "--help")
    assert result.exit_code == 0
    assert "--storage" in result.stdout


def test_a_wrong_setting_names_its_variable(monkeypatch: pytest.MonkeyPatch, article_storage: Path) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "many")
    assert "FOOTNOTE_THREADS" in failed(qa("ask", "Who?", "--storage", article_storage))


def test_control_characters_of_a_document_do_not_reach_the_terminal(elsewhere: Path) -> None:
    (elsewhere / "evil.txt").write_text(
        "Green tea is steeped for three\x1b[31m minutes\x1b]0;owned\x07.", encoding="utf-8"
    )
    qa("index", "evil.txt")
    result = qa("ask", "How long is green tea steeped?")
    assert "steeped" in result.stdout
    assert not set("\x1b\x07") & set(result.stdout)


def test_a_reader_that_closes_the_pipe_is_no_error(article_storage: Path) -> None:
    command = f'"{sys.executable}" -m qa.cli ask "Who signed?" --json --storage "{article_storage}" | head -c 1'
    done = subprocess.run(
        ["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True, env=os.environ, timeout=60
    )
    assert "Traceback" not in done.stderr


ENDS = """
import atexit, sys
from qa import cli
atexit.register(sys.stdout.write, "tidied")  # what is written last must still be told
sys.argv = ["qa", *sys.argv[1:]]
cli.run()
"""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--version"], 0, ""),
        (["ask"], 2, "Give either a question"),
        (["remove", "nothing", "--storage", "no-such-folder"], 1, "Error: No index at no-such-folder/"),
    ],
)
def test_the_process_ends_with_its_code_and_whatever_tidies_up_at_its_end(
    arguments: list[str], code: int, told: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", ENDS, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == code
    assert told in done.stderr
    assert done.stdout.endswith("tidied")


def test_a_bug_keeps_its_traceback_and_ends_with_1() -> None:
    broken = "from qa import cli\ncli.main = lambda: 1 / 0\ncli.run()"
    done = subprocess.run([sys.executable, "-c", broken], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_titles_and_paths_are_listed_as_they_are(elsewhere: Path) -> None:
    (elsewhere / "a[b]c.md").write_text("# Set up the [/api/ask] route\n\nOpen it.\n", encoding="utf-8")
    assert qa("index", ".", "--embedder", "word-length").exit_code == 0
    told = qa("documents").stdout
    assert "[/api/ask]" in told
    assert "a[b]c.md" in told


def test_a_markdown_heading_is_no_part_of_the_answer_under_it(elsewhere: Path) -> None:
    (elsewhere / "a.md").write_text("# Office\n\n## Dates\nThe office opens on May 6 in Lisbon.\n", encoding="utf-8")
    qa("index", ".")
    told = json.loads(qa("ask", "When does the office open in Lisbon?", "--json").stdout)
    assert told["answered"]
    assert "#" not in told["citations"][0]["context"]
    assert "Dates" not in told["answer"]


def test_bytes_that_are_no_text_cost_a_batch_one_line(article_storage: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    lines = [
        b'\xef\xbb\xbf{"question": "Who?"}',
        b'{"question": "\xff"}',
        b"[" * 100_000,
        b'{"id": NaN, "question": "x"}',
    ]
    file.write_bytes(b"\n".join([*lines, b'{"id": "\\ud800", "question": "x"}', b'{"id": 6, "question": "Why?"}']))
    result = qa("ask", "--batch", file, "--storage", article_storage)
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert ["error" in reply for reply in told] == [False, True, True, True, True, False]
    assert told[5]["id"] == 6


def test_pruning_takes_out_what_is_ignored_now_and_a_mistyped_path_is_an_error(elsewhere: Path) -> None:
    (elsewhere / "notes").mkdir()
    (elsewhere / "notes" / "a.txt").write_text("Tea is hot.", encoding="utf-8")
    (elsewhere / "notes" / "secret.txt").write_text("The code is 7.", encoding="utf-8")
    qa("index", "notes", "--embedder", "word-length")
    (elsewhere / "notes" / ".footnoteignore").write_text("secret.txt\n", encoding="utf-8")
    assert "1 removed" in qa("index", "notes/", "--prune").stderr
    assert "typo" in failed(qa("index", "typo/", "--prune", "--storage", "other"))
    assert not (elsewhere / "other").exists()
