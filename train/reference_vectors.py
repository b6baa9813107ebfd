"""Write what sentence-transformers makes of the article and the eval questions, for the parity test to compare with.

    python -m train.reference_vectors            (needs: make train-setup)

Embeds the article's passages (as a sync does) and the questions of `eval/cases/astana.jsonl` with the weights that the
shipped embedder was made from, and writes `tests/index/minilm_reference.npz`: the vectors in half precision and a hash
of the texts. Run it again when the article, the cases or the splitting change; the test says when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from index.embed.sentence_transformers import SentenceTransformersEmbedder
from index.passages import split
from index.structure import plain_structure
from index.sync import embedded_text
from index.types import Document
from train.export_embedder import model_folder

PROJECT = Path(__file__).parent.parent
TARGET = PROJECT / "tests" / "index" / "minilm_reference.npz"
ARTICLE = PROJECT / "seeds" / "astana-de-escalation-zones.txt"
CASES = PROJECT / "eval" / "cases" / "astana.jsonl"


def passage_texts() -> list[str]:
    """What is embedded for the article's passages, in order."""
    text = ARTICLE.read_text(encoding="utf-8")
    structure = plain_structure(text)
    article = Document("article", structure.title or "", ARTICLE.name, text, "", headings=structure.headings)
    return [embedded_text(passage) for passage in split(article)]


def questions() -> list[str]:
    """The cases' questions, in order."""
    return [json.loads(line)["question"] for line in CASES.read_bytes().splitlines() if line.strip()]


def digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@click.command(help=__doc__)
@click.option("--target", type=click.Path(path_type=Path), default=TARGET, show_default=False)
def main(target: Path) -> None:
    embedder = SentenceTransformersEmbedder.load(str(model_folder()))
    passages, asked = passage_texts(), questions()
    np.savez_compressed(
        target,
        passages=embedder.embed_passages(passages).astype(np.float16),
        questions=np.stack([embedder.embed_question(question) for question in asked]).astype(np.float16),
        passages_digest=digest(passages),
        questions_digest=digest(asked),
    )
    click.echo(f"{len(passages)} passages, {len(asked)} questions, {target.stat().st_size / 1e3:.0f} kB: {target}")


if __name__ == "__main__":
    main()
