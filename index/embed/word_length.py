"""A demo embedder whose vectors can be worked out by hand: it counts words by their length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.embed import Vectors

LONGEST = 16


class WordLengthEmbedder:
    """Component i counts the words of i + 1 characters (the last: of 16 and more), then all are scaled to length 1.

    "a bb bb" → (1, 2, 0, …) / √5. A text without words gets the unit vector (1, 0, …).
    """

    name = "word-length"
    dimension = LONGEST

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        counts = np.zeros((len(texts), LONGEST), np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                counts[row, min(len(word), LONGEST) - 1] += 1
            if not text.split():
                counts[row, 0] = 1
        lengths: Vectors = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / lengths

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed_passages([question])[0]
        return vector
