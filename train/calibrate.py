"""Step 3 of the reader: what its scores are worth.

    python -m train.calibrate --data ../shared/data/train

Indexes the documents of the calibration split, searches and reads as serving does (where passages are taken from is
half of what can go wrong), and fits which passage's best span is the answer by conditional logit, then the confidence
in it by logistic regression: is it right, that is, does it overlap a human answer and share half of its words
(F1 ≥ .5)? A quarter of the answerable questions lose every passage that answers. The threshold is the one with most
right decisions there. The figures come from the development split, on which nothing is fitted, and so does the curve of
thresholds that strictness reads. Writes qa/read/minilm/reader.json.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from index.embed import open_embedder
from index.search import Index
from index.store import Where
from qa.assistant import PASSAGES_READ
from qa.read.candidates import QuestionWords
from qa.read.extractive import logistic
from qa.read.span import (
    EVIDENCE,
    SHIPPED,
    STANDING,
    Calibration,
    Found,
    SpanReader,
    answer_span,
    best_first,
    evidence,
    load_session,
    standing,
)
from qa.types import Span as Said
from train.authored import load
from train.corpus import (
    Article,
    Question,
    Span,
    index_articles,
    make_document,
    overlaps,
    read_natural_questions,
    read_squad,
)
from train.decisions import Decision, best_threshold, choice_regression, curve, logistic_regression, report
from train.prepare import part_of

REMOVED = 0.25
AT_MOST = {"new_wiki": 700, "nq": 400, "amazon": 400}
"""Questions of a set that are asked, besides the authored ones."""


class Case(NamedTuple):
    """A question as it was read: the best span of each passage, and which of them are right."""

    set: str
    question: str
    found: list[Found]
    right: list[bool]
    answerable: bool


class Answered(NamedTuple):
    """A case with its answer chosen: what the confidence in it is told from, and how it came out."""

    set: str
    evidence: tuple[float, ...]
    right: bool
    answerable: bool


def articles(data: Path, part: str) -> dict[str, list[Article]]:
    """The documents of a split with their questions, the authored ones among them, by set."""
    sets = {
        "new_wiki": read_squad(data / "squadshifts_new_wiki.json"),
        "nq": read_natural_questions(data / "nq_open_oracle.jsonl.gz"),
        "amazon": read_squad(data / "squadshifts_amazon_reviews.json"),
    }
    own = {name: [one for one in every if part_of(one.document.title) == part] for name, every in sets.items()}
    return {**_with_authored(own, data), "wikinews": _wikinews(data, part)}


def _with_authored(own: dict[str, list[Article]], data: Path) -> dict[str, list[Article]]:
    """Authored questions join the article that holds their passage; others are cut to AT_MOST."""
    written: dict[str, list[tuple[str, Question]]] = defaultdict(list)
    for number, (source, asked) in enumerate(load(data)):
        written[source.title].append((source.text, Question(f"authored-{number}", asked.question, asked.spans)))
    joined: dict[str, list[Article]] = {}
    for name, every in own.items():
        share = AT_MOST[name] / max(1, sum(len(one.questions) for one in every))
        chosen = random.Random(name)
        joined[name] = []
        for one in every:
            questions = [question for question in one.questions if chosen.random() < share]
            for text, question in written[one.document.title] if name != "amazon" else ():
                at = one.document.text.find(text)
                if at >= 0:
                    spans = tuple((at + a, at + b) for a, b in question.spans)
                    questions.append(Question(question.id, question.text, spans))
            joined[name].append(Article(one.document, tuple(questions)))
    return joined


def _wikinews(data: Path, part: str) -> list[Article]:
    by_source: dict[str, list[Question]] = defaultdict(list)
    texts = {}
    for number, (source, asked) in enumerate(load(data)):
        if source.id.startswith("wikinews/") and part_of(source.title) == part:
            texts[source.title] = source.text
            by_source[source.title].append(Question(f"authored-{number}", asked.question, asked.spans))
    return [Article(make_document(title, text), tuple(by_source[title])) for title, text in texts.items()]


def cases(name: str, index: Index, every: list[Article], reader: SpanReader, seed: int) -> Iterator[Case]:
    """Each question asked of its own document (articles and reviews) or of all of the set (short texts)."""
    chosen = random.Random(f"{seed} {name}")
    for article in every:
        where = Where(frozenset([article.document.id]) if name in ("new_wiki", "amazon") else None)
        for question in article.questions:
            hits = index.search(question.text, 3 * PASSAGES_READ, where)
            spans = question.spans
            if spans and chosen.random() < REMOVED:
                kept = [h for h in hits if not (h.passage.document_id == article.document.id
                        and overlaps(spans, h.passage.start, h.passage.end))]  # fmt: skip
                hits, spans = kept, ()
            hits = hits[:PASSAGES_READ]
            found = reader.candidates(question.text, hits)
            if not found:
                continue
            right = [_is_right(article, answer_span(question.text, one), spans) for one in found]
            kind = "authored" if question.id.startswith("authored") else name
            yield Case(kind, question.text, found, right, bool(spans))


def _is_right(article: Article, said: Said, spans: Sequence[Span]) -> bool:
    same = said.document_id == article.document.id
    return same and any(_agree(article.document.text, (said.start, said.end), gold) for gold in spans)


def _agree(text: str, said: Span, gold: Span) -> bool:
    """Whether two spans of a text overlap and share at least half of their words."""
    a, b = (Counter(text[start:end].lower().split()) for start, end in (said, gold))
    return overlaps([gold], *said) and 4 * sum((a & b).values()) >= sum(a.values()) + sum(b.values())


def choosing(made: list[Case]) -> list[float]:
    """The weights of STANDING."""
    asked = [QuestionWords.of(case.question) for case in made]
    rows = [[standing(words, one) for one in case.found] for words, case in zip(asked, made, strict=True)]
    return [round(weight, 4) for weight in choice_regression(rows, [case.right for case in made])]


def answered(case: Case, choice: Sequence[float]) -> Answered:
    chosen = best_first(case.question, case.found, choice)
    right = case.right[case.found.index(chosen[0])]
    return Answered(case.set, evidence(case.question, chosen), right, case.answerable)


def decisions(made: list[Answered], weights: list[float]) -> list[Decision]:
    return [Decision(logistic(weights, case.evidence), case.right, case.answerable) for case in made]


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=0, show_default=True)
def main(data: Path, seed: int) -> None:
    embedder = open_embedder("minilm")
    reader = SpanReader(load_session(SHIPPED / "model.onnx"), Calibration((0.0,) * (len(EVIDENCE) + 1), 0.5))
    read: dict[str, list[Case]] = {}
    for part in ("calibration", "development"):
        read[part] = []
        for name, every in articles(data, part).items():
            with tempfile.TemporaryDirectory() as scratch:
                index = index_articles(every, Path(scratch), embedder)
                count = sum(len(one.questions) for one in every)
                with click.progressbar(
                    cases(name, index, every, reader, seed), label=f"{part} {name}", length=count
                ) as shown:
                    read[part] += shown
                index.close()
    choice = choosing(read["calibration"])
    made = {part: [answered(case, choice) for case in every] for part, every in read.items()}
    fitted_on = made["calibration"]
    weights = logistic_regression([case.evidence for case in fitted_on], [case.right for case in fitted_on])
    threshold = best_threshold(decisions(fitted_on, weights))
    by_set: dict[str, list[Answered]] = defaultdict(list)
    for case in made["development"]:
        by_set[case.set].append(case)
    told = {
        "made_by": f"python -m train.calibrate --seed {seed}",
        "choice": dict(zip(STANDING, choice, strict=True)),
        "confidence": {name: round(weight, 4) for name, weight in zip((*EVIDENCE, "constant"), weights, strict=True)},
        "threshold": threshold,
        "curve": curve(decisions(made["development"], weights)),
        "held_out": {name: report(decisions(kept, weights), threshold) for name, kept in by_set.items()},
    }
    (SHIPPED / "reader.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    click.echo(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
