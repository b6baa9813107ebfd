"""Few threads own inference; questions wait in a bounded queue, and one too many is told so at once.

Two questions run side by side where there are two cores: one is tokenised, searched for and ranked while the other is
in the model. They share a session but never a run of it: the shipped models are quantised by the range of all that a
run is fed (DynamicQuantizeLinear), so that questions in one run would each be answered a little differently from alone
(bench/clients.py measures both).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from index.background import give_way
from index.config import load_settings
from index.errors import Overloaded

Result = TypeVar("Result")
Step = TypeVar("Step")

CHANGES_WAITING = 8
"""Uploads and removals; each may hold as much memory as a request may be large."""


class Worker:
    """Runs calls in the order in which they come, `beside` at a time. `waiting` is how many may be queued beside those
    that run; `prepare` is called once in each thread."""

    def __init__(
        self, waiting: int, beside: int = 1, *, name: str = "worker", prepare: Callable[[], None] = lambda: None
    ) -> None:
        self.limit = beside + waiting
        self._pending = 0
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(beside, name, prepare)

    @classmethod
    def for_questions(cls, beside: int = 0) -> Worker:
        """`beside` at a time, 0 being what the settings say: more where most of the time is spent waiting."""
        settings = load_settings()
        return cls(settings.queue, beside or settings.questions_at_once, name="inference")

    @classmethod
    def for_changes(cls) -> Worker:
        """For what changes the index: one at a time, and questions first."""
        return cls(CHANGES_WAITING, name="indexing", prepare=give_way)

    @property
    def pending(self) -> int:
        """Calls that run or wait."""
        return self._pending

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Raises Overloaded when the queue is full."""
        with self._lock:
            if self._pending >= self.limit:
                raise Overloaded("Too many requests are waiting. Try again in a second.")
            self._pending += 1
        try:
            future = self._executor.submit(call)
        except RuntimeError as exc:  # closed: the server is being stopped
            self._done()
            raise Overloaded("The server is stopping. Try again when it is back.") from exc
        future.add_done_callback(lambda _: self._done())
        return future

    def run(self, call: Callable[[], Result]) -> Result:
        """Wait for the result in this thread."""
        return self.submit(call).result()

    async def run_async(self, call: Callable[[], Result]) -> Result:
        """Wait for the result without blocking the event loop; a caller that gives up frees its place."""
        return await asyncio.wrap_future(self.submit(call))

    async def stream(self, steps: Callable[[], Iterator[Step]]) -> AsyncGenerator[Step, None]:
        """Each step as soon as it is made. A caller that gives up frees its place, and what runs stops at its next
        step. The iterator is made, run and closed on the inference thread; what it raises is raised here."""
        loop = asyncio.get_running_loop()
        made: asyncio.Queue[Step | None] = asyncio.Queue()
        given_up = threading.Event()

        def tell(step: Step | None) -> None:
            with suppress(RuntimeError):  # the loop has been closed meanwhile: nobody listens
                loop.call_soon_threadsafe(made.put_nowait, step)

        def run() -> None:
            iterator = steps()
            try:
                for step in iterator:
                    if given_up.is_set():
                        return
                    tell(step)
            finally:
                getattr(iterator, "close", lambda: None)()

        future = self.submit(run)
        future.add_done_callback(lambda _: tell(None))
        try:
            while (step := await made.get()) is not None:
                yield step
            future.result()
        finally:
            given_up.set()
            future.cancel()

    def close(self) -> None:
        """Finish what is running, drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _done(self) -> None:
        with self._lock:
            self._pending -= 1
