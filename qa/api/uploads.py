"""Documents given by hand: upload, removal, and the original's bytes."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path as File
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request, Response, UploadFile
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from index.again import reindex_document
from index.config import load_settings
from index.errors import SourceUnreadable
from index.types import Document
from index.uploads import Upload, add_files, remove_document
from qa.api.documents import summary
from qa.api.examples import SUMMARY
from qa.api.limits import BODIES
from qa.api.problems import problems
from qa.api.schema import DocumentSummary, shown
from qa.api.services import Services, unless_gone

FILES_AT_ONCE = 10
"""A request may be as large as so many of the largest files."""
INLINE = {"application/pdf"}
"""What a browser may show by itself, so that #page=3 opens there; everything else is for saving, as it may hold
script."""

BODIES["POST", "/api/documents"] = FILES_AT_ONCE * load_settings().max_file_mb * 1_000_000


class FailedUpload(BaseModel):
    name: str
    reason: str


class Uploaded(BaseModel):
    """What became of the files: those that were read, and those that were not, with the reason."""

    model_config = shown({"documents": [SUMMARY], "failed": [{"name": "scan.pdf", "reason": "It holds no text."}]})

    documents: list[DocumentSummary] = Field(description="In the order of the files.")
    failed: list[FailedUpload]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/documents", tags=["documents"], responses=problems(422))
    storage = services.index.store.uri

    @routes.post("", status_code=201, response_model=Uploaded, responses=problems(413, 422, 429, 503, 507))
    async def upload(
        request: Request,
        files: Annotated[list[UploadFile], "One or more files."],
        tags: Annotated[list[str] | None, Form(description="What the documents are tagged with.")] = None,
    ) -> Any:
        """Add files; the next question sees them. A file of an earlier upload's name takes its place; the same content
        is kept once. 422 when none could be read, 507 when they do not fit."""

        def add() -> dict[str, Any]:
            given = [Upload(file.filename or "document", file.file.read()) for file in files]
            report = add_files(given, storage, tags=_tags(tags or ()))
            if not report.documents:
                raise SourceUnreadable(" ".join(reason for _, reason in report.failed))
            return {
                "documents": [summary(document) for document in report.documents],
                "failed": [{"name": name, "reason": reason} for name, reason in report.failed],
            }

        return await unless_gone(request, services.changes.run_async(add))

    @routes.post("/{document_id}/reindex", response_model=DocumentSummary, responses=problems(404, 429, 503))
    async def reindex(document_id: Annotated[str, Path(description="A document's id.")]) -> Any:
        """Read a document's file again, which has changed since it was indexed; the next question sees it. 422 when the
        file has gone or cannot be read: the document stays as it was."""
        return await services.changes.run_async(lambda: summary(reindex_document(document_id, storage)))

    @routes.delete("/{document_id}", status_code=204, responses=problems(404, 429, 503))
    async def remove(document_id: Annotated[str, Path(description="A document's id.")]) -> None:
        """Take a document out of the index. An uploaded original is deleted; a file in the user's folders stays."""
        await services.changes.run_async(lambda: remove_document(document_id, storage))

    @routes.get("/{document_id}/file", response_class=Response, responses=problems(404))
    def file(document_id: Annotated[str, Path(description="A document's id.")]) -> Response:
        """The original, byte for byte as it was indexed; a PDF's address with #page=3 opens page 3. 404 when the
        file has gone or changed since."""
        document = services.index.document(document_id)
        name = File(document.path).name
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = "inline" if media_type in INLINE else "attachment"
        headers = {
            "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(_original(document), media_type=media_type, headers=headers)

    return routes


def _original(document: Document) -> bytes:
    """The bytes that were indexed, and no others: an index that came from elsewhere may name any file of this machine.
    Raises HTTPException."""
    try:
        content = File(document.location).read_bytes()
    except (OSError, ValueError):
        content = b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise HTTPException(404, "The original has gone or changed since it was indexed. Its text is still here.")
    return content


def _tags(given: list[str] | tuple[str, ...]) -> list[str]:
    """Each field may hold several, set apart by commas."""
    return [tag.strip() for field in given for tag in field.split(",") if tag.strip()]
