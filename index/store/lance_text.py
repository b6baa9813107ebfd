"""Full text over LanceDB: its own index proposes passages, BM25 as all stores compute it ranks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lancedb.index import FTS
from lancedb.query import MatchQuery

from index.store import proposals
from index.store.bm25 import Counts, Figures
from index.store.lance_rows import DOCUMENT, PASSAGE
from index.store.proposals import AGAIN, PROPOSED, words_within

# Words come ready made: see index.store.analysis.
WORDS_INDEX = FTS(
    base_tokenizer="whitespace",
    lower_case=False,
    stem=False,
    remove_stop_words=False,
    ascii_folding=False,
    max_token_length=None,
    with_position=False,
)
PROPOSED_AFTER_CHANGES, CHANGED = 1_000, 0.01
"""So many at least while such a share of the rows has changed since LanceDB counted words, so that it shows how far its
counts are off."""
MOST_PROPOSED = 20_000
"""Ranking so many takes half a second; a passage that LanceDB ranks below is not found."""
MOST_COUNTED = 100_000
"""Words whose counts are remembered."""


@dataclass
class WordCounts:
    """What is counted at one state of the table; counted again at the next."""

    version: int = -1
    figures: Figures = field(default_factory=lambda: Figures(0, 0))
    holding: dict[str, int] = field(default_factory=dict)
    changed: float = 0.0
    """The share of the rows that LanceDB's own counts do not know of, or still know of."""

    def bring_up(self, table: Any) -> None:
        if self.version == table.version:
            return
        sizes = table.search().where(f"kind = '{DOCUMENT}'").select(["size"]).to_arrow()["size"]
        self.figures = Figures(table.count_rows(f"kind = '{PASSAGE}'"), pc.sum(sizes).as_py() or 0)
        self.holding = {}
        self.changed = _changed(table)
        self.version = table.version

    def passages_with(self, word: str, table: Any) -> int:
        if word not in self.holding:
            if len(self.holding) >= MOST_COUNTED:
                self.holding.clear()
            found = table.search(MatchQuery(word, "words"), query_type="fts").limit(self.figures.passages)
            self.holding[word] = found.select(["_score"]).to_arrow().num_rows
        return self.holding[word]


def ranked_text(
    table: Any, words: Sequence[str], k: int, limit: str | None, counts: WordCounts
) -> tuple[pa.Table, list[float]]:
    """Passages (id, document_id, start) that hold some of `words`, among them the k best, and their BM25."""
    counts.bring_up(table)
    count = max(PROPOSED * k, PROPOSED_AFTER_CHANGES if counts.changed > CHANGED else 0)
    while True:
        found = proposed(table, words, count, limit)
        ranked, least = _scores(found, words, table, counts)
        if found.num_rows < count or count >= MOST_PROPOSED or np.partition(ranked, -k)[-k] > least:
            return found.select(["id", "document_id", "start"]), ranked.tolist()
        count = min(AGAIN * count, MOST_PROPOSED)


def proposed(table: Any, words: Sequence[str], count: int, limit: str | None) -> pa.Table:
    """The `count` passages that LanceDB itself ranks best, with their words and its `_score`."""
    query = table.search(MatchQuery(" ".join(dict.fromkeys(words)), "words"), query_type="fts").limit(count)
    query = query.select(["id", "document_id", "start", "words", "_score"])
    return (query.where(limit, prefilter=True) if limit else query).to_arrow()


def _changed(table: Any) -> float:
    """The share of rows that are not indexed yet, or are deleted and still counted."""
    files, rows = table.stats()["fragment_stats"], table.count_rows()
    deleted = max(0, files["num_fragments"] * files["lengths"]["mean"] - rows)
    names = [index.name for index in table.list_indices() if index.columns == ["words"]]
    return float((deleted + sum(table.index_stats(name).num_unindexed_rows for name in names)) / max(1, rows))


def _scores(found: pa.Table, words: Sequence[str], table: Any, counts: WordCounts) -> tuple[Counts, float]:
    """BM25 of each passage, and what no passage beyond them can exceed."""
    passages = found["words"].to_pylist()
    holding = {word: counts.passages_with(word, table) for word in words_within(passages, words)}
    ranked, least = proposals.ranked(passages, found["_score"].to_numpy(), words, counts.figures, holding)
    return ranked, least * (1 + 2 * counts.changed)
