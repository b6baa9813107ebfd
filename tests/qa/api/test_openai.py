"""The OpenAI-compatible routes, with the clients that people have: openai's own, and Simon Willison's llm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient
from openai.types.chat import ChatCompletionMessageParam

from qa import Assistant
from qa.api.footnotes import with_footnotes, without_footnotes
from qa.api.openai import conversation
from qa.api.openai_schema import ChatMessage
from tests.qa.api.conftest import LOCAL

QUESTION = "How long will the memorandum be in force?"


@pytest.fixture(scope="module")
def ai(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0) as opened:
        yield opened


def user(text: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": text}


def test_a_completion_is_the_answer_with_its_footnotes(ai: openai.OpenAI, assistant: Assistant) -> None:
    told = ai.chat.completions.create(model="footnote", messages=[user(QUESTION)])
    ours = assistant.ask(QUESTION)
    message = told.choices[0].message
    assert message.content == with_footnotes(ours)
    assert message.content.startswith("six months [1]\n\n[1] Fourth round of Astana talks")
    assert told.choices[0].finish_reason == "stop"
    assert told.model_extra
    assert told.model_extra["answer"]["citations"] == [citation.to_dict() for citation in ours.citations]


def test_citations_are_in_the_message_as_everywhere_and_in_openais_form(ai: openai.OpenAI) -> None:
    message = ai.chat.completions.create(model="footnote", messages=[user(QUESTION)]).choices[0].message
    (citation,) = (message.model_extra or {})["citations"]
    assert (citation["quote"], citation["start"], citation["end"]) == ("six months", 3167, 3177)
    assert message.annotations
    place = message.annotations[0].url_citation
    assert (message.content or "")[place.start_index : place.end_index] == "[1]"
    assert place.url.endswith(f"/api/documents/{citation['document']['id']}")


def test_usage_counts_word_pieces(ai: openai.OpenAI) -> None:
    usage = ai.chat.completions.create(model="footnote", messages=[user(QUESTION)]).usage
    assert usage
    assert usage.prompt_tokens == 9  # eight words and the question mark
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens > 20


@pytest.mark.parametrize("question", [QUESTION, "Who painted the Mona Lisa?"])
def test_the_chunks_of_a_stream_are_the_completion(ai: openai.OpenAI, question: str) -> None:
    whole = ai.chat.completions.create(model="footnote", messages=[user(question)])
    chunks = list(
        ai.chat.completions.create(
            model="footnote", messages=[user(question)], stream=True, stream_options={"include_usage": True}
        )
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-2:] == [None, "stop"]
    assert chunks[-1].usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1
    extras = [chunk.choices[0].delta.model_extra or {} for chunk in chunks if chunk.choices]
    cited = [extra["citations"] for extra in extras if "citations" in extra]
    assert cited == [(whole.choices[0].message.model_extra or {})["citations"]]


def test_without_include_usage_no_chunk_has_it(ai: openai.OpenAI) -> None:
    chunks = list(ai.chat.completions.create(model="footnote", messages=[user(QUESTION)], stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_earlier_turns_are_the_history(ai: openai.OpenAI, assistant: Assistant) -> None:
    first = ai.chat.completions.create(model="footnote", messages=[user("Who signed the memorandum?")])
    said = first.choices[0].message.content or ""
    told = ai.chat.completions.create(
        model="footnote",
        messages=[
            {"role": "system", "content": "Be brief."},
            user("Who signed the memorandum?"),
            {"role": "assistant", "content": said},
            user("And for how long?"),
        ],
    )
    answer = (told.model_extra or {})["answer"]
    ours = assistant.ask("And for how long?", [("Who signed the memorandum?", without_footnotes(said))])
    assert answer["standalone_question"] == ours.standalone_question != "And for how long?"
    assert answer["question"] == "And for how long?"


def test_a_conversation_is_turns_without_footnotes_and_what_was_too_long_is_left_out() -> None:
    messages = [
        ChatMessage(role="system", content="S"),
        ChatMessage(role="user", content="x" * 2001),
        ChatMessage(role="assistant", content="too long"),
        ChatMessage(role="user", content="one?"),
        ChatMessage(role="assistant", content="1 [1] and 2 [2]\n\n[1] Title (a.txt): “1”\n[2] Title (b.txt): “2”"),
        ChatMessage(role="user", content="two?"),
        ChatMessage(role="tool", content="ignored"),
        ChatMessage.model_validate({"role": "user", "content": [{"type": "text", "text": "three?"}]}),
    ]
    assert conversation(messages) == ("three?", [("one?", "1 and 2"), ("two?", "")])


def test_footnotes_come_off_as_they_were_put_on(assistant: Assistant) -> None:
    for question in (QUESTION, "Who signed the memorandum?", "Who painted the Mona Lisa?"):
        answer = assistant.ask(question)
        assert without_footnotes(with_footnotes(answer)) == answer.text


def test_a_document_cannot_make_a_chat_window_fetch_a_picture(assistant: Assistant) -> None:
    from dataclasses import replace

    answer = assistant.ask(QUESTION)
    bad = "six ![months](http://example.invalid/x.png) <img src=http://example.invalid/y.png>"
    sentence = replace(answer.sentences[0], text=bad)
    citation = replace(answer.citations[0], context=bad)
    shown = with_footnotes(replace(answer, sentences=(sentence,), citations=(citation,)))
    assert "![" not in shown.replace("\\![", "")
    assert "<img" not in shown.replace("\\<img", "")


def test_models_are_listed_and_found(ai: openai.OpenAI) -> None:
    assert [model.id for model in ai.models.list()] == ["footnote"]
    assert ai.models.retrieve("footnote").owned_by == "footnote"


def asked(ai: openai.OpenAI, **changed: Any) -> Any:
    return ai.chat.completions.create(**{"model": "footnote", "messages": [user("Who?")], **changed})


@pytest.mark.parametrize(
    ("changed", "error", "code"),
    [
        ({"model": "gpt-4o"}, openai.NotFoundError, "model_not_found"),
        ({"messages": []}, openai.BadRequestError, "request"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, openai.BadRequestError, "question"),
        ({"messages": [{"role": "user", "content": " "}]}, openai.BadRequestError, "question"),
        ({"messages": [{"role": "user", "content": "x" * 2001}]}, openai.BadRequestError, "question"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            openai.BadRequestError,
            "question",
        ),
        ({"n": 2}, openai.BadRequestError, "question"),
        ({"messages": [{"role": "user", "content": " "}], "stream": True}, openai.BadRequestError, "question"),
        ({"extra_body": {"documents": ["nope"]}}, openai.NotFoundError, "document_unknown"),
    ],
)
def test_errors_come_in_openais_form(
    ai: openai.OpenAI, changed: dict[str, Any], error: type[openai.APIStatusError], code: str
) -> None:
    with pytest.raises(error) as raised:
        asked(ai, **changed)
    assert raised.value.code == code
    assert raised.value.type == "invalid_request_error"
    assert raised.value.body


def test_what_is_no_route_is_an_error_in_openais_form(client: TestClient) -> None:
    for method, path, status in (("POST", "/v1/embeddings", 404), ("GET", "/v1/chat/completions", 405)):
        reply = client.request(method, path)
        assert reply.status_code == status
        assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


def test_what_clients_send_and_nobody_needs_is_ignored(ai: openai.OpenAI) -> None:
    told = asked(ai, temperature=0, max_tokens=5, top_p=0.1, seed=1, user="me", stop=["x"], messages=[user(QUESTION)])
    assert told.choices[0].message.content.startswith("six months")


def test_the_command_line_tool_llm_can_ask(address: str, tmp_path: Path) -> None:
    """`llm` reads OpenAI-compatible models from a file."""
    model = f'- model_id: footnote\n  model_name: footnote\n  api_base: "{address}/v1"\n'
    (tmp_path / "extra-openai-models.yaml").write_text(model)
    done = subprocess.run(
        [sys.executable, "-m", "llm", "-m", "footnote", "--key", "unused", "--no-log", QUESTION],
        env={**os.environ, "LLM_USER_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("six months [1]\n\n[1] "), done.stderr


def test_a_failure_while_streaming_is_told_in_the_stream(assistant: Assistant, tmp_path: Path) -> None:
    from collections.abc import Sequence

    from index.types import Hit
    from qa.api import create_app
    from qa.read.scripted import ScriptedReader
    from qa.types import Draft

    class Broken(ScriptedReader):
        def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
            raise RuntimeError("an inner secret")

    broken = Assistant(assistant.index, Broken({}))
    with TestClient(create_app(broken, pages=False, storage=tmp_path), LOCAL) as client:
        body = {"model": "footnote", "messages": [user("Who?")], "stream": True}
        lines = client.post("/v1/chat/completions", json=body).text.strip().split("\n\n")
    assert json.loads(lines[-1].removeprefix("data: "))["error"]["type"] == "server_error"
    assert "secret" not in str(lines)
