"""What can be asked in an evaluation: Footnote, and the baselines that it is held against in the same run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from eval.provenance import versions
from eval.systems import bm25, citation_query_engine, dense, haystack, llama_index
from eval.systems.options import Options
from eval.types import Asks
from index.errors import FootnoteError
from index.search import Index

__all__ = ["BASELINES", "Baseline", "Options"]


class Baseline(NamedTuple):
    """`over` opens it over an index that Footnote uses too: same documents, same embedder. `reads`: whether our
    reader's weights have a part in it; `llm`: whether it needs a language model; `packages`: whose versions tell what
    was asked, and `install` how a person gets them."""

    over: Callable[[Index, Options], AbstractContextManager[Asks]]
    about: str
    reads: bool = False
    llm: bool = False
    packages: tuple[str, ...] = ()
    install: str = ""

    def check(self, name: str) -> None:
        """Raises FootnoteError where a package is missing, before anything is asked."""
        there = versions(self.packages)
        missing = [package for package in self.packages if package not in there]
        if missing:
            raise FootnoteError(f"{name} needs {', '.join(missing)}. {self.install}")


BASELINES: dict[str, Baseline] = {
    "bm25": Baseline(bm25.over, "BM25 alone; the answer is the sentence that shares most with the question"),
    "dense": Baseline(dense.over, "the embedder alone, without BM25; our reader", reads=True),
    "llama-index": Baseline(
        llama_index.over,
        "llama-index's VectorStoreIndex with the same embedder, no LLM; the answer is its first node",
        packages=("llama-index-core",),
    ),
    "citation-query-engine": Baseline(
        citation_query_engine.over,
        "llama-index's CitationQueryEngine with the model of --llm",
        llm=True,
        packages=("llama-index-core",),
    ),
    "haystack": Baseline(
        haystack.over,
        "our search; Haystack's extractive reader with our reader's weights",
        reads=True,
        packages=("haystack-ai", "transformers-haystack", "transformers", "torch", "onnx"),
        install=haystack.INSTALL,
    ),
}
"""Each is written from its maker's defaults. One that never abstains has its score as confidence, uncalibrated."""
