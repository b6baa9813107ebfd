"""Made passages with a realistic distribution: words by Zipf's law, vectors in clusters. Deterministic by seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.embed import Vectors
from index.pieces import whole_tokenizer
from index.store import Store
from index.types import Document, Passage

PASSAGES_A_DOCUMENT = 50
WORDS_A_PASSAGE = 85
DIMENSION = 384
CLUSTERS = 200
NOISE = 0.9
"""Of a vector's distance from its cluster's centre; neighbours within a cluster then have cosines of about .55."""


def fill(store: Store, passages: int, seed: int = 0) -> None:
    """Add documents of PASSAGES_A_DOCUMENT passages until there are `passages`."""
    for document, split, vectors in documents(passages, seed):
        store.replace_document(document, split, vectors)


def documents(passages: int, seed: int = 0) -> Iterator[tuple[Document, list[Passage], Vectors]]:
    chosen = np.random.default_rng(seed)
    words = whole_words()
    # Zipf's law with exponent 1: the n-th word is n times rarer than the first.
    chances = 1 / np.arange(1, len(words) + 1)
    chances /= chances.sum()
    centres = chosen.standard_normal((CLUSTERS, DIMENSION)).astype(np.float32)
    for number in range(-(-passages // PASSAGES_A_DOCUMENT)):
        size = min(PASSAGES_A_DOCUMENT, passages - number * PASSAGES_A_DOCUMENT)
        id_, path = f"made-{seed}-{number:07}", f"made/{seed}/{number:07}.txt"
        split, text = [], ""
        for _ in range(size):
            picked = " ".join(words[i] for i in chosen.choice(len(words), WORDS_A_PASSAGE, p=chances))
            sentence = picked.capitalize() + ". "
            split.append(Passage(f"{id_}:{len(text)}", id_, len(text), len(text) + len(sentence) - 1, sentence[:-1]))
            text += sentence
        near = centres[chosen.integers(0, CLUSTERS, 2)].mean(axis=0)  # a document keeps to its subject
        vectors = near + NOISE * chosen.standard_normal((size, DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        yield (
            Document(id_, f"Made {number}", path, text, f"{seed:032x}{number:032x}"),
            split,
            vectors.astype(np.float32),
        )


def write_files(folder: Path, passages: int, seed: int = 0) -> None:
    """The same texts as files, in paragraphs of one passage."""
    folder.mkdir(parents=True, exist_ok=True)
    for document, split, _ in documents(passages, seed):
        text = "\n\n".join(passage.text for passage in split)
        (folder / f"{document.id}.txt").write_text(text, encoding="utf-8")


def whole_words() -> list[str]:
    """The whole words of the tokenizer's vocabulary, most frequent first."""
    vocabulary = whole_tokenizer().get_vocab()
    return [
        word for word, id_ in sorted(vocabulary.items(), key=lambda item: item[1]) if id_ >= 1996 and word.isalpha()
    ]
