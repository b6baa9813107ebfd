"""How soon a model's work ends when whoever asked leaves:  python -m tests.qa.llm.leaving [--times 20]

`qa serve`'s app on a port, a scripted model behind it; the client closes its connection. Measured is the time from
there until the model's server sees its own connection closed.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from fastapi import FastAPI

from index import sync
from qa import open_assistant
from qa.api import create_app
from tests.conftest import ARTICLE
from tests.qa.api.conftest import served
from tests.qa.llm.server import Server, Turn, serving

QUESTION = "How long will the memorandum be in force?"
KINDS = {
    "silent": Turn("late", silence=90),
    "four pieces a second": Turn("The memorandum will be in force. " * 60, pause=0.25),
    "a hundred pieces a second": Turn("The memorandum will be in force. " * 600, pause=0.01),
}
PATHS = ("/api/ask/stream", "/api/ask")


def left(server: Server, address: str, path: str) -> float:
    """Seconds from leaving until the model's server knows. The client leaves once the model has been asked and, where
    it speaks, half a second later."""
    body = json.dumps({"question": QUESTION}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/json\r\n\r\n"
    asked = len(server.requests)
    server.gone.clear()
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as client:
        client.sendall(head.encode() + body)
        while len(server.requests) == asked:
            time.sleep(0.005)
        time.sleep(0.5)
        begun = time.monotonic()
    if not server.gone.wait(60):
        raise click.ClickException("The model's work went on for a minute.")
    return server.gone_at - begun


@contextmanager
def app(server: Server) -> Iterator[FastAPI]:
    with tempfile.TemporaryDirectory() as storage:
        sync([ARTICLE], storage)
        assistant = open_assistant(storage, llm=server.spec("ollama"), llm_seconds=100)
        yield create_app(assistant, pages=False, storage=Path(storage))
        assistant.index.close()


@click.command(help=__doc__)
@click.option("--times", default=20, show_default=True)
def main(times: int) -> None:
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    for kind, turn in KINDS.items():
        with serving(turn) as server, app(server) as served_app, served(served_app) as address:
            for path in PATHS:
                took = sorted(left(server, address, path) for _ in range(times))
                click.echo(
                    f"{path:16} {kind:26} median {statistics.median(took):.2f} s, longest {took[-1]:.2f} s of {times}"
                )


if __name__ == "__main__":
    main()
