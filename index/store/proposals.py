"""An engine's own full text proposes passages; BM25 as all stores compute it ranks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.store.bm25 import Counts, Figures, counted, scores, sizes

PROPOSED, AGAIN = 4, 4
"""How many times k passages are proposed; how many times more where these may not have been all that are needed."""
ROUNDING = 1e-4
"""Engines compute in single precision."""


def words_within(passages: Sequence[str], query: Sequence[str]) -> list[str]:
    """The words of the query that some of the passages hold, each once."""
    return [word for word in dict.fromkeys(query) if any(f" {word} " in passage for passage in passages)]


def ranked(
    passages: Sequence[str], told: Counts, query: Sequence[str], figures: Figures, holding: Mapping[str, int]
) -> tuple[Counts, float]:
    """BM25 of each passage, as `passage_words` writes it, and what no passage that was not proposed can exceed.

    `told` are the engine's scores, `holding` how many passages hold a word, of `words_within`. Counts weighted with at
    most 1 and a smaller idf make our score of a passage at most `ratio` times the engine's, which is Lucene's with all
    counts plain; and the engine's own counts may be of a little earlier, which shows on those proposed.
    """
    if not len(passages):
        return np.zeros(0), 0.0
    weighted, plain = counted(passages, query)
    lengths = sizes(passages)
    idfs = [figures.idf(holding[word]) if word in holding else 0.0 for word in query]
    lucene = [figures.lucene_idf(holding[word]) if word in holding else 0.0 for word in query]
    once = [
        idf if word not in query[:place] else 0.0 for place, (word, idf) in enumerate(zip(query, lucene, strict=True))
    ]
    off = min(1.0, float((told / scores(plain, once, lengths, figures)).min()))
    ratio = max(
        query.count(word) * (idf / theirs if theirs else 1.0)
        for word, idf, theirs in zip(query, idfs, lucene, strict=True)
    )
    return scores(weighted, idfs, lengths, figures), ratio * float(told.min()) / off * (1 + ROUNDING)
