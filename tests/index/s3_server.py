"""An S3 server on this machine, moto's, started and stopped by the tests."""

import atexit
import logging
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

BUCKET = "footnote"


class S3Server:
    """What it holds is in this process, and is there again when it was stopped and started."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._make = ThreadedMotoServer
        self.port = 0
        self._server: Any = None
        self.start()
        self._call("PUT", f"/{BUCKET}")
        self._beside = tempfile.mkdtemp(prefix="beside-s3-")
        os.environ.update(
            AWS_ACCESS_KEY_ID="key",
            AWS_SECRET_ACCESS_KEY="secret",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{self.port}",
            XDG_DATA_HOME=self._beside,
        )

    def uri(self, folder: Path) -> str:
        return f"s3://{BUCKET}{folder}"

    def start(self) -> None:
        self._server = self._make("127.0.0.1", self.port, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        self._server.stop()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._beside, ignore_errors=True)

    def refuse_strangers(self, allowed: int) -> None:
        """From the request after so many on, only keys that IAM knows are let in: none."""
        self._call("POST", "/moto-api/reset-auth", str(allowed).encode())

    def _call(self, method: str, path: str, data: bytes | None = None) -> None:
        headers = {"Content-Type": "text/plain"}
        with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)):
            pass


@cache
def shared() -> S3Server:
    """One for all tests of this process; each has a place of its own there."""
    server = S3Server()
    atexit.register(server.remove)
    return server
