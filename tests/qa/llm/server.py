"""A real HTTP server that speaks OpenAI's, Anthropic's and Ollama's chat protocols, and does what a test tells it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = str | Callable[[str], str]
"""The reply, or what makes it from the prompt."""


@dataclass(frozen=True)
class Turn:
    """How one request is answered. `chunk`: characters a piece; `split_bytes` cuts what goes over the wire into pieces
    of so many bytes, also within a character; `breaks_after`: closes the connection after so many pieces; `pause`:
    seconds before each piece; `silence`: seconds before anything; `raw`: sent instead of the protocol; `reason`: why
    it says that it ended."""

    said: Said = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunk: int = 7
    split_bytes: int = 0
    breaks_after: int | None = None
    pause: float = 0.0
    silence: float = 0.0
    raw: bytes | None = None
    reason: str = "stop"


class Server:
    """`turns` are used one a request, the last for all that follow. `requests` holds the bodies that came;
    `gone` is set once a client has left before its reply was finished, `gone_at` tells when, on the monotonic clock."""

    def __init__(self, turns: list[Turn]) -> None:
        self.turns = turns
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.gone = threading.Event()
        self.gone_at = 0.0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that leaves is no news

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def spec(self, protocol: str) -> str:
        return f"{protocol}:test@{self.url}{'/v1' if protocol.startswith('openai') else ''}"

    def prompt(self, number: int = -1) -> str:
        return "\n".join(_said(message["content"]) for message in self.requests[number]["messages"])

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def serving(*turns: Turn) -> Iterator[Server]:
    with Server(list(turns)) as server:
        yield server


def number_of(prompt: str, words: str) -> int:
    """The number of the first passage of the prompt that holds `words`."""
    for number, passage in re.findall(r'<passage number="(\d+)">(.*?)</passage>', prompt, re.DOTALL):
        if words in passage:
            return int(number)
    raise AssertionError(f"no passage holds {words!r}")


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.times.append(time.monotonic())
            turn = server.turns[min(len(server.requests), len(server.turns)) - 1]
            try:
                self._reply(turn, body)
            except OSError:
                server.gone_at = time.monotonic()
                server.gone.set()

        def _reply(self, turn: Turn, body: dict[str, Any]) -> None:
            self._wait(turn.silence)
            if turn.status != 200:
                text = json.dumps({"error": {"message": "scripted"}}).encode()
                self.send_response(turn.status)
                for name, value in turn.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                return
            said = turn.said if isinstance(turn.said, str) else turn.said(server.prompt())
            if not body.get("stream"):
                self._whole(said)
                return
            self.send_response(200)
            speaks, kind = next(spoken for path, spoken in PROTOCOLS.items() if self.path.endswith(path))
            self.send_header("Content-Type", kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            pieces = [said[at : at + turn.chunk] for at in range(0, len(said), turn.chunk)]
            lines = [turn.raw] if turn.raw is not None else list(speaks(pieces, turn.reason))
            for number, line in enumerate(lines):
                if number == turn.breaks_after:
                    self.close_connection = True
                    self.connection.close()
                    return
                self._wait(turn.pause)
                for part in _cut(line, turn.split_bytes):
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                    self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        def _whole(self, said: str) -> None:
            """The reply in one piece, as OpenAI's protocol has it."""
            message = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            told = {"id": "1", "object": "chat.completion", "created": 1, "model": "test", "choices": [message]}
            text = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _wait(self, seconds: float) -> None:
            """Waits, and notices at once when the client has gone."""
            until = time.monotonic() + seconds
            self.connection.settimeout(0.05)
            while time.monotonic() < until:
                try:
                    if self.connection.recv(1) == b"":
                        raise BrokenPipeError
                except TimeoutError:
                    continue
            self.connection.settimeout(None)

    return Handler


def _cut(line: bytes, size: int) -> list[bytes]:
    return [line[at : at + size] for at in range(0, len(line), size)] if size else [line]


def _openai(pieces: list[str], ended: str) -> Iterator[bytes]:
    def event(delta: dict[str, str], reason: str | None) -> bytes:
        told = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "test",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
        return f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode()

    yield event({"role": "assistant", "content": ""}, None)
    yield from (event({"content": piece}, None) for piece in pieces)
    yield event({}, ended)
    yield b"data: [DONE]\n\n"


def _ollama(pieces: list[str], ended: str) -> Iterator[bytes]:
    def line(text: str, done: bool) -> bytes:
        told: dict[str, Any] = {"model": "test", "created_at": "2026-01-01T00:00:00Z", "done": done}
        told["message"] = {"role": "assistant", "content": text}
        return (json.dumps(told | ({"done_reason": ended} if done else {}), ensure_ascii=False) + "\n").encode()

    yield from (line(piece, False) for piece in pieces)
    yield line("", True)


def _anthropic(pieces: list[str], ended: str) -> Iterator[bytes]:
    def event(name: str, **told: Any) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'type': name, **told}, ensure_ascii=False)}\n\n".encode()

    message = {"id": "1", "type": "message", "role": "assistant", "model": "test", "content": [], "stop_reason": None}
    yield event("message_start", message={**message, "usage": {"input_tokens": 1, "output_tokens": 1}})
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in pieces:
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    yield event(
        "message_delta",
        delta={"stop_reason": {"stop": "end_turn", "length": "max_tokens"}.get(ended, ended), "stop_sequence": None},
        usage={"output_tokens": 9},
    )
    yield event("message_stop")


PROTOCOLS = {
    "/chat/completions": (_openai, "text/event-stream"),
    "/v1/messages": (_anthropic, "text/event-stream"),
    "/api/chat": (_ollama, "application/x-ndjson"),
}


def _said(content: Any) -> str:
    """A message's text, which Anthropic's clients send in blocks."""
    return content if isinstance(content, str) else "\n".join(block["text"] for block in content)
