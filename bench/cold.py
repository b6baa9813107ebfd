"""From the start of a process to a printed answer on the article's index, and to a server that is ready.

    python -m bench.cold

Beside it: a process that only imports what answering cannot do without (numpy, onnxruntime, tokenizers), and one that
asks the same of a llama-index VectorStoreIndex with HuggingFaceEmbedding, loaded from the disk.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import click

from bench import peers
from bench.measure import in_turns, p50, p95, ratio, summary, table, write

QUESTION = "How long will the memorandum be in force?"
FLOOR = "import numpy, onnxruntime, tokenizers"
SEEDS = Path(__file__).parent.parent / "seeds"


def environment() -> dict[str, str]:
    """Python may keep what it compiled, as it does by default: who installs Footnote compiles it once."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def process(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, env=environment())

    return run


def serving(storage: str, path: str, body: bytes | None = None) -> Callable[[], None]:
    """Start a server and wait until `path` answers."""

    def run() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "qa.cli", "serve", "--storage", storage, "--port", str(port)]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"} if body else {}
        )
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        try:
            while server.poll() is None:
                try:
                    urllib.request.urlopen(request, timeout=60).close()
                    return
                except (urllib.error.URLError, OSError):
                    time.sleep(0.005)
            raise click.ClickException(f"The server stopped with exit code {server.returncode}.")
        finally:
            server.kill()
            server.wait()

    return run


@click.command(help=__doc__)
@click.option("--rounds", default=10, show_default=True)
@click.option("--peers/--no-peers", "beside", default=True, help="llama-index takes 20 seconds and more a round.")
def main(rounds: int, beside: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        storage, theirs = os.path.join(scratch, "ours"), os.path.join(scratch, "theirs")
        process("-m", "qa.cli", "index", str(SEEDS), "--storage", storage)()
        jobs = {
            "imports alone": process("-c", FLOOR),
            "qa ask": process("-m", "qa.cli", "ask", QUESTION, "--storage", storage),
            "qa serve, ready": serving(storage, "/healthz"),
            "qa serve, first answer": serving(storage, "/api/ask", json.dumps({"question": QUESTION}).encode()),
            "qa serve, the page": serving(storage, "/"),
        }
        taken = in_turns(jobs, rounds, "Footnote")
        ratios = {name: ratio(seconds, taken["imports alone"]) for name, seconds in taken.items()}
        if beside:
            peers.build(Path(theirs), SEEDS)
            both = {
                "qa ask, beside llama-index": jobs["qa ask"],
                "llama-index": process("-m", "bench.peers", "ask", theirs, QUESTION),
            }
            taken |= in_turns(both, max(2, rounds // 4), "llama-index")
    rows = [
        [name, f"{p50(seconds):.2f} s", f"{p95(seconds):.2f} s", f"{ratios[name]:.1f}" if name in ratios else ""]
        for name, seconds in taken.items()
    ]
    told = table(["process start to …", "p50", "p95", "times the imports"], rows)
    results = {"jobs": summary(taken), "times the imports": ratios}
    if beside:
        results["llama-index / qa ask"] = ratio(taken["llama-index"], taken["qa ask, beside llama-index"])
        told += (
            f"\n\n`qa ask` is {results['llama-index / qa ask']:.1f} times as fast as llama-index, measured in turns."
        )
    write("cold", "python -m bench.cold", told, results)


if __name__ == "__main__":
    main()
