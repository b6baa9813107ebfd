"""Measure answers of several sentences (qa/read/longer.py); nothing is fitted.

    python -m train.long_answers --data ../shared/data

CLAPNQ's dev questions have the sentences that a person's answer stands on. How many of them the answer cites, and how
many of those it cites are among them, is told for the reader's one span (its sentence) and for several sentences; of
the questions that ask for several, and of all as if they did. The other way about, questions of SQuADShifts' Wikipedia
articles are answered by one place: how often something is added to it needlessly is told for those that ask for
several. Each question is asked of its own paragraph or article.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from index.embed import open_embedder
from index.store import Where
from index.types import Hit
from qa.assistant import PASSAGES_READ
from qa.read import longer
from qa.read.span import SpanReader
from qa.types import Draft
from train.corpus import Article, Question, index_articles, make_document, overlaps, read_squad


class Asked(NamedTuple):
    """A question with the places of its right sentences, and its hits."""

    question: str
    places: tuple[tuple[int, int], ...]
    hits: list[Hit]


class Figures(NamedTuple):
    """Of `questions` that were answered: mean recall, precision and F1 of sentences, and sentences an answer."""

    questions: int
    recall: float
    precision: float
    f1: float
    sentences: float


def read_clapnq(path: Path) -> list[Article]:
    """One article a question: the passage's sentences, its right ones as spans."""
    articles = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        passage, right = row["passages"][0], set(row["output"][0]["selected_sentences"])
        text, spans = "", []
        for sentence in passage["sentences"]:
            text += " " if text else ""
            if sentence in right:
                spans.append((len(text), len(text) + len(sentence)))
            text += sentence
        question = re.sub(r"\s+", " ", row["input"])
        asked = Question(str(row["id"]), f"{question[0].upper()}{question[1:]}?", tuple(spans))
        articles.append(Article(make_document(passage["title"], text), (asked,)))
    return articles


def searched(articles: Sequence[Article], label: str) -> Iterator[Asked]:
    with tempfile.TemporaryDirectory() as folder, click.progressbar(articles, label=label) as shown:
        index = index_articles(articles, Path(folder) / "storage", open_embedder("minilm"))
        for article in shown:
            for asked in article.questions:
                hits = index.search(asked.text, PASSAGES_READ, Where(frozenset([article.document.id])))
                yield Asked(asked.text, asked.spans, hits)
        index.close()


def figures(made: Sequence[tuple[Asked, Draft]]) -> Figures:
    """By sentence: an answer's span counts as the sentence that holds it."""
    rows = []
    for asked, draft in made:
        told = [(span.start, span.end) for part in draft.parts for span in part.spans]
        if not told:
            continue
        cited = {one.span for one in longer.sentences(asked.hits) if overlaps(told, one.span.start, one.span.end)}
        right = [span for span in cited if overlaps(asked.places, span.start, span.end)]
        found = sum(any(a < span.end and span.start < b for span in cited) for a, b in asked.places)
        recall, precision = found / len(asked.places), len(right) / max(len(cited), 1)
        f1 = 2 * recall * precision / (recall + precision) if found else 0.0
        rows.append((recall, precision, f1, float(len(cited))))
    means = (round(sum(column) / len(rows), 3) for column in zip(*rows, strict=True))
    return Figures(len(rows), *means)


def compared(asked: Sequence[Asked], reader: SpanReader, chosen: Callable[[str], bool]) -> dict[str, dict[str, float]]:
    """Both ways, of the chosen questions."""
    drafts = [(one, reader.read(one.question, one.hits)) for one in asked if chosen(one.question)]
    several = [(one, longer.with_others(one.question, draft, one.hits, reader)) for one, draft in drafts]
    return {"one span": figures(drafts)._asdict(), "several sentences": figures(several)._asdict()}


def one_place_each(path: Path, most: int) -> list[Article]:
    """Articles with those of their questions that ask for several, the first so many."""
    found: list[Article] = []
    for article in read_squad(path):
        left = most - sum(len(one.questions) for one in found)
        asked = tuple(one for one in article.questions if longer.asks_for_several(one.text))[:left]
        if asked:
            found.append(Article(article.document, asked))
    return found


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--most", default=60, show_default=True, help="Questions of SQuADShifts.")
def main(data: Path, most: int) -> None:
    reader = SpanReader.shipped()
    clapnq = list(searched(read_clapnq(data / "eval" / "clapnq_dev_answerable_first150.jsonl"), "CLAPNQ"))
    for name, chosen in (("asking for several", longer.asks_for_several), ("all", lambda _: True)):
        click.echo(json.dumps({f"CLAPNQ, {name}": compared(clapnq, reader, chosen)}, indent=2))
    one_place = list(searched(one_place_each(data / "train" / "squadshifts_new_wiki.json", most), "SQuADShifts"))
    told = compared(one_place, reader, longer.asks_for_several)
    click.echo(json.dumps({"SQuADShifts, asking for several": told}, indent=2))


if __name__ == "__main__":
    main()
