"""The documents that are indexed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from index import Index
from index.sources import source_state
from index.types import Document
from qa.api.lists import page, tagged
from qa.api.problems import problems
from qa.api.schema import DocumentList, DocumentSummary, WholeDocument
from qa.api.services import Services
from qa.types import document_ref

MAX_PAGE = 1000

MAX_CURSOR = 6000
"""Characters: the longest path that a system knows, in base64; escaped, it still fits a request's head of 64 KB."""


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/documents", tags=["documents"], responses=problems(422, 503))
    index = services.index

    @routes.get("", response_model=DocumentList)
    def documents(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many on a page.")] = MAX_PAGE,
        after: Annotated[str | None, Query(description="The `next` of the page before.", max_length=MAX_CURSOR)] = None,
    ) -> Response:
        """The documents of the index, by path, in pages; with an ETag."""
        return tagged(request, listing(index, limit, after))

    @routes.get("/{document_id}", response_model=WholeDocument, responses=problems(404))
    def document(
        request: Request,
        document_id: Annotated[str, Path(description="A document's id, as citations give it.")],
    ) -> Response:
        """One document whole, with the text to which all offsets refer; with an ETag."""
        return tagged(request, WholeDocument(**whole(index.document(document_id))))

    return routes


def listing(index: Index, limit: int, after: str | None) -> DocumentList:
    """A page of the documents, by path. Raises QuestionMalformed for what is no cursor."""
    everything = index.documents()
    shown, following = page(everything, lambda document: (document.path, document.id), limit, after)
    listed = [DocumentSummary(**summary(document)) for document in shown]
    return DocumentList(documents=listed, total=len(everything), next=following)


def summary(document: Document) -> dict[str, Any]:
    """The DocumentSummary of a document: what lists show."""
    return {
        **document_ref(document),
        "characters": len(document.text),
        "sha256": document.sha256,
        "source": source_state(document),
        "tags": list(document.tags),
    }


def whole(document: Document) -> dict[str, Any]:
    """The WholeDocument of a document."""
    return {
        **summary(document),
        "text": document.text,
        "headings": [{"start": h.start, "end": h.end, "level": h.level} for h in document.headings],
        "pages": document.pages,
    }
