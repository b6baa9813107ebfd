"""Several files read side by side, each in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from types import TracebackType

from index.config import load_settings
from index.formats import Reading
from index.reading import SourceReader

FILES_A_READER = 16
"""Starting a process takes as long as reading some small files."""


def how_many(files: int) -> int:
    """Readers that so many files are worth, at most one for each thread of an inference."""
    return min(load_settings().inference_threads, 1 + files // FILES_A_READER)


class SourceReaders:
    """Reads like one `SourceReader`, in as many threads at the same time as it has of them."""

    def __init__(self, readers: Sequence[SourceReader]) -> None:
        self._all = readers
        self._free: Queue[SourceReader] = Queue()
        for reader in readers:
            self._free.put(reader)

    def read(self, path: Path) -> Reading:
        """See `SourceReader.read`; waits for a reader that is free."""
        reader = self._free.get()
        try:
            return reader.read(path)
        finally:
            self._free.put(reader)

    def stop(self) -> None:
        """End what other threads are reading: it fails."""
        for reader in self._all:
            reader.stop()

    def __enter__(self) -> SourceReaders:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for reader in self._all:
            reader.__exit__(kind, error, traceback)
