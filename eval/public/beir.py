"""BEIR's format (Thakur et al. 2021): search alone, judged by documents as the benchmark does.

A folder with corpus.jsonl, queries.jsonl and qrels/test.tsv (or, where there is none, dev.tsv). A document's score is
its best passage's.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.progress import watched
from eval.public.corpus import indexed
from eval.public.types import json_lines
from index.errors import CasesError
from index.search import DEPTH, Index
from index.types import Document

Qrels = Mapping[str, Mapping[str, int]]
"""Query → document → grade."""


def measure(files: Sequence[Path]) -> dict[str, float]:
    """nDCG@10 (the benchmark's), recall and reciprocal rank over the queries that have a relevant document.

    Raises CasesError for what is not a BEIR folder.
    """
    (folder,) = files if len(files) == 1 else _one_folder(files)
    qrels = read_qrels(folder)
    queries = _read(folder / "queries.jsonl")
    missing = [query for query in qrels if query not in queries]
    if missing:
        raise CasesError(f"{folder}/queries.jsonl does not hold the query {missing[0]!r} that is judged.")
    corpus = [
        Document(id_, row.get("title", ""), id_, row["text"], "") for id_, row in _read(folder / "corpus.jsonl").items()
    ]
    with TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as storage:
        index = indexed(corpus, Path(storage))
        try:
            run = {
                query: ranked(index, queries[query]["text"]) for query in watched(list(qrels), len(qrels), "Searching")
            }
        finally:
            index.close()
    return {"queries": len(qrels), "documents": len(corpus), **figures(qrels, run)}


def ranked(index: Index, question: str) -> dict[str, float]:
    """Document → the score of its best passage."""
    scores: dict[str, float] = {}
    for hit in index.search(question, 2 * DEPTH):
        scores.setdefault(hit.passage.document_id, hit.score)
    return scores


def figures(qrels: Qrels, run: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    from ir_measures import RR, R, calc_aggregate, nDCG

    wanted = {"ndcg_at_10": nDCG @ 10, "recall_at_10": R @ 10, "mrr_at_10": RR @ 10}
    values = calc_aggregate(
        list(wanted.values()), {q: dict(grades) for q, grades in qrels.items()}, {q: dict(run[q]) for q in run}
    )
    return {name: round(values[measure], 4) for name, measure in wanted.items()}


def read_qrels(folder: Path) -> dict[str, dict[str, int]]:
    """Only queries with a relevant document, as the benchmark has it."""
    file = next((f for name in ("test", "dev") if (f := folder / "qrels" / f"{name}.tsv").is_file()), None)
    if file is None:
        raise CasesError(f"{folder} has no qrels/test.tsv. A BEIR folder has it beside corpus.jsonl and queries.jsonl.")
    qrels: dict[str, dict[str, int]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            try:
                qrels.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
            except (KeyError, TypeError, ValueError) as exc:
                raise CasesError(f"{file} is not tab-separated query-id, corpus-id, score ({exc!r}).") from exc
    return {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        return {row["_id"]: row for row in json_lines(file)}
    except (KeyError, TypeError) as exc:
        raise CasesError(f"{file} is not in BEIR's format ({exc!r}).") from exc


def _one_folder(files: Sequence[Path]) -> Sequence[Path]:
    raise CasesError(f"BEIR is one folder at a time; {len(files)} were given.")
