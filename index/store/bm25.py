"""BM25 as SQLite's FTS5 computes it, for engines whose own differs: every store ranks by the same scores, to the bit.

    score = Σ over the query's words of  idf · f (k1 + 1) / (f + k1 (1 - b + b · size / mean size))

f counts the word in the passage, each of FIELDS with its weight; sizes count words. idf is that of Robertson and
Walker, log((N - n + .5) / (n + .5)), and a millionth where it would be negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]
K1, B = 1.2, 0.75
WEIGHTS = (1.0, 0.5, 0.25, 1.0)
"""What a word is worth in each of FIELDS. Chosen by hand: title weights from 0 to 1 moved MRR by .002 on
train/fit_search.py's "all articles". Grams are the text's words where words are not told."""
LEAST_IDF = 1e-6


@dataclass(frozen=True, slots=True)
class Figures:
    """What BM25 must know of all passages: how many there are, and how many words in all."""

    passages: int
    words: int

    @property
    def mean_size(self) -> float:
        return self.words / self.passages

    def idf(self, holding: int) -> float:
        """Of a word that `holding` passages hold."""
        idf = math.log((self.passages - holding + 0.5) / (holding + 0.5))
        return idf if idf > 0 else LEAST_IDF

    def lucene_idf(self, holding: int) -> float:
        """The idf that Lucene's descendants use: never smaller than `idf` but by LEAST_IDF."""
        return math.log1p((self.passages - holding + 0.5) / (holding + 0.5))


def counted(passages: Sequence[str], query: Sequence[str]) -> tuple[Counts, Counts]:
    """(passages, query words): how often a passage, as `passage_words` writes it, holds each of the query's words,
    weighted by field, and plainly."""
    weighted, plain = np.zeros((len(passages), len(query))), np.zeros((len(passages), len(query)))
    for column, word in enumerate(query):
        needle = f" {word} "
        plain[:, column] = [passage.count(needle) for passage in passages]
        for row in np.flatnonzero(plain[:, column]).tolist():
            counts = (line.count(needle) for line in passages[row].split("\n"))
            weighted[row, column] = sum(weight * count for weight, count in zip(WEIGHTS, counts, strict=True))
    return weighted, plain


def sizes(passages: Sequence[str]) -> Counts:
    """(passages,): how many words each has, as `passage_words` writes it."""
    return np.array([passage.count(" ") // 2 for passage in passages], np.float64)


def scores(counts: Counts, idfs: Sequence[float], sizes: Counts, figures: Figures) -> Counts:
    """BM25 of each passage from how often it holds each of the query's words, (passages, query words), and their idf.
    In the order of FTS5's operations, whose rounding decides between ties."""
    total = np.zeros(len(counts))
    for count, idf in zip(counts.T, idfs, strict=True):
        total += idf * ((count * (K1 + 1.0)) / (count + K1 * (1 - B + B * sizes / figures.mean_size)))
    return total
