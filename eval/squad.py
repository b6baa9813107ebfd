"""Reading alone, on a file in SQuAD 1.1 or 2.0 format: each question is asked of its own paragraph.

    python -m eval.squad ../shared/data/eval/squad2_dev_8_articles.json

Prints exact match and F1 (Rajpurkar et al. 2016, 2018) with the shipped threshold, the same over the answerable
questions when it never abstains, the share of unanswerable ones that it refuses, and the AUROC of its confidence for
answerable or not. The files are not shipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from eval.folds import auroc
from eval.normalise import exact_match, token_f1
from index.embed import Embedder, open_embedder
from index.errors import CasesError, FootnoteError
from index.passages import split
from index.sync import embedded_text
from index.types import Document, Hit
from qa.read.span import SHIPPED, Calibration, SpanReader, load_session


class Read(NamedTuple):
    """`said` is the best answer, whatever its confidence."""

    said: str
    confidence: float
    answers: tuple[str, ...]


def read_all(file: Path, reader: SpanReader, embedder: Embedder) -> Iterator[Read]:
    """Every question of the file, in its order. Raises CasesError for a file of another format."""
    for title, paragraph in _paragraphs(file):
        text = paragraph["context"]
        document = Document(hashlib.sha256(text.encode()).hexdigest(), title, title, text, "")
        passages = split(document)
        vectors = embedder.embed_passages([embedded_text(passage) for passage in passages])
        for asked in paragraph["qas"]:
            cosines = vectors @ embedder.embed_question(asked["question"])
            hits = [Hit(p, float(c), None, None, float(c)) for p, c in zip(passages, cosines, strict=True)]
            draft = reader.read(asked["question"], sorted(hits, key=lambda hit: -hit.score))
            answers = () if asked.get("is_impossible") else tuple(answer["text"] for answer in asked["answers"])
            yield Read(" ".join(part.text for part in draft.parts), draft.confidence, answers)


def figures(made: list[Read], threshold: float) -> dict[str, float]:
    """The measures of the module's docstring, as shares."""
    kept = [read.said if read.confidence >= threshold else "" for read in made]
    answerable = [read for read in made if read.answers]
    refused = [not said for said, read in zip(kept, made, strict=True) if not read.answers]
    told = {
        "exact_match": _mean([exact_match(said, read.answers) for said, read in zip(kept, made, strict=True)]),
        "f1": _mean([token_f1(said, read.answers) for said, read in zip(kept, made, strict=True)]),
        "answerable_exact_match_never_abstaining": _mean([exact_match(r.said, r.answers) for r in answerable]),
        "answerable_f1_never_abstaining": _mean([token_f1(r.said, r.answers) for r in answerable]),
    }
    if refused:
        told["unanswerable_refused"] = _mean([float(one) for one in refused])
        told["auroc"] = auroc([read.confidence for read in made], [bool(read.answers) for read in made]) or 0.0
    return {name: round(value, 4) for name, value in told.items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _paragraphs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                yield str(article.get("title", "")).replace("_", " "), paragraph
    except (ValueError, KeyError, TypeError) as exc:
        raise CasesError(f"{file} is not in SQuAD's format ({exc!r}).") from exc


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(file: Path) -> None:
    try:
        _measure(file)
    except FootnoteError as exc:
        raise click.ClickException(str(exc)) from exc


def _measure(file: Path) -> None:
    embedder = open_embedder("minilm")
    shipped = Calibration.load()
    reader = SpanReader(load_session(SHIPPED / "model.onnx"), replace(shipped, threshold=0.0))
    count = sum(len(paragraph["qas"]) for _, paragraph in _paragraphs(file))
    with click.progressbar(read_all(file, reader, embedder), label="reading", length=count) as shown:
        made = list(shown)
    click.echo(
        json.dumps(
            {"questions": len(made), "threshold": shipped.threshold, **figures(made, shipped.threshold)}, indent=2
        )
    )


if __name__ == "__main__":
    main()
