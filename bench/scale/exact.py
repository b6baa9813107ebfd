"""The right answers: every passage compared with every question, independent of any store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.scale.corpus import (
    PASSAGES_A_DOCUMENT,
    TAGGED,
    WORDS_A_PASSAGE,
    document_vectors,
    document_words,
    vocabulary,
)
from index.embed import Vectors
from index.search import DEPTH
from index.store.analysis import query_words
from index.store.bm25 import K1, Figures

Found = list[tuple[NDArray[np.int64], NDArray[np.float64]]]
"""By question: the numbers of the best DEPTH passages and their scores, best first."""


def dense(passages: int, vectors: Vectors, tagged: bool = False) -> Found:
    """By cosine; with `tagged`, among documents with the tag alone. Memory does not grow with `passages`."""
    best: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = [(np.empty(0, np.int64), np.empty(0))] * len(vectors)
    numbers = range(0, passages // PASSAGES_A_DOCUMENT, TAGGED if tagged else 1)
    for start in range(0, len(numbers), 100):
        block = numbers[start : start + 100]
        scores = vectors @ np.concatenate([document_vectors(number) for number in block]).T
        places = np.concatenate([number * PASSAGES_A_DOCUMENT + np.arange(PASSAGES_A_DOCUMENT) for number in block])
        for row, (known, known_scores) in enumerate(best):
            best[row] = _best(np.append(known, places), np.append(known_scores, scores[row]))
    return best


def text(passages: int, questions: Sequence[str]) -> tuple[Found, Found]:
    """By BM25 with all of a question's words, however frequent; among all documents, and among those with the tag."""
    asked = [query_words(question) for question in questions]
    columns = {word: column for column, word in enumerate(dict.fromkeys(word for words in asked for word in words))}
    column_of = np.array([columns.get(next(iter(query_words(word)), ""), -1) for word in vocabulary()])
    # A word is given as its place in `columns`; (passage, column, count) of those that are asked for.
    found: list[NDArray[np.int64]] = []
    for number in range(passages // PASSAGES_A_DOCUMENT):
        asked_for = column_of[document_words(number)]
        row, place = np.nonzero(asked_for >= 0)
        cells = (number * PASSAGES_A_DOCUMENT + row) * len(columns) + asked_for[row, place]
        found.append(np.stack(np.unique(cells, return_counts=True)))
    cells, counts = np.concatenate(found, axis=1)
    order = np.argsort(cells % len(columns), kind="stable")
    rows, frequencies = cells[order] // len(columns), counts[order]
    bounds = np.searchsorted(cells[order] % len(columns), np.arange(len(columns) + 1))
    best, best_tagged, figures = [], [], Figures(passages, passages * WORDS_A_PASSAGE)
    for words in asked:
        scores = np.zeros(passages)
        for column in map(columns.__getitem__, words):
            part = slice(bounds[column], bounds[column + 1])
            holding = part.stop - part.start
            # All passages have as many words: BM25's normalisation by length is 1.
            scores[rows[part]] += figures.idf(holding) * frequencies[part] * (K1 + 1) / (frequencies[part] + K1)
        places = np.flatnonzero(scores)
        best.append(_best(places, scores[places]))
        places = places[places // PASSAGES_A_DOCUMENT % TAGGED == 0]
        best_tagged.append(_best(places, scores[places]))
    return best, best_tagged


def _best(places: NDArray[np.int64], scores: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    kept = np.lexsort((places, -scores))[:DEPTH]
    return places[kept], scores[kept]
