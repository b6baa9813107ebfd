"""Fit the first reader's dozen numbers: how sentences are ranked, the confidence, and when to abstain.

    python -m train.fit_reader --data ../shared/data/train         (about ten minutes on two cores)

Data: SQuADShifts new_wiki (an article is a document; its questions are asked of it alone) and Natural Questions
(2,600 paragraphs in one index). Nothing of the shipped article and nothing of the evaluation sets is used. A third of
the questions are made unanswerable: most lose every passage that overlaps an answer, so that what is left is the same
topic without the answer; the others are asked of another article. Documents are divided in three by the hash of their
title: the ranking is fitted on the first part (listwise softmax), the confidence (logistic regression: is the best
sentence right?) and the threshold (most right decisions) on the second, and the figures come from the third and from
a set that nothing is fitted on (SQuADShifts amazon_reviews, five reviews a document). Writes qa/read/extractive.json.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from index.embed import open_embedder
from index.search import Index
from index.store import Where
from index.types import Hit
from qa.assistant import PASSAGES_READ
from qa.read.candidates import FEATURES, candidates
from qa.read.extractive import FITTED, logistic, rank
from train.corpus import Article, Question, index_articles, overlaps, read_natural_questions, read_squad
from train.decisions import RIDGE, Decision, best_threshold, logistic_regression, report
from train.fit_search import MIN_WORDS

Floats = NDArray[np.float64]
WORK = Path(__file__).parent / "runs"
OTHER_ARTICLE, ANSWER_REMOVED = 0.08, 0.25
"""Shares of the questions that are made unanswerable either way: together one in three, as in SQuAD 2.0's training
set. What the confidence means, and where the threshold lies, depends on this share."""


class Example(NamedTuple):
    """A question's candidate sentences (features, and whether each overlaps a human answer)."""

    title: str
    answerable: bool
    features: list[list[float]]
    right: list[bool]


def cached_examples(name: str, articles: Sequence[Article], count: int, alone: bool, seed: int) -> list[Example]:
    """`examples`, kept in train/runs/ so that fitting again is a matter of seconds."""
    file = WORK / f"reader-{name}-{count}-{seed}.jsonl"
    if not file.is_file():
        embedder = open_embedder("minilm")
        WORK.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            index = index_articles(articles, Path(scratch), embedder)
            made = examples(index, articles, count, alone, seed)
            with (
                file.with_suffix(".part").open("w", encoding="utf-8") as out,
                click.progressbar(made, label=name, length=count) as shown,
            ):
                out.writelines(json.dumps(example) + "\n" for example in shown)
            index.close()
        file.with_suffix(".part").replace(file)
    with file.open(encoding="utf-8") as lines:
        return [Example(*json.loads(line)) for line in lines]


def examples(index: Index, articles: Sequence[Article], count: int, alone: bool, seed: int) -> Iterator[Example]:
    """`alone`: each question is asked of one document only, its own or, unanswerable, another."""
    chosen = random.Random(seed)
    pairs = [(a, q) for a in articles for q in a.questions if q.spans and len(q.text.split()) >= MIN_WORDS]
    for article, question in chosen.sample(pairs, min(count, len(pairs))):
        draw = chosen.random()
        asked_of = article
        if alone and draw < OTHER_ARTICLE:
            asked_of = chosen.choice([other for other in articles if other is not article])
        removed = draw < OTHER_ARTICLE + ANSWER_REMOVED
        where = Where(frozenset([asked_of.document.id]) if alone else None)
        hits = index.search(question.text, 3 * PASSAGES_READ, where)
        if removed:
            hits = [hit for hit in hits if not _answers(hit, article, question)]
        found = candidates(question.text, hits[:PASSAGES_READ], index.embedder)
        spans = () if removed else question.spans
        right = [c.span.document_id == article.document.id and overlaps(spans, c.span.start, c.span.end) for c in found]
        if found:
            features = [[round(value, 4) for value in c.features] for c in found]
            yield Example(article.document.title, not removed, features, right)


def _answers(hit: Hit, article: Article, question: Question) -> bool:
    passage = hit.passage
    return passage.document_id == article.document.id and overlaps(question.spans, passage.start, passage.end)


def part_of(title: str) -> int:
    """0 to fit, 1 to calibrate, 2 to report: by document, never by question."""
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 3


def fit_ranking(data: Sequence[Example]) -> Floats:
    """Weights that give the right sentences the most of a softmax over each question's candidates."""
    groups = [(np.array(example.features), np.array(example.right)) for example in data if any(example.right)]
    spread = np.concatenate([features for features, _ in groups]).std(axis=0) + 1e-9

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = 0.0, np.zeros_like(weights)
        for features, right in groups:
            scaled = features / spread
            scores = scaled @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            mass = shares[right].sum()
            total -= np.log(mass + 1e-12)
            gradient -= scaled.T @ (np.where(right, shares / (mass + 1e-12), 0.0) - shares)
        n = len(groups)
        return float(total / n + RIDGE * weights @ weights), gradient / n + 2 * RIDGE * weights

    fitted: Floats = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x / spread
    return fitted


def fit_confidence(data: Sequence[Example], ranking: Sequence[float]) -> list[float]:
    """Logistic regression on the best sentence's evidence: is it right? The last weight is the constant."""
    ranked = [(rank(example.features, ranking), example) for example in data]
    return logistic_regression([r.evidence for r, _ in ranked], [example.right[r.best] for r, example in ranked])


def decisions(data: Sequence[Example], ranking: Sequence[float], confidence: Sequence[float]) -> list[Decision]:
    made = []
    for example in data:
        best, evidence = rank(example.features, ranking)
        made.append(Decision(logistic(confidence, evidence), example.right[best], example.answerable))
    return made


def _rounded(weights: Sequence[float], names: Sequence[str]) -> dict[str, float]:
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=FITTED, show_default=False)
def main(data: Path, seed: int, out: Path) -> None:
    wiki = cached_examples("new_wiki", read_squad(data / "squadshifts_new_wiki.json"), 2000, True, seed)
    searches = cached_examples("nq", read_natural_questions(data / "nq_open_oracle.jsonl.gz"), 1500, False, seed)
    reviews = cached_examples("reviews", read_squad(data / "squadshifts_amazon_reviews.json"), 1000, True, seed)
    parts = [[example for example in wiki + searches if part_of(example.title) == part] for part in range(2)]
    ranking = fit_ranking(parts[0]).tolist()
    confidence = fit_confidence(parts[1], ranking)
    threshold = best_threshold(decisions(parts[1], ranking, confidence))
    held_out = {
        "new_wiki": [example for example in wiki if part_of(example.title) == 2],
        "nq": [example for example in searches if part_of(example.title) == 2],
        "reviews": reviews,
    }
    fitted = {
        "made_by": f"python -m train.fit_reader --seed {seed}",
        "ranking": _rounded(ranking, FEATURES),
        "confidence": _rounded(confidence, (*FEATURES, "lead", "constant")),
        "threshold": threshold,
        "held_out": {name: report(decisions(made, ranking, confidence), threshold) for name, made in held_out.items()},
    }
    out.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    click.echo(out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
