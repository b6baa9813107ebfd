"""Cases and an assistant → an Evaluation, shown and written: what every command that asks has in common."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from eval.evaluation import Evaluation, evaluate
from eval.files import FILES, make_folder, write_files
from eval.progress import watched
from eval.provenance import versions
from eval.run import predictions
from eval.systems import BASELINES, Options
from eval.systems.language_model import open_language_model
from eval.types import Asks, Case, Prediction
from index.search import Index


def ask_all(cases: Sequence[Case], assistant: Asks, settings: dict[str, Any], doing: str = "Asking") -> Evaluation:
    """Ask every case. Ctrl-C ends the asking and keeps what was answered, if anything was."""
    documents = assistant.index.documents()
    made: list[Prediction] = []
    try:
        for prediction in watched(predictions(cases, assistant), len(cases), doing):
            made.append(prediction)
    except KeyboardInterrupt:
        if not made:
            raise
    return evaluate(len(cases), made, documents, settings)


def ask_baselines(
    names: Sequence[str],
    cases: Sequence[Case],
    assistant: Asks,
    settings: Mapping[str, Any],
    chosen: Options,
    out: Path,
) -> dict[str, Evaluation]:
    """The same cases asked of each baseline over the assistant's index; its files go to a folder of its name below
    `out`. Ctrl-C keeps what was answered and ends the baselines."""
    made: dict[str, Evaluation] = {}
    for name in dict.fromkeys(names):
        assert isinstance(assistant.index, Index)
        make_folder(out / name)
        with BASELINES[name].over(assistant.index, chosen) as baseline:
            made[name] = ask_all(cases, baseline, settings_with(name, settings, chosen), f"Asking {name}")
        write_files(made[name], out / name)
        if not made[name].complete:
            break
    return made


def check_baselines(names: Sequence[str], chosen: Options) -> None:
    """Raises FootnoteError for a baseline that lacks what it needs, before anything is asked."""
    for name in names:
        BASELINES[name].check(name)
        if BASELINES[name].llm:
            open_language_model(chosen, name)


def settings_with(name: str, settings: Mapping[str, Any], chosen: Options) -> dict[str, Any]:
    """A baseline's settings: those of the run, without our reader where it has no part in it."""
    baseline = BASELINES[name]
    kept = {key: value for key, value in settings.items() if baseline.reads or key != "reader"}
    packages = versions(baseline.packages)
    return {**kept, "system": name, "packages": packages, **({"llm": chosen.llm} if baseline.llm else {})}


def show(evaluation: Evaluation, out: Path, as_json: bool, others: Mapping[str, Evaluation] | None = None) -> None:
    """The figures on stdout; what a person must know about them on stderr. `others` are baselines."""
    from rich.console import Console

    from eval.table import side_by_side, tables

    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2))
    else:
        Console().print(tables(evaluation))
        if others:
            Console().print(side_by_side({"footnote": evaluation, **others}))
    for failed in evaluation.failed:
        click.echo(f"{failed.case.id} failed: {failed.error}", err=True)
    for score in evaluation.unfounded:
        click.echo(f"{score.case.id}: its evidence stands in no source: {score.unfounded[0]!r}", err=True)
    if not evaluation.complete:
        click.echo(f"Stopped; {len(evaluation.scores)} of {evaluation.cases} answers are kept.", err=True)
    click.echo(f"Written to {out}: {', '.join(FILES)}", err=True)
