"""A source file → its canonical text, read in a child process (`index.formats`).

The child keeps two promises: the process that asks and answers never pays for importing parsers, and a file on
which one hangs, crashes or eats memory costs that file only (the child limits its own memory and processor time, is
killed when it waits for ever, and is started anew). Parent and child exchange one JSON line a file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import IO, Any

from index.config import Settings, load_settings
from index.errors import SourceUnreadable
from index.formats import MORE_MEMORY, Reading

START_SECONDS = 300
"""How long the child may take to load its libraries, which on a busy machine is not the file's fault."""
PATIENCE = 5 if find_spec("resource") else 1
"""`read_seconds` are processor time where the system counts it: on a busy machine they may take so many times more."""
READY = '{"ready"'
TOO_LONG = (-9, -24)
"""How a child ends that we (SIGKILL) or its limit on processor time (SIGXCPU) have stopped."""
NO_MEMORY = b"memory allocation of"
"""The last words of a parser written in Rust that its limit on memory has stopped: it cannot raise an error then."""
LAST_WORDS = 20_000
"""Bytes of what a child has said that are looked at."""


class SourceReader:
    """Reads one file after another; the child starts with the first. Use as a context manager."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load_settings()
        self._child: subprocess.Popen[str] | None = None
        self._said: IO[bytes] | None = None

    def read(self, path: Path) -> Reading:
        """The canonical text of a file, and what is known of its build. Raises SourceUnreadable with the file's name
        and why. What each format's text is: `index.formats`."""
        try:
            size = path.stat().st_size
        except OSError as exc:
            raise SourceUnreadable(f"{path}: {_unreadable(exc)}") from exc
        if size > self._settings.max_file_mb * 1_000_000:
            raise SourceUnreadable(
                f"{path}: {size / 1e6:.0f} MB is over the limit of {self._settings.max_file_mb} MB. "
                "Split the file or raise FOOTNOTE_MAX_FILE_MB."
            )
        reply = self._asked(path)
        if "error" in reply:
            raise SourceUnreadable(f"{path}: {reply['error']}")
        return Reading.from_json(reply)

    def _asked(self, path: Path) -> dict[str, Any]:
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(str(path)) + "\n")
            child.stdin.flush()
            line = _line(child, START_SECONDS)
            if line.startswith(READY):
                line = _line(child, self._settings.read_seconds * PATIENCE)
        except BrokenPipeError:
            line = ""
        if not line:
            return {"error": self._why_ended(child)}
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _running(self) -> subprocess.Popen[str]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 (close() does)
            self._child = _started(self._said)
        return self._child

    def stop(self) -> None:
        """End what another thread is reading: it fails. `close` is still to be called."""
        if (child := self._child) is not None:
            child.kill()

    def _why_ended(self, child: subprocess.Popen[str]) -> str:
        """Why a child gave no answer; it has ended when this returns."""
        try:
            code = child.wait(timeout=10)
        except subprocess.TimeoutExpired:  # its output is closed, but it goes on
            child.kill()
            code = child.wait()
        if code in TOO_LONG:
            return (
                f"reading it takes over {self._settings.read_seconds} s. Split the file or raise FOOTNOTE_READ_SECONDS."
            )
        if NO_MEMORY in self._last_words():
            return MORE_MEMORY
        return f"the program that reads such files failed on it (exit code {code}), so it was left out."

    def _last_words(self) -> bytes:
        assert self._said is not None
        self._said.seek(-min(LAST_WORDS, self._said.seek(0, os.SEEK_END)), os.SEEK_END)
        return self._said.read()

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None
        if self._said is not None:
            self._said.close()
            self._said = None

    def __enter__(self) -> SourceReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _line(child: subprocess.Popen[str], seconds: float) -> str:
    """The child's next line; "" when none comes in time: it is killed then."""
    assert child.stdout is not None
    timer = Timer(seconds, child.kill)
    timer.daemon = True  # Ctrl-C may come between its start and the try: the process must not wait for it then
    timer.start()
    try:
        return child.stdout.readline()
    finally:
        timer.cancel()


def _started(said: IO[bytes]) -> subprocess.Popen[str]:
    """The child; what it and its libraries have to say goes to `said`."""
    here = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        # -P: a folder of the user's that happens to be called "index" must not be imported instead of this one.
        [sys.executable, "-P", "-m", "index.formats"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"},
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}). Check that it exists and that you may read it."
