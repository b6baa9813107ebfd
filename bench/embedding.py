"""Passages embedded a second: beside sentence-transformers with torch, and against what the processor can do.

    python -m bench.embedding

The same passages, as the product cuts them out of made documents, through the shipped embedder and through
sentence-transformers with the model that it was made of (its default settings), in turns. The limit is the time that
the matrix products of our batches take alone (`bench.limit`: same shapes, int8, each core its own), measured for a few
of the shapes and scaled by the operations of all; padding counts as work in it, so the share that is none is told.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from bench.ingest import Writer
from bench.limit import products, seconds
from bench.measure import in_turns, p50, ratio, table, write
from index.config import load_settings
from index.embed.onnx import OnnxEmbedder
from index.inference import Feed
from index.passages import split
from index.types import Document
from index.writer import STEP, embedded_text
from train.export_embedder import model_folder

SHAPES = 8
"""Shapes of batches that the limit is measured with."""


def made_texts(count: int) -> list[str]:
    """What is embedded of the passages of made documents of four to forty paragraphs."""
    made, texts = Writer(), list[str]()
    while len(texts) < count:
        paragraphs = made.text(4 + len(texts) % 37)
        text = "\n\n".join(" ".join(one) for one in paragraphs)
        texts += [embedded_text(one) for one in split(Document("d", made.title(), "d.txt", text, ""))]
    return texts[:count]


def recorded_feeds(embedder: OnnxEmbedder, texts: Sequence[str]) -> list[Feed]:
    """The batches that the embedder makes of them."""
    session, feeds = embedder._session, list[Feed]()

    class Recording:
        def run(self, wanted: Sequence[str] | None, feed: Feed) -> list[np.ndarray]:
            feeds.append(feed)
            return session.run(wanted, feed)

        def run_each(self, given: Sequence[Feed]) -> list[np.ndarray]:
            feeds.extend(given)
            return session.run_each(given)

    embedder._session = Recording()
    _embedded(embedder, texts)
    embedder._session = session
    return feeds


def shortest(shapes: Sequence[tuple[int, int]]) -> float:
    """Seconds for the products of batches of these shapes (rows, longest), all cores at once."""
    every = sorted(shapes, key=lambda shape: shape[0] * shape[1] * shape[1])
    measured = [every[place] for place in np.linspace(0, len(every) - 1, min(SHAPES, len(every))).astype(int)]
    with tempfile.TemporaryDirectory() as folder:
        taken = sum(seconds(one, int8=True, folder=Path(folder)) for shape in measured for one in products(*shape))
    return taken * _operations(every) / _operations(measured) / load_settings().inference_threads


def _operations(shapes: Sequence[tuple[int, int]]) -> int:
    return sum(one.operations for shape in shapes for one in products(*shape))


def _embedded(embedder: OnnxEmbedder, texts: Sequence[str]) -> None:
    """As indexing does."""
    for start in range(0, len(texts), STEP):
        embedder.embed_passages(texts[start : start + STEP])


@click.command(help=__doc__)
@click.option("--passages", default=512, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(passages: int, rounds: int) -> None:
    from sentence_transformers import SentenceTransformer

    texts = made_texts(passages)
    ours, theirs = OnnxEmbedder.shipped(), SentenceTransformer(str(model_folder()))
    feeds = recorded_feeds(ours, texts)
    taken = in_turns(
        {
            "Footnote": lambda: _embedded(ours, texts),
            "sentence-transformers": lambda: theirs.encode(texts, show_progress_bar=False),
        },
        rounds,
        "Embedding",
    )
    shapes = [feed["input_ids"].shape for feed in feeds]
    bound = shortest(shapes)
    real = sum(int(feed["attention_mask"].sum()) for feed in feeds)
    share = real / sum(rows * longest for rows, longest in shapes)
    above = p50(taken["Footnote"]) / bound
    faster = ratio(taken["sentence-transformers"], taken["Footnote"])
    rows = [[name, f"{p50(one):.2f} s", f"{passages / p50(one):.0f}"] for name, one in taken.items()]
    rows.append(["the matrix products of our batches alone", f"{bound:.2f} s", f"{passages / bound:.0f}"])
    told = "\n".join(
        [
            table(["", f"p50 of {passages} passages", "passages a second"], rows),
            "",
            f"Footnote is {faster:.1f} times as fast as sentence-transformers and takes {above:.2f} times the limit.",
            f"{real / passages:.0f} word pieces a passage; {share:.1%} of what is computed is no padding.",
        ]
    )
    results = {
        "passages": passages,
        "passages a second": {name: passages / p50(one) for name, one in taken.items()},
        "limit, passages a second": passages / bound,
        "sentence-transformers / Footnote": faster,
        "Footnote / limit": above,
        "word pieces a passage": real / passages,
        "share of no padding": share,
    }
    write("embedding", "python -m bench.embedding", told, results)


if __name__ == "__main__":
    main()
