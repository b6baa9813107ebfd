"""LanceDB's index of vectors, chosen by the number of passages: whether there is one, how fine it is, how far a search
looks into it, and what its caches may take. What was measured is in bench/README.md; `python -m bench.scale` does so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lancedb.index import IvfSq

from index.store.lance_rows import PASSAGE

INDEX_FROM = 50_000
"""Passages. Below, comparing all vectors is exact and as fast as an index."""
PARTITION_ROWS = 1_000
"""Vectors in a partition, in the mean, when the index is made: the root of a million, as far as it should grow."""
GROWN = 1.5
"""An index is made anew when there are so many times the passages that it was made for: what is added lies in the same
partitions, which makes searching slower and worse. At a million passages, recall@10 with 40 probes was .957 over an
index made for half of them and 1.000 over its own. All makings together take three times as long as the last."""
LEAST_PROBES, PROBED = 20, 8
"""A search looks into every PROBED-th partition, the nearest, but at least into so many. Recall@10 at a million: of
1,000 partitions, just made, 20 gave .960, 40 gave 1.000 (40 questions); after an upkeep that merged 300 replaced
passages into them, 40 gave .924, 62 .984, 125 1.000 (25); of 510 made for half of the passages, 40 gave .957,
80 .983, 160 1.000 (30). Half as many take two thirds of the time (201 instead of 331 ms on a busy machine)."""
REFINE = 2
"""So many times as many as are asked for are compared exactly: IVF_SQ keeps a byte a dimension. From 1 to 10 it changed
no recall, and each further vector is a read from the disk."""
INDEX_CACHE, METADATA_CACHE = 512 << 20, 128 << 20
"""Bytes: the index of a million passages fits; LanceDB's own defaults are gigabytes."""

_NAME = re.compile(r"vector_in_(\d+)_partitions")


@dataclass
class Probes:
    """How many partitions a search of the table looks into, looked up once a state."""

    _version: int = -1
    _probes: int = LEAST_PROBES

    def of(self, table: Any) -> int:
        if self._version != table.version:
            self._probes = max(LEAST_PROBES, (_partitions(table) or 0) // PROBED)
            self._version = table.version
        return self._probes


def index_vectors(table: Any) -> None:
    """Make the index, where there are passages enough for one or many more than it was made for."""
    passages = table.count_rows(f"kind = '{PASSAGE}'")
    made_for = (_partitions(table) or 0) * PARTITION_ROWS
    if passages < max(INDEX_FROM, GROWN * made_for):
        return
    old = _names(table)
    partitions = max(1, passages // PARTITION_ROWS)
    config = IvfSq(distance_type="dot", num_partitions=partitions)
    table.create_index("vector", config=config, name=f"vector_in_{partitions}_partitions")
    for name in old:
        table.drop_index(name)


def _partitions(table: Any) -> int | None:
    """Of the index; None where there is none that tells."""
    told = [int(found[1]) for name in _names(table) if (found := _NAME.fullmatch(name))]
    return max(told, default=None)


def _names(table: Any) -> list[str]:
    return [index.name for index in table.list_indices() if index.columns == ["vector"]]
