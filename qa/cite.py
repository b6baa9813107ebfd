"""Draft + Hits → verified answer: no citation leaves here unless the document says it, character for character."""

from __future__ import annotations

from collections.abc import Mapping

from index.sentences import sentence_spans
from index.sources import source_state
from index.types import Document, Hit
from qa.types import Citation, Draft, Sentence, Span


def cite(
    draft: Draft, hits: list[Hit], documents: Mapping[str, Document]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Number the draft's spans and check each one; `documents` holds those of `hits`, by id.

    For every citation `document.text[start:end] == quote`. A span outside its document, empty, or outside the
    passages that were retrieved is dropped; so is a part that claims to be quoted but whose text its spans do not
    hold. Footnotes are numbered from 1 in the order of the answer; the same span has one number.
    """
    citations: dict[Span, Citation] = {}
    sentences = []
    for part in draft.parts:
        spans = [span for span in part.spans if _stands(span, hits, documents)]
        if part.status == "quoted" and not _says(part.text, spans, documents):
            continue
        for span in spans:
            if span not in citations:
                citations[span] = _citation(len(citations) + 1, span, documents[span.document_id])
        numbers = tuple(dict.fromkeys(citations[span].number for span in spans))
        # What is said to be supported stands on a footnote, or is not.
        sentences.append(Sentence(part.text, part.status if numbers else "unsupported", numbers))
    return tuple(sentences), tuple(citations.values())


REACH = 2000


def _stands(span: Span, hits: list[Hit], documents: Mapping[str, Document]) -> bool:
    document = documents.get(span.document_id)
    return (
        document is not None
        and 0 <= span.start < span.end <= len(document.text)
        and any(
            hit.passage.document_id == span.document_id
            and hit.passage.start <= span.start
            and span.end <= hit.passage.end
            and document.text[hit.passage.start : hit.passage.end] == hit.passage.text
            for hit in hits
        )
    )


def _says(text: str, spans: list[Span], documents: Mapping[str, Document]) -> bool:
    """Whether the spans, taken together, read `text`; line breaks inside a sentence count as spaces."""
    quoted = " ".join(documents[span.document_id].text[span.start : span.end] for span in spans)
    return bool(spans) and quoted.split() == text.split()


def _citation(number: int, span: Span, document: Document) -> Citation:
    context_start, context_end = context_of(document, span.start, span.end)
    return Citation(
        number=number,
        document=document,
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        context=document.text[context_start:context_end],
        context_start=context_start,
        page=document.page_at(span.start),
        source=source_state(document),
    )


def context_of(document: Document, start: int, end: int) -> tuple[int, int]:
    """The whole sentence, or sentences, around the characters `start:end` of the document.

    Looks no further than the paragraph, and in one without end no further than REACH characters.
    """
    left, right = max(0, start - REACH), min(len(document.text), end + REACH)
    before = document.text.rfind("\n\n", left, start)
    after = document.text.find("\n\n", end, right)
    left = left if before < 0 else before
    right = right if after < 0 else after
    around = [(a, b) for a, b in sentence_spans(document.text, left, right) if a < end and start < b]
    if not around:
        return (start, end)
    return (min(start, around[0][0]), max(end, around[-1][1]))
