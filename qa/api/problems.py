"""Errors as RFC 9457 problem details, with a stable `type` each."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from index.errors import (
    DocumentUnknown,
    FeedbackError,
    FootnoteError,
    Overloaded,
    QuestionError,
    SourceError,
    StorageError,
    UploadsFull,
)
from qa.api.requests import REQUEST_ID

_log = logging.getLogger(__name__)


class ModelUnknown(FootnoteError):
    """A client of the OpenAI-compatible routes names a model that there is not."""


MEDIA_TYPE = "application/problem+json"

STATUSES: tuple[tuple[type[FootnoteError], int, str], ...] = (
    (QuestionError, 422, "question"),
    (FeedbackError, 422, "feedback"),
    (SourceError, 422, "source"),
    (ModelUnknown, 404, "model-not-found"),
    (DocumentUnknown, 404, "document-unknown"),
    (Overloaded, 429, "overloaded"),
    (UploadsFull, 507, "quota"),
    (StorageError, 503, "storage"),
    (FootnoteError, 500, "error"),
)
"""Error → HTTP status and the problem's stable `type`; the first that fits counts."""

_MEANINGS = {
    401: ("token", "A token is needed, and none or a wrong one was given."),
    403: ("forbidden", "The Host or the Origin of the request is not one that this server answers to."),
    404: ("document-unknown", "No document has this id."),
    413: ("http", "The request's body is too large."),
    422: ("question", "The request or the question is not one that can be asked."),
    429: ("overloaded", "The queue is full, or one client asks too often; Retry-After says when to try again."),
    500: ("bug", "Something went wrong on our side."),
    503: ("storage", "The index cannot be read or written just now."),
    507: ("quota", "What is uploaded may take no more room."),
}
"""Status → the type that it mostly has, and what it means, for OpenAPI."""


ANYWHERE = (401, 403, 500)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's `responses` say about the problems that it may answer with; any may answer ANYWHERE."""
    return {status: _described(status) for status in (*statuses, *ANYWHERE)}


def _described(status: int) -> dict[str, Any]:
    kind, meaning = _MEANINGS[status]
    example = body(status, kind, meaning)
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


def body(status: int, kind: str, detail: str) -> dict[str, Any]:
    """The JSON of a problem."""
    return {"type": f"urn:footnote:{kind}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def problem(path: str, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The reply that tells of a problem, in the form that clients of `path` understand."""
    return _reply(path, body(status, kind, detail), headers)


def _reply(path: str, told: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    headers = {**({"Retry-After": "1"} if told["status"] == 429 else {}), **(headers or {})}
    if not path.startswith(OPENAI):
        return JSONResponse(told, told["status"], headers, media_type=MEDIA_TYPE)
    # OpenAI knows no 422: what is wrong with a request is 400 there.
    return JSONResponse(openai_body(told), 400 if told["status"] == 422 else told["status"], headers)


OPENAI = "/v1/"
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def openai_body(told: Mapping[str, Any]) -> dict[str, Any]:
    """A problem in OpenAI's form."""
    status = told["status"]
    kind = _OPENAI_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    code = told["type"].rpartition(":")[2].replace("-", "_")
    return {"error": {"message": told["detail"], "type": kind, "param": None, "code": code}}


def openai_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`problems` for the routes that speak OpenAI's form."""
    told = {status: body(status, *_MEANINGS.get(status, _MEANINGS[422])) for status in (*statuses, *ANYWHERE)}
    schema = {"$ref": "#/components/schemas/OpenAIError"}
    described: dict[int | str, dict[str, Any]] = {
        status: {
            "description": one["detail"],
            "content": {"application/json": {"schema": schema, "example": openai_body(one)}},
        }
        for status, one in told.items()
    }
    # Without it FastAPI would describe 422 in a form of its own.
    return {**described, "4XX": described[statuses[0]]}


def failure(error: Exception) -> dict[str, Any]:
    """The problem that an error is, whatever it is. A bug is logged and tells nothing of itself; what is wrong with the
    storage is logged with its place."""
    if isinstance(error, FootnoteError):
        status, kind = next((status, kind) for cls, status, kind in STATUSES if isinstance(error, cls))
        if not isinstance(error, _WITH_PLACES):
            return body(status, kind, str(error))
        _log.warning("request %s: %s", REQUEST_ID.get(), error)
        return body(status, kind, _FOLDERS.sub("", str(error)))
    _log.error("request %s failed", REQUEST_ID.get(), exc_info=error)
    return body(500, "bug", _OUR_FAULT)


_WITH_PLACES = (StorageError, FeedbackError)
_FOLDERS = re.compile(r"(?<![\w.~-])/(?:[^/\s]+/)*(?=[^/\s]*\w)")
"""Where on the server's disk something lies is for its log; who asks is told its last part."""
_OUR_FAULT = "Something went wrong on our side. The server's log says what."


def add_errors(app: FastAPI) -> None:
    """Every error that a route raises becomes a problem here."""

    @app.exception_handler(FootnoteError)
    async def ours(request: Request, error: FootnoteError) -> JSONResponse:
        return _reply(request.url.path, failure(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(request.url.path, 422, "request", _faults(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if getattr(error.__cause__, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return problem(request.url.path, 503, "storage", "The server's disk has no room for what was sent.")
        if error.status_code == 400:  # FastAPI's for a body that is not even text
            return problem(request.url.path, 422, "request", str(error.detail))
        return problem(request.url.path, error.status_code, "http", str(error.detail), error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=499)  # nobody reads it

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        # The server logs the traceback after this; what it says may not be for whoever asked.
        _log.error("request %s failed with %s", REQUEST_ID.get(), type(error).__name__)
        return problem(request.url.path, 500, "bug", _OUR_FAULT)


def _faults(error: RequestValidationError) -> str:
    """Where and what, never the input itself: it may be anything, also what JSON cannot carry back."""
    return "; ".join(f"{'.'.join(map(str, fault['loc'][1:])) or 'body'}: {fault['msg']}" for fault in error.errors())
