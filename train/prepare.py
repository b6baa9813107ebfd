"""Step 1 of the reader: the training sets → examples, in one format, divided by document.

    python -m train.prepare --data ../shared/data/train --eval-data ../shared/data/eval

Reads SQuADShifts (new_wiki, reddit, amazon_reviews), Natural Questions (and QED's of them), COVID-QA, QAMR,
QADiscourse, BoolQ and the authored questions, cuts every document into the passages that serving would cut, and writes
train/runs/reader/ train, development and calibration.jsonl, a line an example:

    {"set", "document", "question", "lead": "title", "passages": [text, …], "answers": [[passage, start, end]],
     "anywhere": false}

Offsets are characters of a passage; without answers, no passage answers, unless `anywhere`: then they do, and nobody
marked where.

A tenth of the documents each, by hash, is kept for calibration and development. What shares 13 words in a row or a
whole question with the evaluation sets is dropped, and so are questions that two sets have. Unanswerable questions:
the authored ones; questions asked of passages that our own search finds for them and that do not hold the answer's
words; questions turned so that their passage no longer answers (train.negatives). `--seed` draws another mixture.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from index.embed import open_embedder
from index.passages import split
from index.types import Document, Passage
from train.authored import load
from train.corpus import (
    Article,
    Question,
    index_articles,
    make_document,
    read_boolq,
    read_natural_questions,
    read_qed,
    read_squad,
)
from train.negatives import hardest, silent, turned
from train.sentences import read_qadiscourse, read_qamr

WORK = Path(__file__).parent / "runs" / "reader"
PARTS = ("development", "calibration")
SHARED_WORDS = 13
"""Brown et al. (2020), appendix C: so many words in a row make two texts one."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a set is used. `kept`: the share of its documents; `hard`: of its answerable questions that are asked of a
    hard negative alone, `beside`: of both passages; `turned`: that are asked once more, turned unanswerable.
    `searched`: hard negatives come from our search in the set, else from words shared within the document."""

    read: Callable[[Path], list[Article]]
    kept: float = 1.0
    hard: float = 0.12
    beside: float = 0.25
    turned: float = 0.2
    titled: bool = True
    searched: bool = False


RECIPES = {
    "new_wiki": Recipe(lambda data: read_squad(data / "squadshifts_new_wiki.json"), searched=True, hard=0.2),
    "nq": Recipe(lambda data: _natural_questions(data), searched=True, hard=0.25, turned=0.1),
    "reddit": Recipe(lambda data: _posts(read_squad(data / "squadshifts_reddit.json")), titled=False, kept=0.7),
    "amazon": Recipe(lambda data: read_squad(data / "squadshifts_amazon_reviews.json"), titled=False, kept=0.7),
    "covid": Recipe(lambda data: read_squad(data / "covid_qa.json"), titled=False),
    "qamr": Recipe(read_qamr, titled=False, hard=0.05, beside=0.0, turned=0.1),
    "discourse": Recipe(read_qadiscourse, titled=False, kept=0.6, hard=0.1, beside=0.0, turned=0.0),
}
SEARCHED = 8
"""So many passages of a search are looked through for a hard negative."""
YES_NO_KEPT, YES_NO_HARD = 0.4, 0.35
"""The share of BoolQ that is used, and that is asked of another passage alone."""


@dataclass(frozen=True, slots=True)
class Example:
    set: str
    document: str
    question: str
    lead: str
    passages: tuple[str, ...]
    answers: tuple[tuple[int, int, int], ...]
    anywhere: bool = False


def part_of(document: str) -> str:
    """train, development or calibration: by document, never by question."""
    number = int(hashlib.sha256(document.encode()).hexdigest(), 16) % 10
    return PARTS[number] if number < len(PARTS) else "train"


Rivals = Callable[[Document, Question], Sequence[Passage]]
"""The passages that a question could be mistaken to be answered by, likeliest first."""


def examples(name: str, recipe: Recipe, article: Article, rivals: Rivals, chosen: random.Random) -> Iterator[Example]:
    """The examples of one document."""
    document = article.document
    passages = split(document)
    title = document.title if recipe.titled else ""
    for question in article.questions:
        answering = [p for p in passages if any(p.start <= a and b <= p.end for a, b in question.spans)]
        if not answering or len(question.text.split()) < 3:
            continue
        draw = chosen.random()
        hard = None
        if draw < recipe.hard + recipe.beside:
            hard = next(iter(silent(document, question, rivals(document, question))), None)
        if hard is not None and draw < recipe.hard:
            yield _example(name, document, question.text, title, [hard], ())
            continue
        beside = [hard] if hard is not None else []
        shown = [answering[0], *beside]
        yield _example(name, document, question.text, title, shown, question.spans)
        if chosen.random() < recipe.turned and (changed := turned(question, document, answering[0], chosen)):
            yield _example(name, document, changed, title, shown[:1], ())


def _example(
    name: str,
    document: Document,
    question: str,
    title: str,
    shown: Sequence[Passage],
    spans: Iterable[tuple[int, int]],
) -> Example:
    answers = [
        (number, start - passage.start, end - passage.start)
        for number, passage in enumerate(shown)
        if passage.document_id == document.id
        for start, end in spans
        if passage.start <= start and end <= passage.end
    ]
    return Example(name, document.title, question, title, tuple(p.text for p in shown), tuple(answers))


def authored(data: Path) -> Iterator[Example]:
    """The authored questions; the document of each passage is the one that its set divides by."""
    for source, question in load(data):
        document, spans = make_document(source.title, source.text), question.spans
        passages = split(document)
        title = "" if source.id.startswith("wikinews") else source.title
        if spans and question.kind == "list":
            spans = ((spans[0][0], spans[-1][1]),)  # one span reaches from the first item to the last
        holding = [p for p in passages if not spans or any(p.start <= a and b <= p.end for a, b in spans)]
        shown = holding[:1] if spans else holding[:2]
        if shown:
            yield _example("authored", document, question.question, title, shown, spans)


def shingles(text: str) -> set[int]:
    """Hashes of every SHARED_WORDS words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + SHARED_WORDS])) for i in range(len(words) - SHARED_WORDS + 1)}


def evaluation_strings(folder: Path) -> Iterator[str]:
    """Every string in the evaluation files."""
    for file in sorted(folder.glob("*.json*")):
        text = file.read_text(encoding="utf-8")
        yield from _strings(
            [json.loads(line) for line in text.splitlines()] if file.suffix == ".jsonl" else json.loads(text)
        )


def _normal(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (string for item in value.values() for string in _strings(item))
    elif isinstance(value, list):
        yield from (string for item in value for string in _strings(item))


def every_example(data: Path, forbidden: set[int], asked_there: set[str], seed: int, share: float) -> Iterator[Example]:
    dropped: Counter[str] = Counter()
    asked: set[str] = set()
    for name, recipe in RECIPES.items():
        chosen = random.Random(f"{seed} {name}")
        kept = []
        for article in recipe.read(data):
            if shingles(article.document.text) & forbidden:
                dropped[f"{name} documents"] += 1
            elif chosen.random() < recipe.kept * share:
                fresh = [q for q in article.questions if _normal(q.text) not in asked_there]
                dropped[f"{name} questions"] += len(article.questions) - len(fresh)
                if name == "nq":  # QED asks a part of them again
                    fresh = [q for q in fresh if _normal(q.text) not in asked]
                    asked |= {_normal(q.text) for q in fresh}
                if fresh:
                    kept.append(Article(article.document, tuple(fresh)))
        with _rivals(kept, recipe.searched) as rivals, click.progressbar(kept, label=name) as shown:
            for article in shown:
                yield from examples(name, recipe, article, rivals, chosen)
    yield from yes_no(data, forbidden, random.Random(f"{seed} boolq"), share)
    yield from authored(data)
    click.echo(f"dropped for what they share with the evaluation sets: {dict(+dropped) or 'nothing'}")


@contextmanager
def _rivals(articles: Sequence[Article], searched: bool) -> Iterator[Rivals]:
    """The other passages of the document, or of the next where there is but one; or what our search finds in all."""
    if searched:
        embedder = open_embedder("minilm")
        with tempfile.TemporaryDirectory() as scratch:
            index = index_articles(articles, Path(scratch), embedder)
            yield lambda document, question: [hit.passage for hit in index.search(question.text, SEARCHED)]
            index.close()
        return
    passages = {article.document.id: split(article.document) for article in articles}
    following = {a.document.id: b.document.id for a, b in zip(articles, [*articles[1:], *articles[:1]], strict=True)}

    def alike(document: Document, question: Question) -> list[Passage]:
        own = passages[document.id]
        found = hardest(document, question, own if len(own) > 1 else passages[following[document.id]])
        return [found] if found else []

    yield alike


def yes_no(data: Path, forbidden: set[int], chosen: random.Random, share: float) -> Iterator[Example]:
    """BoolQ: its passage answers, nobody marked where; another passage under the same title, or the next one, does
    not."""
    articles = [one for one in read_boolq(data) if not shingles(one.document.text) & forbidden]
    articles.sort(key=lambda one: one.document.title)
    for number, article in enumerate(articles):
        for question in article.questions:
            if chosen.random() >= YES_NO_KEPT * share or part_of(article.document.title) != "train":
                continue
            hard = chosen.random() < YES_NO_HARD
            document = articles[number - 1].document if hard else article.document
            text = split(document)[0].text if hard else document.text
            lead = article.document.title
            yield Example("boolq", article.document.title, question.text, lead, (text,), (), anywhere=not hard)


def _natural_questions(data: Path) -> list[Article]:
    return [*read_qed(data / "qed_dev.jsonl"), *read_natural_questions(data / "nq_open_oracle.jsonl.gz")]


def _posts(articles: Iterable[Article]) -> list[Article]:
    """Each paragraph as a document of its own: reddit's "article" is two thousand unrelated posts."""
    return [post for article in articles for post in _paragraphs(article)]


def _paragraphs(article: Article) -> Iterator[Article]:
    """Each paragraph as a document of its own: reddit's "article" is two thousand unrelated posts."""
    at = 0
    for text in article.document.text.split("\n\n"):
        spans = range(at, at + len(text) + 1)
        asked = [q for q in article.questions if q.spans and all(a in spans and b in spans for a, b in q.spans)]
        moved = [Question(q.id, q.text, tuple((a - at, b - at) for a, b in q.spans)) for q in asked]
        if moved:
            yield Article(make_document(f"post {hashlib.sha256(text.encode()).hexdigest()[:8]}", text), tuple(moved))
        at += len(text) + 2


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--eval-data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--share", default=1.0, show_default=True, help="Use this share of each set but the authored questions.")
@click.option("--authored", "times", default=1, show_default=True, help="Train so many times on the authored ones.")
def main(data: Path, eval_data: Path, seed: int, share: float, times: int) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Example]] = {"train": [], **{part: [] for part in PARTS}}
    strings = list(evaluation_strings(eval_data))
    forbidden = {shingle for string in strings for shingle in shingles(string)}
    for example in every_example(data, forbidden, {_normal(string) for string in strings}, seed, share):
        part = part_of(example.document)
        parts[part] += [example] * (times if example.set == "authored" and part == "train" else 1)
    for part, made in parts.items():
        random.Random(seed).shuffle(made)
        lines = (json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in made)
        (WORK / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")
        counts = Counter((one.set, bool(one.answers) or one.anywhere) for one in made)
        told = ", ".join(
            f"{name} {counts[name, True]}+{counts[name, False]}" for name in sorted({n for n, _ in counts})
        )
        click.echo(f"{part}: {len(made)} questions (answerable + not): {told}")


if __name__ == "__main__":
    main()
