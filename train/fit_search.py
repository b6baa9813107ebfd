"""Choose the share of the dense search in the fusion, on questions that have nothing to do with the article.

    python -m train.fit_search --data ../shared/data/train

Prints recall@1, recall@5 and MRR@10 (a passage is relevant when it overlaps a human answer) for each share, for
reciprocal rank fusion beside it, and the best share by the mean MRR over three settings: one Wikipedia article at a
time, all articles together (SQuADShifts new_wiki: questions written while reading the text, which favours BM25), and
all paragraphs of Natural Questions (questions typed into a search engine without seeing any text). The best is
`index.search.DENSE_SHARE`.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from index.embed import open_embedder
from index.search import DEPTH, Index, fuse
from index.store import Ranked, Where
from train.corpus import Article, Question, index_articles, overlaps, read_natural_questions, read_squad

SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
QUESTIONS = 1500
MIN_WORDS = 4
"""Shorter questions ("is there a delegate?") do not say which article they ask about."""

Fusion = Callable[[Ranked, Ranked], Ranked]


class Run(NamedTuple):
    question: Question
    document_id: str
    dense: Ranked
    lexical: Ranked


class Figures(NamedTuple):
    recall_1: float
    recall_5: float
    mrr: float


def reciprocal_rank_fusion(dense: Ranked, lexical: Ranked, share: float, constant: int = 60) -> Ranked:
    """Cormack, Clarke and Büttcher (2009), weighted; here for comparison."""
    scores: dict[str, float] = {}
    for weight, ranked in ((share, dense), (1 - share, lexical)):
        for rank, (passage_id, _) in enumerate(ranked, start=1):
            scores[passage_id] = scores.get(passage_id, 0.0) + weight / (constant + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


def search_all(index: Index, articles: Iterable[Article], alone: bool, seed: int) -> list[Run]:
    """Both searches for a seeded sample of questions; `alone` searches the question's own article only."""
    pairs = [
        (article.document.id, question)
        for article in articles
        for question in article.questions
        if question.spans and len(question.text.split()) >= MIN_WORDS
    ]
    pairs = random.Random(seed).sample(pairs, min(QUESTIONS, len(pairs)))
    vectors = index.embedder.embed_passages([question.text for _, question in pairs])
    runs = []
    for (document_id, question), vector in zip(pairs, vectors, strict=True):
        where = Where(frozenset([document_id]) if alone else None)
        dense = index.store.dense(vector, DEPTH, where)
        runs.append(Run(question, document_id, dense, index.store.text(question.text, DEPTH, where)))
    return runs


def figures(index: Index, runs: list[Run], fusion: Fusion) -> Figures:
    ranks = []
    for run in runs:
        ids = [passage_id for passage_id, _ in fusion(run.dense, run.lexical)[:10]]
        passages = index.store.get(ids)
        relevant = (
            rank
            for rank, passage_id in enumerate(ids, start=1)
            if (passage := passages[passage_id]).document_id == run.document_id
            and overlaps(run.question.spans, passage.start, passage.end)
        )
        ranks.append(next(relevant, 0))
    return Figures(
        sum(rank == 1 for rank in ranks) / len(ranks),
        sum(1 <= rank <= 5 for rank in ranks) / len(ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
    )


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=0, show_default=True)
def main(data: Path, seed: int) -> None:
    embedder = open_embedder("minilm")
    wiki = read_squad(data / "squadshifts_new_wiki.json")
    searches = read_natural_questions(data / "nq_open_oracle.jsonl.gz")
    fusions: dict[str, Fusion] = {f"convex {share}": partial(fuse, share=share) for share in SHARES}
    fusions |= {f"rrf {share}": partial(reciprocal_rank_fusion, share=share) for share in (0.4, 0.5, 0.6)}
    means = dict.fromkeys(fusions, 0.0)
    settings = (("one article", wiki, True), ("all articles", wiki, False), ("NQ paragraphs", searches, False))
    with tempfile.TemporaryDirectory() as scratch:
        for name, articles, alone in settings:
            index = index_articles(articles, Path(scratch) / ("nq" if articles is searches else "wiki"), embedder)
            runs = search_all(index, articles, alone, seed)
            click.echo(f"\n{name}: {len(runs)} questions, {index.store.counts()[1]} passages")
            for label, fusion in fusions.items():
                result = figures(index, runs, fusion)
                means[label] += result.mrr / len(settings)
                click.echo(f"  {label:12} R@1 {result.recall_1:.4f}  R@5 {result.recall_5:.4f}  MRR {result.mrr:.4f}")
            index.close()
    best = max(means, key=lambda label: means[label])
    click.echo(f"\nbest by mean MRR: {best} ({means[best]:.4f})")
    for label, mean in means.items():
        click.echo(f"  {label:12} {mean:.4f}")


if __name__ == "__main__":
    main()
