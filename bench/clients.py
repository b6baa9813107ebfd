"""Questions side by side in one process: how many a second, and whether reading several in one run would help.

    python -m bench.clients

1, 8 and 32 clients ask the article's questions as fast as they are answered; so many at a time are let through to the
models as the first column says, on so many threads. Below: the passages of 1, 2, 4 and 8 questions in one run of the
reader, which is what micro-batching would gain, and each passage in a run of its own, which is what is done.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bench.measure import in_turns, p50, p95, table, write
from bench.warm import SEEDS, joined, questions, recorded
from index import open_index, sync
from index.config import load_settings
from index.inference import SLOW_FUSIONS
from qa.assistant import Assistant
from qa.read import open_reader
from qa.read.span import SHIPPED

CLIENTS = (1, 8, 32)
TOGETHER = (1, 2, 4, 8)
WAYS = ((1, 0), (2, 0), (2, 1))
"""(questions at a time, threads of one inference; 0: one a core)."""


def asked_by(clients: int, at_a_time: int, assistant: Assistant, asked: Sequence[str]) -> list[float]:
    """Seconds that each question took its client, waiting included; the last is the time of all of them."""

    def ask(question: str) -> float:
        begun = perf_counter()
        models.submit(assistant.ask, question).result()
        return perf_counter() - begun

    with ThreadPoolExecutor(at_a_time) as models, ThreadPoolExecutor(clients) as pool:
        begun = perf_counter()
        taken = list(pool.map(ask, asked))
        return [*taken, perf_counter() - begun]


def opened(storage: str, threads: int) -> Assistant:
    before = os.environ.get("FOOTNOTE_THREADS")
    os.environ["FOOTNOTE_THREADS"] = str(threads)
    try:
        index = open_index(storage)
        return Assistant(index, open_reader("span", index))
    finally:
        del os.environ["FOOTNOTE_THREADS"]
        if before is not None:
            os.environ["FOOTNOTE_THREADS"] = before


@click.command(help=__doc__)
@click.option("--count", default=160, show_default=True, help="Questions asked in each setting.")
def main(count: int) -> None:
    asked = list(itertools.islice(itertools.cycle(questions()), count))
    rows, results = [], {}
    with tempfile.TemporaryDirectory() as storage:
        sync([str(SEEDS)], storage)
        for at_a_time, threads in WAYS:
            assistant = opened(storage, threads)
            asked_by(1, 1, assistant, asked[:8])
            for clients in CLIENTS:
                *taken, whole = asked_by(clients, at_a_time, assistant, asked)
                name = f"{at_a_time} at a time, {f'{threads} thread' if threads else 'a thread a core'}"
                rows.append(
                    [
                        name,
                        clients,
                        f"{count / whole:.1f}",
                        f"{p50(taken) * 1000:.0f} ms",
                        f"{p95(taken) * 1000:.0f} ms",
                    ]
                )
                results[f"{name}, {clients} clients"] = {
                    "questions_a_second": count / whole,
                    "p50_ms": p50(taken) * 1000,
                    "p95_ms": p95(taken) * 1000,
                }
            assistant.index.close()
        told = table(["to the models", "clients", "questions a second", "p50", "p95"], rows)
        assistant = opened(storage, 0)
        together = batched(assistant, asked, count)
        assistant.index.close()
    told += "\n\n" + table(["the passages of", "ms a question"], [[name, f"{ms:.1f}"] for name, ms in together.items()])
    write("clients", "python -m bench.clients", told, {"clients": results, "reading_ms_a_question": together})


def batched(assistant: Assistant, asked: Sequence[str], count: int) -> dict[str, float]:
    """How the passages are run → median milliseconds a question."""
    session, whole = assistant.reader._session, _on_all_cores(SHIPPED / "model.onnx")  # type: ignore[attr-defined]
    feeds = [reader for _, reader in recorded(assistant, asked[: max(TOGETHER)])]

    def in_one_run(questions: int) -> Callable[[], object]:
        feed = joined([feed for its in feeds[:questions] for feed in its])
        return lambda: whole.run(None, feed)

    def apart(questions: int) -> Callable[[], object]:
        each = [feed for its in feeds[:questions] for feed in its]
        return lambda: session.run_each(each)

    ways = {"one run": in_one_run, "a run a passage, side by side": apart}
    jobs = {f"{n} questions, {name}": way(n) for n in TOGETHER for name, way in ways.items()}
    taken = in_turns(jobs, max(5, count // 16), "in one run")
    return {name: p50(seconds) / int(name.split()[0]) * 1000 for name, seconds in taken.items()}


def _on_all_cores(model: Path) -> Any:
    """A session that shares each of its operations among all cores, as one run of much needs it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = load_settings().inference_threads
    return onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_FUSIONS
    )


if __name__ == "__main__":
    main()
