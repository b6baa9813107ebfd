"""Zip archives that are not trusted: what they hold is counted as it is unpacked, whatever they claim."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from types import TracebackType

from index.formats import Limits, Refused

BLOCK = 1 << 20


def is_archive(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Archive:
    """A zip whose unpacked size and number of entries were checked when it was opened. Use as a context manager.

    Raises Refused for one that is damaged, encrypted, or over the limits.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as exc:
            raise Refused(_damaged(exc)) from exc
        try:
            self._check(limits)
        except BaseException:
            self._zip.close()
            raise
        self._names = set(self._zip.namelist())

    def _check(self, limits: Limits) -> None:
        entries = self._zip.infolist()
        if len(entries) > limits.entries:
            raise Refused(f"it holds {len(entries):,} files inside; {limits.entries:,} are read at most.")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("it is protected by a password. Save it without one.")
        left = limits.unpacked_mb * 1_000_000
        try:
            for entry in entries:
                with self._zip.open(entry) as file:
                    while block := file.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise Refused(
                                f"it is over {limits.unpacked_mb} MB when unpacked. "
                                "Split it or raise FOOTNOTE_MAX_UNPACKED_MB."
                            )
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as exc:
            raise Refused(_damaged(exc)) from exc

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """An entry's bytes. Raises Refused when it is not there."""
        if name not in self._names:
            raise Refused(f"it is damaged: {name} is missing in it.")
        return self._zip.read(name)

    def mimetype(self) -> str:
        """What the entry of this name says, "" where there is none."""
        return self.read("mimetype").decode("ascii", "replace").strip() if "mimetype" in self else ""

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()


def _damaged(error: Exception) -> str:
    return f"it is damaged ({error}). Was it copied or downloaded whole?"
