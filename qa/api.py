"""The HTTP face: a FastAPI app over one Assistant. Shapes are the contract's; errors are RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points, version
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_swagger import patch_fastapi
from starlette.exceptions import HTTPException
from starlette.routing import Match

from index.errors import DocumentUnknown, FootnoteError, Overloaded, QuestionError, StorageError
from index.sources import source_state
from index.types import Document, Hit
from qa.assistant import Assistant
from qa.history import checked_question
from qa.limits import BodyLimit
from qa.schema import (
    AnswerModel,
    AskRequest,
    DocumentList,
    Health,
    Problem,
    SearchRequest,
    SearchResponse,
    WholeDocument,
)
from qa.types import Answer, History, document_ref
from qa.worker import Worker

PAGES = "footnote.pages"
"""The entry point group whose members mount pages on the app: `mount(app, ask, index)`."""

STATUSES: tuple[tuple[type[FootnoteError], int, str], ...] = (
    (QuestionError, 422, "question"),
    (DocumentUnknown, 404, "document-unknown"),
    (Overloaded, 429, "overloaded"),
    (StorageError, 503, "storage"),
    (FootnoteError, 500, "error"),
)
"""Error → HTTP status and the problem's stable `type`; the first that fits counts."""


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "The request or the question is not one that can be asked."},
    429: {"model": Problem, "description": "The queue is full; Retry-After says when to try again."},
}


def create_app(assistant: Assistant, *, pages: bool = True) -> FastAPI:
    """The app over an assistant; with `pages`, the chat and whatever else is installed is mounted on it too."""
    worker = Worker()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        worker.close()

    app = FastAPI(
        title="Footnote",
        version=version("footnote"),
        summary="Ask your documents; every answer carries its footnote.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.add_middleware(BodyLimit)
    _add_errors(app)
    _add_routes(app, assistant, worker)
    # Swagger UI from files of our own: FastAPI's page would load it from another origin.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    _close_api(app)
    if pages:

        def ask(question: str, history: History) -> Answer:
            return worker.run(lambda: assistant.ask(question, history))

        for page in sorted(entry_points(group=PAGES), key=lambda entry: entry.name):
            page.load()(app, ask, assistant.index)
    return app


def _add_routes(app: FastAPI, assistant: Assistant, worker: Worker) -> None:
    index = assistant.index

    @app.post("/api/ask", response_model=AnswerModel, responses=_PROBLEMS, tags=["ask"])
    async def ask(request: AskRequest) -> Any:
        """Answer a question from the sources with exact citations, or say that they do not answer it."""
        answer = await worker.run_async(lambda: assistant.ask(request.question, request.history or ()))
        return answer.to_dict()

    @app.post("/api/search", response_model=SearchResponse, responses=_PROBLEMS, tags=["ask"])
    async def search(request: SearchRequest) -> Any:
        """The passages that are likeliest to answer, best first."""
        question = checked_question(request.question)
        return {"hits": await worker.run_async(lambda: _search(assistant, question, request.k))}

    @app.get("/api/documents", response_model=DocumentList, tags=["documents"])
    def documents() -> Any:
        """All documents of the index, by path."""
        return {"documents": [_summary(document) for document in index.documents()]}

    @app.get(
        "/api/documents/{document_id}",
        response_model=WholeDocument,
        responses={404: {"model": Problem, "description": "No document has this id."}},
        tags=["documents"],
    )
    def document(document_id: Annotated[str, Path(description="A document's id, as citations give it.")]) -> Any:
        """One document whole, with the text to which all offsets refer."""
        found = index.document(document_id)
        return {
            **_summary(found),
            "text": found.text,
            "headings": [{"start": h.start, "end": h.end, "level": h.level} for h in found.headings],
            "pages": found.pages,
        }

    @app.get("/healthz", response_model=Health, tags=["service"])
    def health() -> Any:
        """Whether questions can be answered, and from how much."""
        documents, passages = index.store.counts()
        return {"status": "ok", "documents": documents, "passages": passages, "version": app.version}


def _close_api(app: FastAPI) -> None:
    """What is asked of /api and is no route: a problem, before the page at "/" takes every path that is left."""
    known = [route for route in app.routes if getattr(route, "path", "").startswith("/api")]

    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def nothing(request: Request) -> JSONResponse:
        if any(route.matches(request.scope)[0] is Match.PARTIAL for route in known):
            raise HTTPException(405, f"{request.method} is not for this path. /docs says what is.")
        raise HTTPException(404, "There is nothing at this path. /docs lists what there is.")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(FootnoteError)
    async def ours(_: Request, error: FootnoteError) -> JSONResponse:
        status, kind = next((status, kind) for cls, status, kind in STATUSES if isinstance(error, cls))
        return problem(status, kind, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # Where and what, never the input itself: it may be anything, also what JSON cannot carry back.
        faults = (f"{'.'.join(map(str, fault['loc'][1:])) or 'body'}: {fault['msg']}" for fault in error.errors())
        return problem(422, "request", "; ".join(faults))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, "http", str(error.detail), error.headers)

    @app.exception_handler(Exception)
    async def bug(_: Request, error: Exception) -> JSONResponse:
        # The server logs the traceback; what it says may not be for whoever asked.
        return problem(500, "bug", "Something went wrong on our side. The server's log says what.")


def problem(status: int, kind: str, detail: str, headers: Any = None) -> JSONResponse:
    from http import HTTPStatus

    body = {"type": f"urn:footnote:{kind}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {**(headers or {}), **({"Retry-After": "1"} if status == 429 else {})}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _search(assistant: Assistant, question: str, k: int) -> list[dict[str, Any]]:
    with assistant.index.snapshot():
        return [
            _hit(hit, assistant.index.document(hit.passage.document_id)) for hit in assistant.index.search(question, k)
        ]


def _hit(hit: Hit, document: Document) -> dict[str, Any]:
    return {
        "document": document_ref(document),
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": hit.passage.text,
        "score": round(hit.score, 4),
        "section": hit.passage.section,
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
    }


def _summary(document: Document) -> dict[str, Any]:
    return {
        **document_ref(document),
        "characters": len(document.text),
        "sha256": document.sha256,
        "source": source_state(document),
    }
