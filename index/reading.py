"""A source file → its canonical text, read by llama-index in a child process.

The child keeps two promises: the process that asks and answers never pays for importing llama-index, and a file on
which a parser hangs or crashes costs that file only (the child is killed after `read_seconds` and started anew).
Parent and child exchange one JSON line a file.
"""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

from index.config import Settings, load_settings
from index.errors import SourceUnreadable

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class SourceReader:
    """Reads one file after another; the child starts with the first. Use as a context manager."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load_settings()
        self._child: subprocess.Popen[str] | None = None

    def text(self, path: Path) -> str:
        """The canonical text of a text or Markdown file. Raises SourceUnreadable with the file's name and why.

        The rule: a byte-order mark chooses between UTF-8, UTF-16 and UTF-32 and is dropped; without one the bytes
        are UTF-8. CRLF and lone CR become LF. Nothing else is changed.
        """
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
        return str(reply["text"])

    def _asked(self, path: Path) -> dict[str, Any]:
        child = self._child = self._child if self._child and self._child.poll() is None else _started()
        assert child.stdin is not None
        assert child.stdout is not None
        timer = Timer(self._settings.read_seconds, child.kill)
        timer.start()
        try:
            child.stdin.write(json.dumps(str(path)) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            child.kill()
            child.wait()
            return {"error": f"reading it failed or took over {self._settings.read_seconds} s, so it was left out."}
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def __enter__(self) -> SourceReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _started() -> subprocess.Popen[str]:
    here = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        # -P: a folder of the user's that happens to be called "index" must not be imported instead of this one.
        [sys.executable, "-P", "-m", "index.reading"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"},
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )


def _serve() -> None:
    """The child: a JSON string (a path) a line in, a JSON object a line out, until the input ends."""
    replies = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    for line in sys.stdin:
        try:
            reply = {"text": read_plain(Path(json.loads(line)))}
        except UnicodeDecodeError as exc:
            reply = {"error": _undecodable(exc)}
        except OSError as exc:
            reply = {"error": _unreadable(exc)}
        except ValueError as exc:
            reply = {"error": str(exc)}
        except Exception as exc:
            reply = {"error": f"the reader failed ({type(exc).__name__})."}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def read_plain(path: Path) -> str:
    """The canonical text of a plain text file, through llama-index, strictly decoded.

    Raises UnicodeDecodeError with the offset in the file's bytes, OSError, or ValueError for a file with NULs.
    """
    from llama_index.core import SimpleDirectoryReader

    with path.open("rb") as file:
        head = file.read(4)
    bom, encoding = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), (b"", "utf-8"))
    try:
        loaded = SimpleDirectoryReader.load_file(
            path, lambda _: {}, file_extractor={}, encoding=encoding, errors="strict", raise_on_error=True
        )
    except UnicodeDecodeError as exc:
        if encoding == "utf-8-sig":  # the codec counts from behind the mark
            exc.start, exc.end = exc.start + len(bom), exc.end + len(bom)
        raise
    text = "".join(document.text for document in loaded)
    if (nul := text.find("\0")) >= 0:
        # "utf-16" and "utf-32" write a mark of their own, "utf-8-sig" that of UTF-8: as long as the file's.
        offset = len(text[:nul].encode(encoding))
        raise ValueError(
            f"a NUL at byte {offset}: this is no text, or UTF-16 without a byte-order mark. Save it as UTF-8."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}). Check that it exists and that you may read it."


def _undecodable(error: UnicodeDecodeError) -> str:
    encoding = error.encoding.upper().removesuffix("-SIG")
    return f"byte {error.start} is not {encoding} ({error.reason}). Save the file as UTF-8 and index it again."


if __name__ == "__main__":
    _serve()
