"""What is next is read and embedded while what came before is written: no core waits for another or for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

from index.config import load_settings

Item = TypeVar("Item")
Read = TypeVar("Read")
Made = TypeVar("Made")

AHEAD = 2
"""Items that are read or being made for each thread, beside the one that is asked for; more would only take memory."""


class Ahead(Generic[Item, Read, Made]):
    """`make(read(item))` of each item, in order, some ahead of `next`: `read` in one thread, an item after the other,
    and `make` in as many as an inference may have. Use as a context manager: leaving it drops what was not asked for;
    `stop` is called where an error or Ctrl-C is why, to end what the two are doing."""

    def __init__(
        self,
        items: Sequence[Item],
        read: Callable[[Item], Read],
        make: Callable[[Read], Made],
        stop: Callable[[], None],
    ) -> None:
        threads = load_settings().inference_threads
        self._left: Iterator[Item] = iter(items)
        self._read = read
        self._make = make
        self._stop = stop
        self._ahead = AHEAD * threads
        self._reading = ThreadPoolExecutor(1, "read")
        self._making = ThreadPoolExecutor(threads, "embed")
        self._begun: deque[Future[Made]] = deque()

    def next(self) -> Made:
        """The next item's; raises what reading or making it raised, and StopIteration after the last."""
        while len(self._begun) <= self._ahead and (begun := self._begin()) is not None:
            self._begun.append(begun)
        if not self._begun:
            raise StopIteration
        return self._begun.popleft().result()

    def _begin(self) -> Future[Made] | None:
        for item in self._left:
            return self._making.submit(self._made, self._reading.submit(self._read, item))
        return None

    def _made(self, read: Future[Read]) -> Made:
        return self._make(read.result())

    def __enter__(self) -> Ahead[Item, Read, Made]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._making.shutdown(wait=False, cancel_futures=True)
        self._reading.shutdown(wait=False, cancel_futures=True)
        if error is not None:
            self._stop()
        self._reading.shutdown()
        self._making.shutdown()
