"""Resident memory of `qa serve` with the article: when it is ready, once its page is up, and after questions.

python -m bench.memory
"""

from __future__ import annotations

import itertools
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import click

from bench.cold import environment
from bench.measure import table, write
from bench.warm import SEEDS, questions


@click.command(help=__doc__)
@click.option("--asked", default=1000, show_default=True, help="Questions.")
def main(asked: int) -> None:
    with tempfile.TemporaryDirectory() as storage:
        subprocess.run([sys.executable, "-m", "qa.cli", "index", str(SEEDS), "--storage", storage], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "qa.cli", "serve", "--storage", storage, "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())
        try:
            rows = [("ready", _resident(server, lambda: _get(port, "/healthz")))]
            rows.append(("the page is up", _resident(server, lambda: _get(port, "/"))))
            every = itertools.cycle(questions())
            for count in (1, asked // 2, asked):
                with click.progressbar(range(count), label=f"{count} questions") as shown:
                    for _ in shown:
                        _ask(port, next(every))
                name = "the first question" if count == 1 else f"{count} more questions"
                rows.append((name, _resident(server, lambda: None)))
        finally:
            server.terminate()
            server.wait()
    told = table(["qa serve", "resident"], [[name, f"{size:.0f} MB"] for name, size in rows])
    write("memory", "python -m bench.memory", told, {name: {"resident_mb": size} for name, size in rows})


def _resident(server: subprocess.Popen[bytes], ready: object) -> float:
    """MB of the process when `ready` has come true."""
    for _ in range(6000):
        try:
            ready()  # type: ignore[operator]
            break
        except OSError:
            time.sleep(0.02)
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    if found is None:
        raise click.ClickException("The system does not tell how much memory the server takes.")
    return int(found[1]) / 1000


def _get(port: int, path: str) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).close()


def _ask(port: int, question: str) -> None:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/ask", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


if __name__ == "__main__":
    main()
