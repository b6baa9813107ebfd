"""Any model that sentence-transformers can load, by name or path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Vectors
from index.errors import EmbedderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformersEmbedder:
    """Wraps a loaded SentenceTransformer; question and passage prompts of the model are used where it has them."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self._name = name
        self._model = model

    @classmethod
    def load(cls, name_or_path: str) -> SentenceTransformersEmbedder:
        """Load from a folder, the local cache, or (naming a hub model is asking for it) the hub.

        A folder is known by its absolute path from then on: the index must not depend on where it is opened from.
        """
        folder = Path(name_or_path)
        if folder.exists():
            name_or_path = str(folder.resolve())
        elif folder.is_absolute():
            raise EmbedderError(f"There is no model at {folder}. Put it back, or index again with another --embedder.")
        else:
            os.environ.setdefault("HF_HUB_OFFLINE", "0")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as exc:
            raise EmbedderError(
                "sentence-transformers is not installed. Install it with: pip install 'footnote[sentence-transformers]'"
            ) from exc
        try:
            model = SentenceTransformer(name_or_path, trust_remote_code=False)
        except Exception as exc:  # the library raises whatever its loaders and its HTTP client raise
            raise EmbedderError(
                f"sentence-transformers cannot load {name_or_path!r} ({type(exc).__name__}). "
                "Give a folder that holds a model, or a hub model's name while the network is there."
            ) from exc
        return cls(f"sentence-transformers:{name_or_path}", model)

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return self._unit(self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False))

    def embed_question(self, question: str) -> Vectors:
        return self._unit(self._model.encode_query(question, normalize_embeddings=True, show_progress_bar=False))

    @staticmethod
    def _unit(vectors: object) -> Vectors:
        return np.asarray(vectors, np.float32)
