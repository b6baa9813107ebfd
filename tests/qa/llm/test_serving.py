"""A language model behind the API and the command line: its words as they come, who leaves, who waits beside whom."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from fastapi import FastAPI

from index import Index, open_index
from qa import Assistant, open_assistant
from qa.api import create_app
from qa.cli import main
from tests.qa.api.conftest import served
from tests.qa.llm.server import Server, Turn, number_of, serving

pytest.importorskip("llama_index.llms.ollama")

QUESTION = "How long will the memorandum be in force?"
SOURCE = "The memorandum will be in force during six months"
SAID = Turn(
    lambda prompt: (
        f"{SOURCE} [{number_of(prompt, SOURCE)}]. ![It](https://example.invalid/x) was <b>written</b> by "
        f"Napoleon Bonaparte [{number_of(prompt, SOURCE)}]."
    )
)


@pytest.fixture(scope="module")
def index(article_storage: Path) -> Iterator[Index]:
    """The article; the client has been imported, which takes it a while."""
    opened = open_index(article_storage)
    with serving(SAID) as server:
        open_assistant(article_storage, llm=server.spec("ollama")).ask(QUESTION)
    yield opened
    opened.close()


def app(storage: Path, server: Server, seconds: float = 100) -> FastAPI:
    assistant = open_assistant(storage, llm=server.spec("ollama"), llm_seconds=seconds)
    return create_app(assistant, pages=False, storage=storage)


def events(text: str) -> list[tuple[str, str]]:
    """(name, data) of each server-sent event."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], block["data"]) for block in blocks]


@pytest.mark.usefixtures("index")
def test_words_sentences_and_footnotes_stream_and_the_last_event_is_the_answer(article_storage: Path) -> None:
    with serving(SAID) as server, served(app(article_storage, server)) as address:
        told = events(httpx.post(f"{address}/api/ask/stream", json={"question": QUESTION}, timeout=100).text)
        whole = httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=100).json()
    assert [name for name, _ in told if name != "delta"] == [
        "standalone_question", "passages", "text", "citation", "text", "answer",
    ]  # fmt: skip
    assert "".join(json.loads(data)["text"] for name, data in told if name == "delta").startswith(SOURCE)
    answer = json.loads(told[-1][1])
    assert answer["mode"] == whole["mode"] == "llm"
    assert [s["status"] for s in answer["sentences"]] == ["quoted", "unsupported"]
    assert answer["sentences"] == whole["sentences"]
    assert "notice" not in whole


@pytest.mark.usefixtures("index")
def test_what_no_source_says_is_struck_in_other_people_s_chat_windows_and_nothing_in_it_is_live(
    article_storage: Path,
) -> None:
    asked = {"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]}
    with serving(SAID) as server, served(app(article_storage, server)) as address:
        reply = httpx.post(f"{address}/v1/chat/completions", json=asked, timeout=100).json()
        chunks = httpx.post(f"{address}/v1/chat/completions", json={**asked, "stream": True}, timeout=100).text
    content = reply["choices"][0]["message"]["content"]
    said, _, _ = content.partition("\n\n[1] ")
    assert said == f"{SOURCE} [1] ~~It was \\<b>written\\</b> by Napoleon Bonaparte.~~ (no source says this)"
    pieces = [json.loads(line[6:]) for line in chunks.splitlines() if line.startswith("data: {")]
    assert "".join(piece["choices"][0]["delta"].get("content") or "" for piece in pieces) == content


@pytest.mark.usefixtures("index")
def test_a_model_that_cannot_be_reached_is_named_and_the_sources_answer(article_storage: Path) -> None:
    with serving(Turn(status=404)) as server, served(app(article_storage, server)) as address:
        told = events(httpx.post(f"{address}/api/ask/stream", json={"question": QUESTION}, timeout=100).text)
        whole = httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=100).json()
    names = [name for name, _ in told if name != "delta"]
    assert names == ["standalone_question", "passages", "notice", "text", "citation", "answer"]
    assert (whole["mode"], whole["answer"]) == ("extractive", "six months")
    assert "answered 404" in whole["notice"]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
def test_who_leaves_ends_the_work_though_the_model_is_silent(article_storage: Path, path: str) -> None:
    with serving(Turn("late", silence=90)) as server, served(app(article_storage, server)) as address:
        body = json.dumps({"question": QUESTION}).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/json\r\n\r\n"
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as client:
            client.sendall(head.encode() + body)
            while not server.requests:
                time.sleep(0.05)
        assert server.gone.wait(20)


@pytest.mark.usefixtures("index")
def test_one_who_waits_for_the_model_does_not_hold_up_the_next(article_storage: Path) -> None:
    silent = Turn("late", silence=90)
    with serving(silent, SAID) as server, served(app(article_storage, server)) as address:

        def wait() -> None:
            # The server ends before the model speaks: this one is cut off or told so, whichever comes first.
            with contextlib.suppress(httpx.HTTPError):
                httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=60)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        while not server.requests:
            waiting.join(0.05)
        reply = httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=60).json()
        assert reply["mode"] == "llm"
        assert not server.gone.is_set()


@pytest.mark.usefixtures("index")
def test_questions_that_the_page_tries_are_not_sent_to_the_model(article_storage: Path) -> None:
    with serving(SAID) as server:
        assistant = open_assistant(article_storage, llm=server.spec("ollama"))
        assert isinstance(assistant, Assistant)
        assert assistant.unaided().ask(QUESTION).mode == "extractive"
        assert server.requests == []
        assistant.index.close()


@pytest.mark.usefixtures("index")
def test_the_command_line_shows_the_model_s_answer_and_flags_what_no_source_says(article_storage: Path) -> None:
    with serving(SAID) as server:
        told = CliRunner().invoke(
            main, ["ask", QUESTION, "--storage", str(article_storage), "--llm", server.spec("ollama")]
        )
    assert told.exit_code == 0
    assert f"{SOURCE} [1]" in told.stdout
    assert "[no source says this]" in told.stdout


@pytest.mark.parametrize(("spec", "fix"), [("llama", "ollama:MODEL"), ("openai:gpt", "Set OPENAI_API_KEY")])
def test_a_model_that_cannot_be_named_is_one_line_that_says_what_to_do(
    article_storage: Path, spec: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    told = CliRunner().invoke(main, ["ask", "Who?", "--storage", str(article_storage), "--llm", spec])
    assert told.exit_code == 1
    (line,) = told.stderr.strip().splitlines()
    assert fix in line
