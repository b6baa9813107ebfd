"""Milvus Lite's server on this machine, started and stopped by the tests."""

import atexit
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

START_SECONDS = 60
SERVE = "import sys; from milvus_lite.cmdline import main; sys.exit(main())"


class LiteServer:
    """One worker thread: Milvus Lite has no order among several writers, which a Milvus has."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._data = Path(tempfile.mkdtemp(prefix="milvus-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def uri(self, collection: str) -> str:
        return f"milvus+http://127.0.0.1:{self.port}/{collection}"

    def start(self) -> None:
        command = ["server", "--host", "127.0.0.1", "--port", str(self.port), "--max-workers", "1"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, *command, "--data-dir", str(self._data)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(START_SECONDS * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, "the server has ended"
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)


@cache
def shared() -> LiteServer:
    """One for all tests of this process; each has a collection of its own."""
    server = LiteServer()
    atexit.register(server.remove)
    return server
