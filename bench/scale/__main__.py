"""How an index grows: build, opening, searches, replacing, memory and disk, by engine and number of passages.

    python -m bench.scale
    python -m bench.scale --size 1000 --size 10000 --keep FOLDER

Every index is built, opened and asked in a process of its own, which gives its memory; all are asked in turns. Recall
is the share of an exact search's ten passages (`bench.scale.exact`) that are found. Opening is measured in new
processes with the system's cache of files warm, without the time that imports take; "first answer" begins with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from bench.measure import RESULTS, write
from bench.scale.asked import Asked
from bench.scale.corpus import questions
from bench.scale.report import figures, plots, told
from bench.scale.right import Right
from bench.scale.side import save_questions

URIS = {"SQLite": "{}/sqlite-{}", "LanceDB": "lancedb://{}/lance-{}"}
MOST = {"SQLite": 100_000}
"""Passages that an engine is measured with at most."""
SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPLACED = (3, 7, 11)
"""Numbers of the documents that are replaced in turn."""
BATCH = 10
"""Questions that one index is asked before it is the next one's turn."""
LIMITS = {
    "hybrid": "everywhere",
    "hybrid, a tenth by its tag": "tag",
    "hybrid, three documents": "made-00000001,made-00000004,made-00000009",
}


@click.command(help=__doc__)
@click.option("--size", "sizes", multiple=True, type=int, default=SIZES, show_default=True, help="Passages.")
@click.option("--engine", "engines", multiple=True, type=click.Choice([*URIS]), default=[*URIS], show_default=True)
@click.option("--questions", "count", default=100, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Indexes are built here, or found here.")
@click.option("--build-only", is_flag=True, help="Build what is missing in --keep, and search it exactly, for later.")
def main(
    sizes: Sequence[int], engines: Sequence[str], count: int, rounds: int, keep: Path | None, build_only: bool
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        every = [
            _built(folder, engine, size, count)
            for size in sizes
            for engine in engines
            if size <= MOST.get(engine, size)
        ]
        rights = {
            size: Right.kept(folder / f"right-{size}-{count}.json", size, count)
            for size in dict.fromkeys(one.passages for one in every)
        }
        if build_only:
            return
        try:
            _measure(every, rights, rounds, count)
        finally:
            for one in every:
                one.close()
    results = figures(every)
    write("scale", f"python -m bench.scale --questions {count} --rounds {rounds}", told(results), results)
    for name, drawn in plots(results).items():
        (RESULTS / f"scale-{name}.svg").write_text(drawn, encoding="utf-8")


def _built(folder: Path, engine: str, size: int, count: int) -> Asked:
    uri, kept = URIS[engine].format(folder, size), folder / f"{engine}-{size}.json"
    if not kept.exists():
        command = [sys.executable, "-m", "bench.scale.build", uri, str(size)]
        # Making vectors document by document is no work for several threads, which would wait for each other.
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        built = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=alone)
        kept.write_text(built.stdout)
    asked = folder / f"questions-{size}.npz"
    save_questions(asked, *questions(size, count, REPLACED))
    return Asked(engine, size, uri, asked, json.loads(kept.read_text()))


def _measure(every: list[Asked], rights: dict[int, Right], rounds: int, count: int) -> None:
    with click.progressbar(length=(2 * rounds + 2) * len(every), label="Measuring", file=sys.stderr) as shown:
        for _ in range(rounds):
            for one in every:
                one.close()
                one.open()
                shown.update(1)
        for turn in range(-1, rounds):
            for numbers in np.array_split(np.arange(count), max(1, count // BATCH)):
                for one in every[turn % len(every) :] + every[: turn % len(every)]:
                    _ask(one, numbers.tolist(), rights[one.passages], counts=turn >= 0)
            shown.update(len(every))
        for one in every:
            for name, value in one.ask("memory").items():
                one.add(name, [value])
            one.replace({number: count + place for place, number in enumerate(REPLACED)})
            shown.update(1)


def _ask(one: Asked, numbers: list[int], right: Right, counts: bool) -> None:
    """The first time fills caches and is not counted; recall is the same each time."""
    for name, where in LIMITS.items():
        reply = one.ask("search", numbers=numbers, where=where)
        if counts:
            one.add(name, reply["seconds"])
        elif where in right.hybrid:
            one.add(f"recall of {name}", right.recall(right.hybrid[where], numbers, reply["found"]))
    reply = one.ask("parts", numbers=numbers)
    if counts:
        one.add("dense", reply["dense_seconds"])
        one.add("text", reply["text_seconds"])
    else:
        one.add("recall of dense", right.recall(right.dense, numbers, reply["dense"]))
        one.add("recall of text", right.recall(right.text, numbers, reply["text"]))


if __name__ == "__main__":
    main()
