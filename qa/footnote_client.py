"""A client of Footnote's HTTP API in one file, sync and async; it needs httpx and nothing else of this project.

    with Footnote("http://127.0.0.1:7860", token="…") as footnote:
        answer = footnote.ask("When does the ceasefire start?")

Replies are the API's JSON, typed. A reply that is an error is raised as FootnoteProblem.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NotRequired, TypedDict, cast

import httpx

Verdict = Literal["right", "wrong_answer", "wrong_evidence", "in_the_source"]
History = Sequence[tuple[str, str]]
File = str | Path | tuple[str, bytes]


class DocumentRef(TypedDict):
    id: str
    title: str
    path: str


class Citation(TypedDict):
    """`quote` is characters `start` to `end` (Python's str) of the document's text."""

    number: int
    document: DocumentRef
    start: int
    end: int
    quote: str
    context: str
    context_start: int
    page: int | None
    source: NotRequired[Literal["changed", "missing"]]


class Sentence(TypedDict):
    text: str
    status: str
    citations: list[int]


class Nearest(TypedDict):
    document: DocumentRef
    start: int
    end: int
    text: str
    score: float


class Answer(TypedDict):
    question: str
    standalone_question: str
    answered: bool
    answer: str
    confidence: float
    mode: str
    citations: list[Citation]
    sentences: list[Sentence]
    nearest: list[Nearest]
    timings_ms: dict[str, float]
    notice: NotRequired[str]


class Hit(Nearest):
    section: str
    dense_rank: int | None
    lexical_rank: int | None


class DocumentSummary(DocumentRef):
    characters: int
    sha256: str
    source: str
    tags: list[str]


class DocumentPage(TypedDict):
    documents: list[DocumentSummary]
    total: int
    next: str | None


class Heading(TypedDict):
    start: int
    end: int
    level: int


class WholeDocument(DocumentSummary):
    text: str
    headings: list[Heading]
    pages: list[int] | None


class FeedbackReceipt(TypedDict):
    id: str
    time: str


class FailedUpload(TypedDict):
    name: str
    reason: str


class Uploaded(TypedDict):
    """What became of the files: those that were read, in their order, and those that were not."""

    documents: list[DocumentSummary]
    failed: list[FailedUpload]


class Health(TypedDict):
    status: str
    documents: int
    passages: int
    version: str


class FootnoteProblem(Exception):
    """The server said no. `type` is stable, `detail` tells what to do; `retry_after`: seconds, when that helps."""

    def __init__(self, status: int, type: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True)
class Step:
    """A step of a streamed answer: standalone_question, passages, text, citation, answer (the last); where a language
    model writes also delta (its words, not yet verified) and notice (why it could not: what came before is void)."""

    name: str
    data: Any


class Footnote:
    """`token` is needed where the server has one; `timeout` is in seconds."""

    def __init__(self, address: str, token: str | None = None, *, timeout: float = 60, **httpx_options: Any) -> None:
        self._http = httpx.Client(base_url=address, headers=_headers(token), timeout=timeout, **httpx_options)

    def ask(
        self,
        question: str,
        history: History = (),
        *,
        documents: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        strictness: float | None = None,
    ) -> Answer:
        return cast(Answer, self._call("POST", "/api/ask", json=_asked(question, history, documents, tags, strictness)))

    def stream(
        self,
        question: str,
        history: History = (),
        *,
        documents: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        strictness: float | None = None,
    ) -> Iterator[Step]:
        body = _asked(question, history, documents, tags, strictness)
        with self._http.stream("POST", "/api/ask/stream", json=body) as reply:
            if reply.is_error:
                reply.read()
            _checked(reply)
            told = _Steps()
            for line in reply.iter_lines():
                yield from told.take(line)

    def search(
        self, question: str, k: int = 10, *, documents: Iterable[str] | None = None, tags: Iterable[str] | None = None
    ) -> list[Hit]:
        body = _sent(question=question, k=k, documents=documents, tags=tags)
        return cast(list[Hit], self._call("POST", "/api/search", json=body)["hits"])

    def documents(self) -> Iterator[DocumentSummary]:
        """All of them, page by page."""
        after: str | None = None
        while True:
            page = self.page(after=after)
            yield from page["documents"]
            after = page["next"]
            if after is None:
                return

    def page(self, limit: int | None = None, after: str | None = None) -> DocumentPage:
        return cast(DocumentPage, self._call("GET", "/api/documents", params=_sent(limit=limit, after=after)))

    def document(self, id: str) -> WholeDocument:
        return cast(WholeDocument, self._call("GET", f"/api/documents/{id}"))

    def upload(self, *files: File, tags: Iterable[str] = ()) -> Uploaded:
        """Add files: paths, or (name, content). Raises FootnoteProblem when none of them could be read."""
        return cast(Uploaded, self._call("POST", "/api/documents", **_form(files, tags)))

    def delete(self, id: str) -> None:
        """Take a document out of the index; of an upload, the original too."""
        _checked(self._http.delete(f"/api/documents/{id}"))

    def file(self, id: str) -> bytes:
        """The original, byte for byte as it was indexed."""
        return _checked(self._http.get(f"/api/documents/{id}/file")).content

    def feedback(self, verdict: Verdict, answer: Answer, comment: str = "", expected: str = "") -> FeedbackReceipt:
        body = {"verdict": verdict, "answer": answer, "comment": comment, "expected": expected}
        return cast(FeedbackReceipt, self._call("POST", "/api/feedback", json=body))

    def health(self) -> Health:
        return cast(Health, self._call("GET", "/healthz"))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Footnote:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        return _checked(self._http.request(method, path, **sent)).json()


class AsyncFootnote:
    """Footnote with `await`."""

    def __init__(self, address: str, token: str | None = None, *, timeout: float = 60, **httpx_options: Any) -> None:
        self._http = httpx.AsyncClient(base_url=address, headers=_headers(token), timeout=timeout, **httpx_options)

    async def ask(
        self,
        question: str,
        history: History = (),
        *,
        documents: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        strictness: float | None = None,
    ) -> Answer:
        body = _asked(question, history, documents, tags, strictness)
        return cast(Answer, await self._call("POST", "/api/ask", json=body))

    async def stream(
        self,
        question: str,
        history: History = (),
        *,
        documents: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        strictness: float | None = None,
    ) -> AsyncIterator[Step]:
        body = _asked(question, history, documents, tags, strictness)
        async with self._http.stream("POST", "/api/ask/stream", json=body) as reply:
            if reply.is_error:
                await reply.aread()
            _checked(reply)
            told = _Steps()
            async for line in reply.aiter_lines():
                for step in told.take(line):
                    yield step

    async def search(
        self, question: str, k: int = 10, *, documents: Iterable[str] | None = None, tags: Iterable[str] | None = None
    ) -> list[Hit]:
        body = _sent(question=question, k=k, documents=documents, tags=tags)
        return cast(list[Hit], (await self._call("POST", "/api/search", json=body))["hits"])

    async def documents(self) -> AsyncIterator[DocumentSummary]:
        """All of them, page by page."""
        after: str | None = None
        while True:
            page = await self.page(after=after)
            for document in page["documents"]:
                yield document
            after = page["next"]
            if after is None:
                return

    async def page(self, limit: int | None = None, after: str | None = None) -> DocumentPage:
        return cast(DocumentPage, await self._call("GET", "/api/documents", params=_sent(limit=limit, after=after)))

    async def document(self, id: str) -> WholeDocument:
        return cast(WholeDocument, await self._call("GET", f"/api/documents/{id}"))

    async def upload(self, *files: File, tags: Iterable[str] = ()) -> Uploaded:
        """Add files: paths, or (name, content). Raises FootnoteProblem when none of them could be read."""
        return cast(Uploaded, await self._call("POST", "/api/documents", **_form(files, tags)))

    async def delete(self, id: str) -> None:
        """Take a document out of the index; of an upload, the original too."""
        _checked(await self._http.delete(f"/api/documents/{id}"))

    async def file(self, id: str) -> bytes:
        """The original, byte for byte as it was indexed."""
        return _checked(await self._http.get(f"/api/documents/{id}/file")).content

    async def feedback(
        self, verdict: Verdict, answer: Answer, comment: str = "", expected: str = ""
    ) -> FeedbackReceipt:
        body = {"verdict": verdict, "answer": answer, "comment": comment, "expected": expected}
        return cast(FeedbackReceipt, await self._call("POST", "/api/feedback", json=body))

    async def health(self) -> Health:
        return cast(Health, await self._call("GET", "/healthz"))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncFootnote:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    async def _call(self, method: str, path: str, **sent: Any) -> Any:
        return _checked(await self._http.request(method, path, **sent)).json()


class _Steps:
    """Lines of server-sent events → steps."""

    def __init__(self) -> None:
        self._event: dict[str, str] = {}

    def take(self, line: str) -> Iterator[Step]:
        if line:
            name, _, value = line.partition(":")
            self._event[name] = value.removeprefix(" ")
            return
        event, self._event = self._event, {}
        if "event" not in event:
            return
        data = json.loads(event["data"])
        if event["event"] == "error":
            raise FootnoteProblem(data["status"], data["type"], data["detail"])
        yield Step(event["event"], data)


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _sent(**fields: Any) -> dict[str, Any]:
    """The fields that are given; iterables as lists."""
    given = {name: value for name, value in fields.items() if value is not None}
    return {name: list(value) if name in ("documents", "tags") else value for name, value in given.items()}


def _form(files: Iterable[File], tags: Iterable[str]) -> dict[str, Any]:
    given = ((Path(file).name, Path(file).read_bytes()) if isinstance(file, (str, Path)) else file for file in files)
    return {"files": [("files", file) for file in given], "data": {"tags": list(tags)}}


def _asked(
    question: str,
    history: History,
    documents: Iterable[str] | None,
    tags: Iterable[str] | None,
    strictness: float | None,
) -> dict[str, Any]:
    turns = [list(turn) for turn in history]
    return _sent(question=question, history=turns, documents=documents, tags=tags, strictness=strictness)


def _checked(reply: httpx.Response) -> httpx.Response:
    if not reply.is_error:
        return reply
    try:
        told: Mapping[str, Any] = reply.json()
    except ValueError:
        told = {}
    after = reply.headers.get("retry-after", "")
    raise FootnoteProblem(
        reply.status_code,
        str(told.get("type", "about:blank")),
        str(told.get("detail", f"HTTP {reply.status_code}")),
        float(after) if after.isdecimal() else None,
    )
