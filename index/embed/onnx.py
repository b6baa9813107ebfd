"""The default embedder: all-MiniLM-L6-v2 as int8 ONNX, made by `train/export_embedder.py` and shipped here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Vectors
from index.errors import EmbedderError
from index.inference import open_session
from index.pieces import encodable

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

SHIPPED = Path(__file__).parent / "minilm"
BATCH_PIECES = 2048
"""Texts are batched up to this many word pieces, padding counted: larger batches were no faster on two cores."""


class OnnxEmbedder:
    """An ONNX graph (input_ids, attention_mask) → unit vectors, with its tokenizer. Safe to share among threads."""

    def __init__(
        self, name: str, session: onnxruntime.InferenceSession, tokenizer: tokenizers.Tokenizer, dimension: int
    ) -> None:
        self._name = name
        self._session = session
        self._tokenizer = tokenizer
        self._dimension = dimension

    @classmethod
    def shipped(cls) -> OnnxEmbedder:
        return cls.load("minilm", SHIPPED)

    @classmethod
    def load(cls, name: str, folder: Path) -> OnnxEmbedder:
        """Open `model.onnx` and `tokenizer.json` in `folder`. Raises EmbedderError when they are not there."""
        from tokenizers import Tokenizer

        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        if not (model.is_file() and tokenizer.is_file()):
            raise EmbedderError(f"No model.onnx and tokenizer.json in {folder}. Reinstall footnote to get them back.")
        session = open_session(model)
        return cls(name, session, Tokenizer.from_file(str(tokenizer)), session.get_outputs()[0].shape[-1])

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        encodings = self._tokenizer.encode_batch([encodable(text) for text in texts])
        # The tokenizer pads to the longest of all; the masks tell the true lengths, and batches of like length
        # waste least.
        lengths = np.array([sum(encoding.attention_mask) for encoding in encodings], np.int64)
        order = np.argsort(lengths, kind="stable")
        for batch in _batches(order, lengths):
            longest = int(lengths[batch].max())
            ids = np.array([encodings[i].ids[:longest] for i in batch], np.int64)
            mask = np.array([encodings[i].attention_mask[:longest] for i in batch], np.int64)
            vectors[batch] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed_passages([question])[0]
        return vector


def _batches(order: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Cut `order`, which ascends in length, so that rows × longest stays within BATCH_PIECES."""
    batches, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * int(lengths[order[end]]) > BATCH_PIECES:
            batches.append(order[start:end])
            start = end
    return batches
