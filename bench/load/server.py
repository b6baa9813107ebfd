"""`qa serve` in a process of its own, and how large it is."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import click
import httpx

from bench.warm import SEEDS
from index import sync

START_SECONDS = STOP_SECONDS = 300


@dataclass(frozen=True)
class Server:
    """`folder` holds its storage and what it puts aside (`tmp`)."""

    address: str
    pid: int
    folder: Path

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def size(self) -> dict[str, float]:
        """Memory of its own in MB (what is mapped from files goes and comes back as the system likes), file handles,
        threads, child processes, files in its temporary folder and storage."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return {
            "memory, MB": int(lines["RssAnon"].split()[0]) / 1024,
            "file handles": len(os.listdir(f"/proc/{self.pid}/fd")),
            "threads": int(lines["Threads"]),
            "processes": len(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()),
            "temporary files": _files(self.folder / "tmp"),
            "files in the storage": _files(self.storage),
        }


def _files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


@contextmanager
def server() -> Iterator[Server]:
    """`qa serve` over the article."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sync([SEEDS], folder / "storage")
        with started([*_QA, "serve", "--storage", str(folder / "storage"), "--port"], folder) as (address, pid):
            yield Server(address, pid, folder)


_QA = [sys.executable, "-m", "qa.cli"]


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[tuple[str, int]]:
    """(address, process id) of a command that serves on the port that is its last argument, once /healthz answers."""
    (folder / "tmp").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, str(port)],
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is the bench's: it still has to say what it saw
    )
    address, until = f"http://127.0.0.1:{port}", monotonic() + START_SECONDS
    try:
        while not _up(address):
            if process.poll() is not None or monotonic() > until:
                raise click.ClickException("The server did not start.")
        yield address, process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise click.ClickException("The server did not stop when it was told to.") from None


def _up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        time.sleep(0.5)
        return False


async def indexed(folder: Path, to: Server) -> None:
    """`qa index FOLDER` into the server's storage, as somebody does it while others ask."""
    command = [*_QA, "index", str(folder), "--storage", str(to.storage)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    if process.returncode:
        raise click.ClickException(f"qa index failed: {told.decode()}")
