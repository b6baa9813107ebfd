"""One thread owns inference; questions wait in a bounded queue, and one too many is told so at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from index.config import load_settings
from index.errors import Overloaded

Result = TypeVar("Result")


class Worker:
    """Runs calls one after another. `waiting` is how many may be queued beside the one that runs."""

    def __init__(self, waiting: int | None = None) -> None:
        self._limit = 1 + (load_settings().queue if waiting is None else waiting)
        self._pending = 0
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Raises Overloaded when the queue is full."""
        with self._lock:
            if self._pending >= self._limit:
                raise Overloaded("Too many questions are waiting. Try again in a second.")
            self._pending += 1
        future = self._executor.submit(call)
        future.add_done_callback(self._done)
        return future

    def run(self, call: Callable[[], Result]) -> Result:
        """Wait for the result in this thread."""
        return self.submit(call).result()

    async def run_async(self, call: Callable[[], Result]) -> Result:
        """Wait for the result without blocking the event loop; a caller that gives up frees its place."""
        return await asyncio.wrap_future(self.submit(call))

    def close(self) -> None:
        """Finish what is running, drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _done(self, _: Future[Result]) -> None:
        with self._lock:
            self._pending -= 1
