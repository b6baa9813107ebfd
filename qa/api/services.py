"""What every route works with. Questions from every door (REST, OpenAI-compatible, MCP, pages) are asked here, so that
they wait in one queue and are counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from index import Index
from index.manifest import storage_name
from index.store import EVERYWHERE, Where, local_folder
from qa.api.metrics import Metrics
from qa.assistant import Assistant, Event
from qa.types import Answer, History
from qa.worker import Worker

Result = TypeVar("Result")

WRITING = 8
"""Questions that are answered at a time where a language model writes: most of the time is spent waiting for it."""


@dataclass(frozen=True, slots=True)
class Services:
    """One assistant, the worker that may ask it and the one that may change its index, and the folder where the index
    and its companions are kept."""

    assistant: Assistant
    worker: Worker
    changes: Worker
    storage: Path
    metrics: Metrics

    @property
    def index(self) -> Index:
        return self.assistant.index

    async def ask(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Answer:
        """`Assistant.ask` on the worker. Raises QuestionError, Overloaded."""
        if _writes(self.assistant):  # in steps, so that who gives up ends what may take a minute
            async with aclosing(self.stream(question, history, where, strictness=strictness)) as events:
                *_, last = [event async for event in events]
            answer: Answer = last.data
            return answer
        with self.metrics.question() as told:
            return told(
                await self.worker.run_async(lambda: self.assistant.ask(question, history, where, strictness=strictness))
            )

    def ask_blocking(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Answer:
        """`ask` for who is on a thread of their own, and never of a language model: the page tries questions so."""
        asked = self.assistant.unaided() if _writes(self.assistant) else self.assistant
        with self.metrics.question() as told:
            return told(self.worker.run(lambda: asked.ask(question, history, where, strictness=strictness)))

    def close(self) -> None:
        """Finish what runs, drop what waits."""
        self.worker.close()
        self.changes.close()

    async def stream(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> AsyncGenerator[Event, None]:
        """`Assistant.stream` from the worker. Raises as `ask` does, all but bugs before the first event."""
        with self.metrics.question() as told:
            steps = self.worker.stream(lambda: self.assistant.stream(question, history, where, strictness=strictness))
            async with aclosing(steps):
                async for event in steps:
                    if event.name == "answer":
                        told(event.data)
                    yield event


def open_services(assistant: Assistant, storage: str | Path | None = None) -> Services:
    """Services over an assistant, with workers of their own; `storage` is the settings' when left out."""
    worker = Worker.for_questions(WRITING if _writes(assistant) else 0)
    folder = local_folder(storage_name(storage))
    return Services(assistant, worker, Worker.for_changes(), folder, Metrics(assistant.index, worker))


def _writes(assistant: Assistant) -> bool:
    """Whether a language model writes its answers; what only asks and streams, as an assistant does, has none."""
    return getattr(assistant, "writer", None) is not None


async def unless_gone(request: Request, result: Awaitable[Result]) -> Result:
    """The result, unless the client closes the connection first: then what waits is cancelled and ClientDisconnect
    is raised. The request's body must have been read."""
    working = asyncio.ensure_future(result)
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        leaving.cancel()
        working.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
