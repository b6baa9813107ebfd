"""Public sets by adapter: files that the user has → texts and cases. None is shipped, none is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from eval.public import alce, beir, cast, clapnq, csv_table, nq, rgb, squad
from eval.public.types import PublicSet


class Adapter(NamedTuple):
    """`read` raises CasesError for files of another format; `files` tells a person which to give."""

    read: Callable[[Sequence[Path]], PublicSet]
    about: str
    files: str


class Measured(NamedTuple):
    """A set that is not about answers: `measure` gives its own figures."""

    measure: Callable[[Sequence[Path]], dict[str, float]]
    about: str
    files: str


ADAPTERS: dict[str, Adapter] = {
    "squad": Adapter(squad.read, "SQuAD 1.1 or 2.0 and sets in its format", "dev-v2.0.json"),
    "clapnq": Adapter(clapnq.read, "CLAPNQ: prose answers, gold sentences", "answerable.jsonl unanswerable.jsonl"),
    "nq": Adapter(nq.read, "Natural Questions, simplified: whole pages", "v1.0-simplified-dev.jsonl.gz"),
    "rgb": Adapter(rgb.read, "RGB: noise, and passages that do not answer", "en.json"),
    "alce": Adapter(alce.read, "ALCE's ASQA and QAMPARI files", "asqa_eval_gtr_top100.json"),
    "csv": Adapter(csv_table.read, "a table: question, answer, context, …", "questions.csv"),
}
MEASURED: dict[str, Measured] = {
    "beir": Measured(beir.measure, "BEIR's format: search alone, by documents", "FOLDER"),
    "cast": Measured(cast.measure, "TREC CAsT: rewriting of follow-ups", "topics.json resolved.tsv"),
}
SETS: dict[str, Adapter | Measured] = {**ADAPTERS, **MEASURED}


def read_public(name: str, files: Sequence[Path]) -> PublicSet:
    """Raises CasesError for files of another format."""
    return ADAPTERS[name].read(files)
