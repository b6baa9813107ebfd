"""Texts → vectors, by a table of embedders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Gives every text a vector of unit length; texts that mean the same lie near each other."""

    @property
    def name(self) -> str:
        """What the manifest records, and what `open_embedder` opens again."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length, in the order of `texts`."""
        ...

    def embed_question(self, question: str) -> Vectors:
        """(dimension,) float32 of unit length."""
        ...


def _minilm(argument: str) -> Embedder:
    from index.embed.onnx import OnnxEmbedder

    return OnnxEmbedder.shipped()


def _sentence_transformers(argument: str) -> Embedder:
    from index.embed.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder.load(argument)


def _word_length(argument: str) -> Embedder:
    from index.embed.word_length import WordLengthEmbedder

    return WordLengthEmbedder()


EMBEDDERS: dict[str, tuple[Callable[[str], Embedder], bool]] = {
    "minilm": (_minilm, False),
    "sentence-transformers": (_sentence_transformers, True),
    "word-length": (_word_length, False),
}
"""Name → (how to open it, whether NAME:ARGUMENT is needed)."""

VERSIONS = {"minilm": 2}
"""Embedder → which vectors it makes, where they are not its first: those of one version are not searched with another.
2: activations of even scale before they are quantised."""


def vectors_version(name: str) -> str:
    """What the manifest records beside an embedder's name."""
    return str(VERSIONS.get(name.partition(":")[0], 1))


def open_embedder(name: str) -> Embedder:
    """The embedder that `name` names: `minilm`, or `sentence-transformers:NAME_OR_PATH`. Raises EmbedderError."""
    kind, _, argument = name.partition(":")
    if kind not in EMBEDDERS:
        raise EmbedderError(f"No embedder is called {name!r}. Choose one of: {', '.join(EMBEDDERS)}.")
    opener, wants_argument = EMBEDDERS[kind]
    if wants_argument and not argument:
        raise EmbedderError(f"{kind} needs a model: write {kind}:NAME_OR_PATH.")
    if argument and not wants_argument:
        raise EmbedderError(f"{kind} takes no argument, but was given {argument!r}. Write just: {kind}")
    return opener(argument)
