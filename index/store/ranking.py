"""How every store orders what it found: by scores of each passage by itself, ties in document order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.embed import Vectors
from index.store import Ranked

CLOSE = 1e-5
"""Cosines that are computed fast, in single precision, are off by less."""


def cosines(vectors: Vectors, wanted: Vectors) -> npt.NDArray[np.float64]:
    """Of (n, dimension) with (dimension,), in double precision and each row by itself: equal rows have equal ones,
    whatever stands beside them, which a product of matrices does not promise."""
    rows = np.asarray(vectors, np.float64) * np.asarray(wanted, np.float64)
    total: npt.NDArray[np.float64] = rows.sum(axis=1)
    return total


def best(
    ids: Sequence[str], document_ids: Sequence[str], starts: Sequence[int], scores: Sequence[float], k: int
) -> Ranked:
    """The k passages with the greatest scores; ties by document id, then start."""
    ordered = sorted(range(len(ids)), key=lambda i: (-scores[i], document_ids[i], starts[i]))
    return [(ids[i], scores[i]) for i in ordered[:k]]
