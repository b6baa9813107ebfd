"""Made passages for indexes of any size, the same for the same seed; a document never depends on the others.

Words follow Zipf's law over a vocabulary that goes on long after the frequent words. Vectors are drawn as an embedder's
lie: the variances of their principal components and the cosines within a document, to the nearest neighbours and from
a question to its passage are about those of the shipped embedder on 5,000 passages of BoolQ and 1,500 of SQuADShifts
(medians there .35 within a document, .53 to the nearest of 5,000, .65 to the question's own, .01 to any other).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.corpus import whole_words
from index.embed import Vectors
from index.store import Content
from index.types import Document, Passage

DIMENSION = 384
PASSAGES_A_DOCUMENT = 50
WORDS_A_PASSAGE = 85
VOCABULARY = 300_000
TOPICS = 10_000
SHARED_BY_TOPIC, SHARED_BY_DOCUMENT = 0.2, 0.16
"""Of a vector's variance: what it has in common with all of its topic, and beyond that with its document."""
QUESTION_COSINE = 0.65
QUESTION_WORDS = 9
TAGGED = 10
"""One document in so many carries the tag "tenth"."""
NOT_INDEXED = 10**8
"""Documents from this number on are in no index."""
Words = NDArray[np.int64]
"""(passages, WORDS_A_PASSAGE): ranks of words in the vocabulary."""


def documents(passages: int) -> Iterator[Content]:
    """As many as hold `passages` passages."""
    for number in range(passages // PASSAGES_A_DOCUMENT):
        yield document(number, document_words(number), document_vectors(number))


def document(number: int, words: Words, vectors: Vectors, mark: str = "") -> Content:
    """`mark` ends its passages' ids."""
    words_of = vocabulary()
    id_, split, text = f"made-{number:08}", [], ""
    for row, ranks in enumerate(words.tolist()):
        said = " ".join([words_of[rank] for rank in ranks]).capitalize()
        passage = f"{passage_id(number * PASSAGES_A_DOCUMENT + row)}{mark}"
        split.append(Passage(passage, id_, len(text), len(text) + len(said), said))
        text += said + ". "
    tags = ("tenth",) if number % TAGGED == 0 else ()
    return Document(id_, "", f"made/{number:08}.txt", text, f"{number:064x}", tags=tags), split, vectors


def passage_id(place: int) -> str:
    """Of the passage with this number in the corpus."""
    return f"made-{place // PASSAGES_A_DOCUMENT:08}:{place % PASSAGES_A_DOCUMENT}"


def document_words(number: int) -> Words:
    drawn = np.random.default_rng([number, 0]).random((PASSAGES_A_DOCUMENT, WORDS_A_PASSAGE))
    return np.searchsorted(_cumulated(VOCABULARY), drawn).clip(max=VOCABULARY - 1)


def document_vectors(number: int) -> Vectors:
    """(PASSAGES_A_DOCUMENT, DIMENSION), of unit length."""
    chosen = np.random.default_rng([number, 1])
    topic = int(np.searchsorted(_cumulated(TOPICS), chosen.random()).clip(max=TOPICS - 1))
    shared = SHARED_BY_TOPIC**0.5 * _drawn(np.random.default_rng([topic, 2]), 1)
    shared += SHARED_BY_DOCUMENT**0.5 * _drawn(chosen, 1)
    own = (1 - SHARED_BY_TOPIC - SHARED_BY_DOCUMENT) ** 0.5
    return _unit((shared + own * _drawn(chosen, PASSAGES_A_DOCUMENT)) @ _rotation())


def replacement(number: int, back: bool = False) -> Content:
    """Another text for a document, with the same id; or the one that it had."""
    other = number if back else NOT_INDEXED + number
    return document(number, document_words(other), document_vectors(other), mark="" if back else "-new")


def questions(passages: int, count: int, replaced: Sequence[int] = ()) -> tuple[list[str], Vectors]:
    """`count` questions spread over a corpus of `passages`, then one for the `replacement` of each of `replaced`: words
    of a passage, and a vector near its own."""
    words_of, texts, vectors = vocabulary(), [], []
    places = np.linspace(0, passages // PASSAGES_A_DOCUMENT - 1, count).astype(int).tolist()
    for number, place in enumerate([*places, *(NOT_INDEXED + one for one in replaced)]):
        chosen = np.random.default_rng([number, 3])
        row = int(chosen.integers(PASSAGES_A_DOCUMENT))
        words = chosen.choice(document_words(place)[row], QUESTION_WORDS, replace=False)
        texts.append(" ".join(words_of[word] for word in words.tolist()) + "?")
        aside = _unit(_drawn(chosen, 1) @ _rotation())[0]
        own = document_vectors(place)[row]
        vectors.append(QUESTION_COSINE * own + (1 - QUESTION_COSINE**2) ** 0.5 * aside)
    return texts, _unit(np.array(vectors, np.float32))


def _drawn(chosen: np.random.Generator, count: int) -> Vectors:
    return np.asarray(chosen.standard_normal((count, DIMENSION), np.float32) * _deviations(), np.float32)


def _unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


@lru_cache(maxsize=1)
def _deviations() -> Vectors:
    """By dimension; the squares are the shares of variance that the shipped embedder's principal components have."""
    ranks = np.arange(DIMENSION)
    variances = (ranks + 1) ** -0.4 * np.exp(-ranks / 160)
    deviations: Vectors = np.sqrt(variances / variances.sum()).astype(np.float32)
    return deviations


@lru_cache(maxsize=1)
def _rotation() -> Vectors:
    """Spreads the components over all dimensions, as an embedder does: what quantises dimensions one by one notices."""
    drawn = np.random.default_rng(5).standard_normal((DIMENSION, DIMENSION))
    rotation: Vectors = np.linalg.qr(drawn)[0].astype(np.float32)
    return rotation


@lru_cache(maxsize=2)
def _cumulated(count: int) -> NDArray[np.float64]:
    """Zipf's law with exponent 1: the n-th is n times rarer than the first."""
    chances = 1 / np.arange(1, count + 1)
    summed: NDArray[np.float64] = np.cumsum(chances / chances.sum())
    return summed


@lru_cache(maxsize=1)
def vocabulary() -> list[str]:
    """The tokenizer's whole words, the most frequent first, then names made of two of them."""
    words = whole_words()
    pairs = np.random.default_rng(4).integers(1000, len(words), (VOCABULARY, 2)).tolist()
    return [*words, *(words[a] + words[b] for a, b in pairs)][:VOCABULARY]
