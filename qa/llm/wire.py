"""Talk to a model over the network: pieces of text as they come, within a deadline, retried where that helps.

llama-index's asynchronous clients run on an event loop of our own, in a thread of its own, so that giving up closes the
connection at once, however silent the server is; all questions share it, as the clients keep their connections.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from time import monotonic, sleep, time
from typing import Any

from index.errors import LLMError, LLMTimeout, LLMUnavailable

RETRIES = 2
BACK_OFF = 0.5
"""Seconds before the first retry; then twice as long."""
_TICK = 0.25
SAID = 200
"""Characters of a server's own words that are shown."""
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_WHY = {
    401: "the key is wrong",
    403: "the key may not use it",
    404: "it has no such model or address",
    429: "too many requests",
}
_BROKEN = frozenset({"RemoteProtocolError", "ReadError", "ClientPayloadError", "IncompleteRead"})
"""What the clients raise when a connection ends before the reply does."""
_END = object()

Message = tuple[str, str]
"""(role, text); the role is system, user or assistant."""


class Wire:
    """A model and how long it may take. `name` is for messages to people; `seconds` is for a whole answer."""

    def __init__(self, llm: Any, name: str, seconds: float, finished: Callable[[Any], bool] = lambda raw: True) -> None:
        self._llm = llm
        self._finished = finished
        self.name = name
        self.seconds = seconds

    def deadline(self) -> float:
        """When an answer that is begun now must be finished, on the monotonic clock."""
        return monotonic() + self.seconds

    def pieces(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        """The reply as it comes, "" about four times a second while nothing does: whoever closes the iterator
        then closes the connection. Raises LLMTimeout at the deadline, LLMUnavailable.

        A request is only repeated while nothing of its reply has come.
        """
        for attempt in range(RETRIES + 1):
            begun = False
            try:
                for piece in self._once(messages, deadline):
                    begun = begun or bool(piece)
                    yield piece
                return
            except LLMUnavailable as error:
                wait = BACK_OFF * 2**attempt if error.retry_after is None else error.retry_after
                if begun or not error.again or attempt == RETRIES or monotonic() + wait >= deadline:
                    raise
            until = monotonic() + wait
            while (left := until - monotonic()) > 0:
                yield ""
                sleep(min(_TICK, left))

    def _once(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        came: queue.Queue[Any] = queue.Queue()
        running = asyncio.run_coroutine_threadsafe(self._pump(messages, came), _loop())
        try:
            while (piece := self._next(came, deadline)) is not _END:
                yield piece
        finally:
            running.cancel()

    def _next(self, came: queue.Queue[Any], deadline: float) -> Any:
        left = deadline - monotonic()
        if left <= 0:
            raise self._late()
        try:
            piece = came.get(timeout=min(_TICK, left))
        except queue.Empty:
            return ""
        if isinstance(piece, BaseException):
            raise self._translated(piece) from piece
        return piece

    def _late(self) -> LLMTimeout:
        return LLMTimeout(f"{self.name} did not finish within {self.seconds:g} seconds.")

    async def _pump(self, messages: Sequence[Message], came: queue.Queue[Any]) -> None:
        from llama_index.core.llms import ChatMessage

        begun = finished = False
        try:
            reply = await self._llm.astream_chat([ChatMessage(role=role, content=text) for role, text in messages])
            async for part in reply:
                finished = finished or self._finished(part.raw)
                if part.delta:
                    begun = True
                    came.put(part.delta)
            if not finished and not begun:
                raise LLMUnavailable(f"{self.name} sent something that is no answer.", again=True)
            if not finished:
                raise LLMUnavailable(f"{self.name} broke off in the middle of its answer.", again=False)
            came.put(_END)
        except Exception as error:  # whatever a provider's client raises is translated where it is read
            came.put(error)

    def _translated(self, error: BaseException) -> LLMError:
        if isinstance(error, LLMError):
            return error
        status = getattr(error, "status_code", None)
        kind = type(error).__name__
        if isinstance(status, int) and status > 0:
            why = _WHY.get(status, "its server failed" if status >= 500 else "it refused the request")
            said = f"{self.name} answered {status}: {why}{_in_its_words(error)}."
            return LLMUnavailable(said, again=status in _RETRIED, retry_after=_retry_after(error))
        if isinstance(error, TimeoutError) or "Timeout" in kind:
            return self._late()
        if kind in _BROKEN or type(error.__cause__).__name__ in _BROKEN:
            return LLMUnavailable(f"{self.name} broke off in the middle of its answer.", again=True)
        if isinstance(error, ConnectionError) or "Connect" in kind:
            return LLMUnavailable(f"{self.name} cannot be reached. Is its server running?", again=True)
        # An error that is told inside a reply that began well: no status, but often words.
        why = _in_its_words(error) or f" ({kind})"
        return LLMUnavailable(f"{self.name} sent something that is no answer{why}.", again=True)


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="llm", daemon=True).start()
    return loop


def _in_its_words(error: BaseException) -> str:
    """What the server says of it, in brackets; "" where it says nothing."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else getattr(error, "error", "")
    said = inner.get("message", "") if isinstance(inner, dict) else inner
    told = " ".join(str(said or "").split()).rstrip(".")
    return f" ({told[:SAID]})" if told else ""


def _retry_after(error: BaseException) -> float | None:
    """Seconds that the reply's Retry-After header asks for, a number of them or a date; some clients hide the reply
    behind an error of their own."""
    behind = error.__cause__ or error.__context__
    headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is None:
        return None if behind is None else _retry_after(behind)
    told = str(headers.get("retry-after", ""))
    if told.replace(".", "", 1).isdigit():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time())
    except ValueError:
        return None
