"""One question on an open index, by stage: embed, search, read, cite.

    python -m bench.warm

On the article alone, and on it among 10,000 and 100,000 made passages. Beside it, on the article: the bare runs of the
two models that no answer can do without (one question embedded, one batch of passages read), and the same pipeline with
sentence-transformers and torch in their place.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from bench.corpus import fill
from bench.measure import in_turns, p50, p95, ratio, summary, table, write
from eval.cases import load_cases
from index import open_index
from index.inference import Feed
from index.search import DEPTH, Index, fuse
from index.sync import sync
from qa.assistant import PASSAGES_READ, Assistant
from qa.cite import cite
from qa.read import open_reader

CASES = Path(__file__).parent.parent / "eval" / "cases" / "astana.jsonl"
SEEDS = Path(__file__).parent.parent / "seeds"
STAGES = ("embed", "search", "read", "cite", "whole answer")


def questions() -> list[str]:
    """The article's questions that stand by themselves."""
    return [case.question for case in load_cases(CASES) if not case.history]


def staged(assistant: Assistant, question: str, taken: dict[str, list[float]]) -> None:
    """One answer taken apart into STAGES, and one whole."""
    index, at = assistant.index, [perf_counter()]
    vector = index.embedder.embed_question(question)
    at.append(perf_counter())
    with index.snapshot():
        dense, lexical = index.store.dense(vector, DEPTH), index.store.text(question, DEPTH)
        index.store.get([id_ for id_, _ in fuse(dense, lexical)[:PASSAGES_READ]])
    at.append(perf_counter())
    hits = index.search(question, PASSAGES_READ)
    documents = {hit.passage.document_id: index.document(hit.passage.document_id) for hit in hits}
    at.append(perf_counter())
    draft = assistant.reader.read(question, hits)
    at.append(perf_counter())
    cite(draft, hits, documents)
    at.append(perf_counter())
    assistant.ask(question)
    at.append(perf_counter())
    between = [b - a for a, b in itertools.pairwise(at)]
    for stage, seconds in zip(STAGES, [*between[:2], *between[3:]], strict=True):
        taken[stage].append(seconds)


class Recorded:
    """An inference session that keeps what it was fed last."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.fed: Sequence[Feed] = ()

    def run_each(self, feeds: Sequence[Feed]) -> Any:
        self.fed = feeds
        return self.session.run_each(feeds)


def recorded(assistant: Assistant, asked: Sequence[str]) -> list[tuple[Sequence[Feed], Sequence[Feed]]]:
    """What each question feeds to the embedder, and what to the reader: a feed a passage."""
    embedder, reader = Recorded(assistant.index.embedder._session), Recorded(assistant.reader._session)  # type: ignore[attr-defined]
    assistant.index.embedder._session, assistant.reader._session = embedder, reader  # type: ignore[attr-defined]
    fed = []
    for question in asked:
        assistant.ask(question)
        fed.append((embedder.fed, reader.fed))
    assistant.index.embedder._session, assistant.reader._session = embedder.session, reader.session  # type: ignore[attr-defined]
    return fed


def bare(assistant: Assistant, asked: Sequence[str]) -> Callable[[], None]:
    """The two model runs of each question, fed what the pipeline fed them."""
    turn = itertools.cycle(recorded(assistant, asked))
    embedder, reader = assistant.index.embedder._session, assistant.reader._session  # type: ignore[attr-defined]

    def run() -> None:
        one, other = next(turn)
        embedder.run_each(one)
        reader.run_each(other)

    return run


def joined(feeds: Sequence[Feed]) -> Feed:
    """All rows of all feeds as one, padded to the longest."""
    longest = max(feed["input_ids"].shape[1] for feed in feeds)
    return {
        name: np.concatenate([np.pad(feed[name], ((0, 0), (0, longest - feed[name].shape[1]))) for feed in feeds])
        for name in feeds[0]
    }


def with_torch(index: Index) -> Assistant:
    """The same pipeline, its models in torch. The reader's head is untrained: what it costs is the same."""
    import torch

    from index.embed.sentence_transformers import SentenceTransformersEmbedder
    from qa.read.span import Calibration, SpanReader
    from train.export_embedder import model_folder
    from train.reader import SpanNetwork

    network = SpanNetwork.fresh(model_folder()).eval()
    network.encoder.set_attn_implementation("sdpa")  # torch's own, which it is fastest with

    class Session:
        def run(self, wanted: Sequence[str] | None, feed: Feed, /) -> list[Any]:
            with torch.inference_mode():
                return [network(**{name: torch.from_numpy(array) for name, array in feed.items()}).numpy()]

        def run_each(self, feeds: Sequence[Feed], /) -> list[Any]:
            """In one batch, padded to the longest: what torch is fastest with."""
            return [scores[None] for scores in self.run(None, joined(feeds))[0]]

    embedder = SentenceTransformersEmbedder.load(str(model_folder()))
    reader = SpanReader(Session(), Calibration.load())
    return Assistant(Index(index.store, embedder), reader)


@click.command(help=__doc__)
@click.option("--rounds", default=150, show_default=True, help="Questions asked of each.")
@click.option("--sizes", default="10000,100000", show_default=True, help="Made passages beside the article.")
@click.option("--peers/--no-peers", "beside", default=True, help="Also the pipeline in torch.")
def main(rounds: int, sizes: str, beside: bool) -> None:
    asked = questions()
    with tempfile.TemporaryDirectory() as scratch:
        sync([str(SEEDS)], scratch)
        index = open_index(scratch)
        ours = Assistant(index, open_reader("span", index))
        turns = [itertools.cycle(asked) for _ in range(3)]
        jobs: dict[str, Callable[[], object]] = {
            "whole answer": lambda: ours.ask(next(turns[0])),
            "its two model runs alone": bare(ours, asked),
        }
        if beside:
            theirs = with_torch(index)
            jobs["the same with torch"] = lambda: theirs.ask(next(turns[1]))
        compared = in_turns(jobs, rounds, "the article")
        whole = compared["whole answer"]
        ratios = {name: ratio(seconds, whole) for name, seconds in compared.items()}
        told = table(
            ["the article", "p50", "p95", "times the whole answer"],
            [[name, _ms(p50(s)), _ms(p95(s)), f"{ratios[name]:.2f}"] for name, s in compared.items()],
        )
        stages: dict[str, Any] = {}
        rows, size_before = [], 0
        for size in [0, *map(int, sizes.split(","))]:
            fill(index.store, size - size_before, seed=size)
            size_before = size
            taken: dict[str, list[float]] = defaultdict(list)
            with click.progressbar(
                itertools.islice(turns[2], rounds), length=rounds, label=f"{size} passages"
            ) as shown:
                staged(ours, asked[0], defaultdict(list))
                for question in shown:
                    staged(ours, question, taken)
            counted = index.store.counts()[1]
            stages[f"{counted} passages"] = summary(taken)
            rows += [[f"{counted:,}", *[f"{_ms(p50(taken[s]))} / {_ms(p95(taken[s]))}" for s in STAGES]]]
        told += "\n\np50 / p95 by stage:\n\n" + table(["passages", *STAGES], rows)
        index.close()
    results = {"the article": summary(compared), "times the whole answer": ratios, "by stage": stages}
    write("warm", "python -m bench.warm", told, results)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
