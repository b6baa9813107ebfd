"""The documents that nothing was trained or calibrated on, as files that `python -m eval` reads.

    python -m train.held_out --data ../shared/data/train --out held-out

Writes held-out/articles.json (whole articles of SQuADShifts new_wiki and Wikinews, each question to be asked of its
own) and held-out/paragraphs.json (Natural Questions' paragraphs, to be asked of all of them), in SQuAD 2.0's format,
with the authored questions, half of which have no answer. Both are the development split (train.prepare), on which
nothing is fitted; settings may be chosen there, as long as nothing is judged there afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from train.calibrate import articles
from train.corpus import Article, Question

FILES = {"articles": ("new_wiki", "wikinews"), "paragraphs": ("nq",)}


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    every = articles(data, "development")
    for name, sets in FILES.items():
        chosen = [article for one in sets for article in every[one] if article.questions]
        (out / f"{name}.json").write_text(json.dumps(squad(chosen), ensure_ascii=False), encoding="utf-8")
        asked = [question for article in chosen for question in article.questions]
        answerable = sum(bool(question.spans) for question in asked)
        click.echo(f"{name}: {len(chosen)} documents, {answerable} answerable questions, {len(asked) - answerable} not")


def squad(chosen: Sequence[Article]) -> dict[str, Any]:
    """Each document as an article of one paragraph."""
    return {"version": "2.0", "data": [
        {"title": article.document.title, "paragraphs": [{
            "context": article.document.text,
            "qas": [_asked(question, article.document.text) for question in article.questions],
        }]}
        for article in chosen
    ]}  # fmt: skip


def _asked(question: Question, text: str) -> dict[str, Any]:
    answers = [{"text": text[start:end], "answer_start": start} for start, end in question.spans]
    return {"id": question.id, "question": question.text, "is_impossible": not answers, "answers": answers}


if __name__ == "__main__":
    main()
