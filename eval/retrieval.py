"""Evidence and hits → recall, reciprocal rank and nDCG of one question, computed by ir_measures.

A passage is relevant to a piece of evidence if it overlaps the evidence's characters. Passages overlap each
other, so that one sentence may stand in two of them; counting passages would ask a search for the same
sentence twice. So the evidence is counted: recall@k is the share of a question's evidence that one of the
first k passages overlaps (subtopic recall: Zhai, Cohen and Lafferty, SIGIR 2003), which is the mean of
Success@k over the pieces of evidence. nDCG (Järvelin and Kekäläinen 2002) counts the same way: of each piece, the
first passage that has it is the one relevant item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.types import Found
from index.types import Document, Hit
from qa.types import Span

CUTOFFS = (1, 3, 5, 10)
"""The k of each recall@k. The last is how many passages are asked for."""

Evidence = tuple[Span, ...]
"""The places, at least one, where one quote stands."""


def locate(quote: str, documents: Iterable[Document]) -> Evidence:
    """Every place of `quote` in `documents`, character for character; empty where it stands in none."""
    spans = []
    for document in documents:
        start = document.text.find(quote)
        while start >= 0:
            spans.append(Span(document.id, start, start + len(quote)))
            start = document.text.find(quote, start + 1)
    return tuple(spans)


def found(evidence: Sequence[Evidence], hits: Sequence[Hit]) -> Found | None:
    """Recall at `CUTOFFS`, 1 / rank of the first relevant hit (Voorhees 1999) and nDCG. `hits` are best first.

    None where there is no evidence to find: the question is left out of the retrieval measures.
    """
    if not evidence:
        return None
    if not hits:
        return Found(tuple(0.0 for _ in CUTOFFS), 0.0, 0.0)
    from ir_measures import RR, Success, iter_calc, nDCG

    # A query a piece of evidence. Ranks make the run, not scores: equal scores must keep the search's order.
    queries = [str(number) for number in range(len(evidence))]
    ranked = {hit.passage.id: float(-rank) for rank, hit in enumerate(hits)}
    run = dict.fromkeys(queries, ranked)
    qrels = {query: {_first(spans, hits): 1} for query, spans in zip(queries, evidence, strict=True)}
    gain = nDCG @ CUTOFFS[-1]
    measures = [RR, gain, *(Success @ k for k in CUTOFFS)]
    values = {(metric.measure, metric.query_id): metric.value for metric in iter_calc(measures, qrels, run)}
    recall = tuple(sum(values[Success @ k, query] for query in queries) / len(queries) for k in CUTOFFS)
    ndcg = sum(values[gain, query] for query in queries) / len(queries)
    return Found(recall, max(values[RR, query] for query in queries), ndcg)


def _first(spans: Evidence, hits: Sequence[Hit]) -> str:
    """The id of the first hit that has the evidence; an id that no passage has where none does."""
    return next((hit.passage.id for hit in hits if _overlaps(hit, spans)), "")


def _overlaps(hit: Hit, spans: Evidence) -> bool:
    passage = hit.passage
    return any(
        span.document_id == passage.document_id and span.start < passage.end and passage.start < span.end
        for span in spans
    )
