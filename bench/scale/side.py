"""One index in a process of its own, so that its memory and its first answer are its own.

    python -m bench.scale.side URI QUESTIONS

Replies with a JSON line once it has answered its first question, then to each request, a JSON line too, until there are
no more: `search` (numbers of questions, and where) and `parts` → seconds and what was found by each; `memory` → MB.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from index.embed import Vectors
from index.search import DEPTH, Index
from index.store import EVERYWHERE, Where, open_store

MANIFEST = {"format": "2", "embedder": "made", "dimension": "384"}
K = 10
MODULES = {"lancedb": "index.store.lancedb", "": "index.store.sqlite"}


class MadeEmbedder:
    """Knows the vectors of the questions that will be asked."""

    name, dimension = "made", 384

    def __init__(self, texts: list[str], vectors: Vectors) -> None:
        self._vectors = dict(zip(texts, vectors, strict=True))

    def embed_passages(self, texts: Any) -> Vectors:
        raise NotImplementedError("passages come with their vectors")

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self._vectors[question]
        return vector


def save_questions(file: Path, texts: list[str], vectors: Vectors) -> None:
    np.savez(file, texts=np.array(texts), vectors=vectors)


class Side:
    """An open index and its questions."""

    def __init__(self, uri: str, questions: Path) -> None:
        kept = np.load(questions)
        self._texts: list[str] = kept["texts"].tolist()
        self._vectors: Vectors = kept["vectors"]
        scheme = uri.partition("://")[0] if "://" in uri else ""
        begun = perf_counter()
        import_module(MODULES.get(scheme, f"index.store.{scheme}"))
        imported = perf_counter()
        self.index = Index(open_store(uri), MadeEmbedder(self._texts, self._vectors))
        opened = perf_counter()
        self.index.search(self._texts[0], K)
        self.told = {
            "import": imported - begun,
            "open": opened - imported,
            "first answer": perf_counter() - imported,
        }

    def search(self, numbers: list[int], where: str) -> dict[str, Any]:
        limits = {"everywhere": EVERYWHERE, "tag": Where(tags=frozenset({"tenth"}))}
        seconds, found = [], []
        for number in numbers:
            limit = limits.get(where) or Where(documents=frozenset(where.split(",")))
            begun = perf_counter()
            hits = self.index.search(self._texts[number], K, limit)
            seconds.append(perf_counter() - begun)
            found.append([hit.passage.id for hit in hits])
        return {"seconds": seconds, "found": found}

    def parts(self, numbers: list[int]) -> dict[str, Any]:
        """Each of the two searches by itself."""
        told: dict[str, Any] = {"dense": [], "text": [], "dense_seconds": [], "text_seconds": []}
        for number in numbers:
            begun = perf_counter()
            dense = self.index.store.dense(self._vectors[number], DEPTH)
            between = perf_counter()
            text = self.index.store.text(self._texts[number], DEPTH)
            told["dense_seconds"].append(between - begun)
            told["text_seconds"].append(perf_counter() - between)
            told["dense"].append([id_ for id_, _ in dense[:K]])
            told["text"].append([id_ for id_, _ in text[:K]])
        return told


def memory() -> dict[str, float]:
    """MB: now, of these what is this process's own and no file's, and at most so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    told = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines if line.endswith(" kB")}
    return {"resident_mb": told["VmRSS"], "own_mb": told["RssAnon"], "peak_mb": told["VmHWM"]}


def replies(uri: str, questions: Path) -> Iterator[dict[str, Any]]:
    side = Side(uri, questions)
    yield side.told
    for line in sys.stdin:
        asked = json.loads(line)
        match asked.pop("do"):
            case "search":
                yield side.search(**asked)
            case "parts":
                yield side.parts(**asked)
            case _:
                yield memory()
    side.index.close()


if __name__ == "__main__":
    for reply in replies(sys.argv[1], Path(sys.argv[2])):
        click.echo(json.dumps(reply))
