"""Citations against gold evidence, by the characters that they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.retrieval import Evidence
from qa.types import Citation, Span

Place = tuple[str, int]
"""A character: a document's id and an offset."""


def citation_overlap(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> tuple[float | None, float | None]:
    """(precision, recall) of the cited sentences' characters against the evidence's.

    A quote that stands in several places counts where it is cited most, and its other places are as good for
    precision. Precision is None where nothing is cited, both are where there is no evidence.
    """
    if not evidence:
        return None, None
    cited = {
        (citation.document.id, offset)
        for citation in citations
        for offset in range(citation.context_start, citation.context_start + len(citation.context))
    }
    anywhere = {place for spans in evidence for place in _characters(spans)}
    counted: set[Place] = set()
    for spans in evidence:
        counted |= max((set(_characters([span])) for span in spans), key=lambda places: len(places & cited))
    precision = len(cited & anywhere) / len(cited) if cited else None
    return precision, len(counted & cited) / len(counted)


def stands_in(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> bool:
    """Whether a quoted span shares a character with a piece of evidence."""
    return any(
        span.document_id == citation.document.id and span.start < citation.end and citation.start < span.end
        for citation in citations
        for spans in evidence
        for span in spans
    )


def _characters(spans: Iterable[Span]) -> Iterable[Place]:
    for span in spans:
        yield from ((span.document_id, offset) for offset in range(span.start, span.end))
