"""The default embedder: all-MiniLM-L6-v2 as int8 ONNX, made by `train/export_embedder.py` and shipped here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Vectors
from index.errors import EmbedderError
from index.inference import Feed, Model, open_session
from index.pieces import encodable, opened_tokenizer

if TYPE_CHECKING:
    import tokenizers

SHIPPED = Path(__file__).parent / "minilm"
FILES = ("model.onnx", "model.json", "tokenizer.json")
BATCH_PIECES = 2048
"""Texts are batched up to this many word pieces, padding counted: larger batches were no faster on two cores."""


class OnnxEmbedder:
    """An ONNX graph (input_ids, attention_mask) → unit vectors, with its tokenizer. Safe to share among threads.

    What is longer than `max_pieces` word pieces, the tokenizer's marks at both ends counted, loses its end."""

    def __init__(
        self, name: str, session: Model, tokenizer: tokenizers.Tokenizer, dimension: int, max_pieces: int
    ) -> None:
        self._name = name
        self._session = session
        self._tokenizer = tokenizer
        self._dimension = dimension
        self._max_pieces = max_pieces

    @classmethod
    def shipped(cls) -> OnnxEmbedder:
        return cls.load("minilm", SHIPPED)

    @classmethod
    def load(cls, name: str, folder: Path) -> OnnxEmbedder:
        """Open FILES in `folder`. Raises EmbedderError when they are not there."""
        model, card, tokenizer = (folder / file for file in FILES)
        if not (model.is_file() and card.is_file() and tokenizer.is_file()):
            raise EmbedderError(f"No {', '.join(FILES)} in {folder}. Reinstall footnote to get them back.")
        session, told = open_session(model), json.loads(card.read_text(encoding="utf-8"))
        return cls(name, session, opened_tokenizer(tokenizer), told["dimension"], told["max_pieces"])

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        pieces = [
            self._pieces(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(list(map(encodable, texts)))
        ]
        lengths = np.array([len(ids) for ids in pieces], np.int64)
        # Batches of like length waste least on padding.
        order = np.argsort(lengths, kind="stable")
        batches = _batches(order, lengths)[::-1]
        feeds = [_feed([pieces[i] for i in batch], lengths[batch]) for batch in batches]
        for batch, embedded in zip(batches, self._session.run_each(feeds), strict=True):
            vectors[batch] = embedded
        return vectors

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed_passages([question])[0]
        return vector

    def _pieces(self, ids: list[int]) -> list[int]:
        return ids if len(ids) <= self._max_pieces else [*ids[: self._max_pieces - 1], ids[-1]]


def _feed(pieces: Sequence[list[int]], lengths: np.ndarray) -> Feed:
    longest = int(lengths.max())
    ids = np.array([row + [0] * (longest - len(row)) for row in pieces], np.int64)
    return {"input_ids": ids, "attention_mask": (np.arange(longest) < lengths[:, None]).astype(np.int64)}


def _batches(order: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Cut `order`, which ascends in length, so that rows × longest stays within BATCH_PIECES."""
    batches, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * int(lengths[order[end]]) > BATCH_PIECES:
            batches.append(order[start:end])
            start = end
    return batches
