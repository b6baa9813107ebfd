"""An index moved from SQLite into LanceDB and back, and whether it ranks as before.

    python -m bench.moving
    python -m bench.moving --passages 10000 --questions 50

Each move runs in a process of its own, which gives its memory. Then the same questions are put to the full text of
both stores, twice: LanceDB counts the passages that hold a word when it is first looked for. "Proposed" is LanceDB's
own search for as many passages as are proposed at first, without our BM25.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from time import perf_counter
from typing import Any

import click

from bench.measure import p50, p95, table, write
from bench.scale.build import build
from bench.scale.corpus import questions
from index.search import DEPTH
from index.store import open_store

MOVE = """
import json, sys
from time import perf_counter
from bench.scale.side import memory
from index.move import move
begun, written = perf_counter(), []
report = move(sys.argv[1], sys.argv[2], lambda *_: written.append(perf_counter() - begun))
print(json.dumps({"s": perf_counter() - begun, "copied_s": written[-1], "passages": report.passages, **memory()}))
"""


@click.command(help=__doc__)
@click.option("--passages", default=100_000, show_default=True)
@click.option("--questions", "count", default=100, show_default=True)
def main(passages: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        first, lance, back = f"{scratch}/first", f"lancedb://{scratch}/lance", f"{scratch}/back"
        build(first, passages)
        moves = {name: _moved(*uris) for name, uris in {"to LanceDB": (first, lance), "back": (lance, back)}.items()}
        asked, vectors = questions(passages, count)
        taken, alike = _asked(first, lance, asked)
        with closing(open_store(first)) as one, closing(open_store(lance)) as other:
            near = sum(one.dense(vector, 10) == other.dense(vector, 10) for vector in vectors)
    told = table(
        ("move", "seconds", "of them copying", "passages a second", "peak MB"),
        [
            (name, f"{m['s']:.1f}", f"{m['copied_s']:.1f}", f"{m['passages'] / m['s']:,.0f}", f"{m['peak_mb']:.0f}")
            for name, m in moves.items()
        ],
    )
    told += "\n\n" + table(
        ("full text", "p50 ms", "p95 ms"),
        [(name, f"{1e3 * p50(each):.1f}", f"{1e3 * p95(each):.1f}") for name, each in taken.items()],
    )
    told += f"\n\nRanked the same: {alike} of {count} by full text, {near} of {count} by the ten nearest vectors."
    text = {name: {"p50_ms": 1e3 * p50(each), "p95_ms": 1e3 * p95(each)} for name, each in taken.items()}
    write("moving", "python -m bench.moving", told, {"moves": moves, "text": text, "alike": alike, "near": near})


def _moved(source: str, target: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", MOVE, source, target], check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _asked(sqlite: str, lance: str, asked: list[str]) -> tuple[dict[str, list[float]], int]:
    from index.store.analysis import query_words
    from index.store.lance_text import proposed
    from index.store.proposals import PROPOSED

    with closing(open_store(sqlite)) as one, closing(open_store(lance)) as other:
        table_ = other._table  # type: ignore[attr-defined]
        sides: dict[str, Callable[[str], object]] = {
            "LanceDB, first": lambda question: other.text(question, DEPTH),
            "LanceDB, again": lambda question: other.text(question, DEPTH),
            "… proposed only": lambda question: proposed(table_, query_words(question), PROPOSED * DEPTH, None),
            "SQLite": lambda question: one.text(question, DEPTH),
        }
        taken = {name: [_seconds(ask, question) for question in asked] for name, ask in sides.items()}
        alike = sum(one.text(question, DEPTH) == other.text(question, DEPTH) for question in asked)
    return taken, alike


def _seconds(ask: Callable[[str], object], question: str) -> float:
    begun = perf_counter()
    ask(question)
    return perf_counter() - begun


if __name__ == "__main__":
    main()
