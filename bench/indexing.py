"""Passages a second, from a folder of text files to a committed index.

    python -m bench.indexing

The same files through `index.sync`, through sentence-transformers with torch (its default settings; our passages, kept
in one .npy file, which is less than an index), and through llama-index's VectorStoreIndex with the same model (its
default settings, persisted). Every job begins with an empty folder.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import click
import numpy as np

from bench import peers
from bench.corpus import documents, write_files
from bench.measure import in_turns, p50, ratio, table, write
from index.passages import split
from index.sync import sync
from train.export_embedder import model_folder


@click.command(help=__doc__)
@click.option("--passages", default=1000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(passages: int, rounds: int) -> None:
    from sentence_transformers import SentenceTransformer

    with tempfile.TemporaryDirectory() as folder:
        scratch, sources = Path(folder), Path(folder) / "sources"
        write_files(sources, passages)
        counter = itertools.count()
        counted: dict[str, int] = {}

        def ours() -> None:
            storage = scratch / f"ours-{next(counter)}"
            sync([str(sources)], str(storage))
            from index import open_index

            index = open_index(storage)
            counted["Footnote"] = index.store.counts()[1]
            index.close()

        def sentence_transformers() -> None:
            model = SentenceTransformer(str(model_folder()))
            texts = [passage.text for document, _, _ in documents(passages) for passage in split(document)]
            np.save(scratch / f"theirs-{next(counter)}.npy", model.encode(texts))
            counted["sentence-transformers"] = len(texts)

        def llama_index() -> None:
            counted["llama-index"] = peers.build(scratch / f"llama-{next(counter)}", sources)

        jobs = {"Footnote": ours, "sentence-transformers": sentence_transformers, "llama-index": llama_index}
        taken = in_turns(jobs, rounds)
    rates = {name: [counted[name] / one for one in seconds] for name, seconds in taken.items()}
    ratios = {name: ratio(rates["Footnote"], rate) for name, rate in rates.items()}
    rows = [
        [name, counted[name], f"{p50(taken[name]):.1f} s", f"{p50(rate):.0f}", f"{ratios[name]:.1f}"]
        for name, rate in rates.items()
    ]
    told = table(["", "passages", "p50", "passages a second", "Footnote is … times as fast"], rows)
    results = {
        "passages": counted,
        "seconds": {name: p50(seconds) for name, seconds in taken.items()},
        "passages a second": {name: p50(rate) for name, rate in rates.items()},
        "Footnote / it": ratios,
    }
    write("indexing", "python -m bench.indexing", told, results)


if __name__ == "__main__":
    main()
