"""What the searches should find: exact searches, fused as the product fuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.scale import exact
from bench.scale.corpus import passage_id, questions
from bench.scale.exact import Found
from bench.scale.side import K
from index.search import fuse
from index.store import Ranked

Best = list[list[str]]
"""By question: the ids of the K best passages."""


@dataclass(frozen=True, slots=True)
class Right:
    """`hybrid` by where it was searched, see `Side.search`."""

    dense: Best
    text: Best
    hybrid: dict[str, Best]

    @classmethod
    def of(cls, passages: int, count: int) -> Right:
        texts, vectors = questions(passages, count)
        dense, tagged = exact.dense(passages, vectors), exact.dense(passages, vectors, tagged=True)
        text, text_tagged = exact.text(passages, texts)
        hybrid = {"everywhere": _fused(dense, text), "tag": _fused(tagged, text_tagged)}
        return cls(_first(dense), _first(text), hybrid)

    @classmethod
    def kept(cls, file: Path, passages: int, count: int) -> Right:
        """What `of` gives, from the file if it is there, else written to it."""
        if not file.exists():
            file.write_text(json.dumps(asdict(cls.of(passages, count))), encoding="utf-8")
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    @staticmethod
    def recall(best: Best, numbers: Sequence[int], found: Sequence[Sequence[str]]) -> list[float]:
        """For each of the questions `numbers`, the share of its best that was found."""
        return [
            len({*best[number]} & {*one}) / len(best[number]) if best[number] else 1.0
            for number, one in zip(numbers, found, strict=True)
        ]


def _first(found: Found) -> Best:
    return [[passage_id(place) for place in places[:K].tolist()] for places, _ in found]


def _fused(dense: Found, text: Found) -> Best:
    return [
        [id_ for id_, _ in fuse(_ranked(*one), _ranked(*other))[:K]] for one, other in zip(dense, text, strict=True)
    ]


def _ranked(places: NDArray[np.int64], scores: NDArray[np.float64]) -> Ranked:
    return [(passage_id(place), score) for place, score in zip(places.tolist(), scores.tolist(), strict=True)]
