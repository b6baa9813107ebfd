"""What is next is read and embedded while what came before is written: no core waits for another or for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, TypeVar

from index.config import load_settings

Item = TypeVar("Item")
Read = TypeVar("Read")
Made = TypeVar("Made")

AHEAD = 2
"""Groups that wait, for each thread that makes; more would only take memory."""
LOOK_SECONDS = 0.1
"""How long who waits for room takes to notice that nobody will make any."""


class Ahead(Generic[Item, Read, Made]):
    """Items → groups of what was read of them → what is made of a group, in order, some ahead of `next`.

    `read` runs in `readers` threads; a group is as many as `weigh` at least `enough` together; `make` runs in as many
    threads as an inference may have. What is in memory is bounded: some `readers` items and AHEAD groups a thread, and
    a group is below `enough` but for its last item. Use as a context manager: leaving it drops what was not asked for;
    `stop` is called where an error or Ctrl-C is why, to end what the threads are doing."""

    def __init__(
        self,
        items: Sequence[Item],
        read: Callable[[Item], Read],
        weigh: Callable[[Read], int],
        make: Callable[[list[Read]], Made],
        stop: Callable[[], None],
        *,
        enough: int,
        readers: int = 1,
    ) -> None:
        threads = load_settings().inference_threads
        self._items, self._read, self._weigh, self._make, self._stop = items, read, weigh, make, stop
        self._enough, self._readers = enough, readers
        self._reading = ThreadPoolExecutor(readers, "read")
        self._making = ThreadPoolExecutor(threads, "embed")
        self._begun: Queue[Future[Made] | None] = Queue(AHEAD * threads)
        self._held: Future[Made] | None = None
        self._left = Event()
        self._gathering = Thread(target=self._gather, name="gather", daemon=True)

    def next(self) -> list[Made]:
        """Of the next group, and of those after it that are made already; none after the last. Raises what reading or
        making one raised, after those before it."""
        first = self._held or self._begun.get()
        self._held = None
        if first is None:
            self._begun.put(None)
            return []
        made = [first.result()]
        while (ready := self._taken()) is not None:
            made.append(ready.result())
        return made

    def _taken(self) -> Future[Made] | None:
        """The next group if it is made and nothing went wrong with it; else it is held for the next call."""
        try:
            begun = self._begun.get_nowait()
        except Empty:
            return None
        if begun is None:
            self._begun.put(None)
            return None
        if begun.done() and begun.exception() is None:
            return begun
        self._held = begun
        return None

    def _gather(self) -> None:
        group: list[Read] = []
        weight = 0
        try:
            for read in self._all_read():
                group.append(read)
                weight += self._weigh(read)
                if weight >= self._enough:
                    self._put(self._making.submit(self._make, group))
                    group, weight = [], 0
            if group:
                self._put(self._making.submit(self._make, group))
        except BaseException as exc:  # whoever asks for the next is told
            failed: Future[Made] = Future()
            failed.set_exception(exc)
            self._put(failed)
        self._put(None)

    def _all_read(self) -> Iterator[Read]:
        """In order, as many ahead as there are readers."""
        begun: deque[Future[Read]] = deque()
        for item in self._items:
            begun.append(self._reading.submit(self._read, item))
            if len(begun) > self._readers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def _put(self, begun: Future[Made] | None) -> None:
        while not self._left.is_set():
            try:
                self._begun.put(begun, timeout=LOOK_SECONDS)
            except Full:
                continue
            else:
                return

    def __enter__(self) -> Ahead[Item, Read, Made]:
        self._gathering.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left.set()
        self._making.shutdown(wait=False, cancel_futures=True)
        self._reading.shutdown(wait=False, cancel_futures=True)
        if error is not None:
            self._stop()
        self._gathering.join()
        self._reading.shutdown()
        self._making.shutdown()
