"""Build an index of made passages in a process of its own.

python -m bench.scale.build URI PASSAGES       prints seconds, memory and disk as JSON
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

import click

from bench.scale.corpus import PASSAGES_A_DOCUMENT, documents
from bench.scale.side import MANIFEST, memory
from index.store import Content, local_folder, open_store

DOCUMENTS_A_COMMIT = 100


def build(uri: str, passages: int) -> dict[str, float]:
    """Seconds spent in the store: making the passages is not counted."""
    store = open_store(uri, MANIFEST)
    writing = 0.0
    with click.progressbar(length=passages, label=f"{uri.partition('://')[0]} {passages:,}", file=sys.stderr) as shown:
        for commit in _cut(documents(passages), DOCUMENTS_A_COMMIT):
            begun = perf_counter()
            store.replace_documents(commit)
            writing += perf_counter() - begun
            shown.update(len(commit) * PASSAGES_A_DOCUMENT)
    begun = perf_counter()
    store.maintain()
    store.close()
    return {"write": writing, "maintain": perf_counter() - begun, "peak_mb": memory()["peak_mb"], "disk_mb": disk(uri)}


def disk(uri: str) -> float:
    return sum(file.stat().st_size for file in Path(local_folder(uri)).rglob("*") if file.is_file()) / 1e6


def _cut(contents: Iterator[Content], size: int) -> Iterable[list[Content]]:
    while commit := list(islice(contents, size)):
        yield commit


if __name__ == "__main__":
    click.echo(json.dumps(build(sys.argv[1], int(sys.argv[2]))))
