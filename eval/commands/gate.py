"""`python -m eval gate`: fail when a measure has fallen below a baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from eval.asking import ask_all
from eval.cases import load_cases
from eval.commands import options
from eval.commands.run import CASES, SEEDS
from eval.files import make_folder, write_files
from eval.gate import Verdict, baseline_of, judged, read_baseline
from eval.provenance import settings_of
from eval.run import Opener, assistant_over
from eval.saved import read_saved
from eval.table import shown
from index.errors import FootnoteError


@click.command("gate", epilog="Exit codes: 0 no measure has fallen, 1 one has, or an error, 2 usage, 130 Ctrl-C.")
@click.option(
    "--baseline", required=True, type=click.Path(path_type=Path), metavar="FILE", help="What to hold against."
)
@click.option("--write", is_flag=True, help="Write FILE from this run instead.")
@click.option(
    "--run",
    "saved",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Judge the evaluation in DIR; nothing is asked.",
)
@click.option("--cases", type=click.Path(path_type=Path), default=CASES, metavar="FILE", help="[default: the shipped]")
@click.option("--sources", type=click.Path(path_type=Path), multiple=True, metavar="PATH", help="[default: seeds/]")
@options.out
@click.pass_context
def gate(
    context: click.Context,
    baseline: Path,
    write: bool,
    saved: Path | None,
    cases: Path,
    sources: tuple[Path, ...],
    out: Path,
) -> None:
    """Exit with 1 when a measure is worse than its baseline by more than the baseline's 95 % interval.

    Asks the cases (by default those of the shipped article), or judges the evaluation that --run names. Times are not
    judged. A question that failed counts as wrong.
    """
    with options.told():
        held = None if write else read_baseline(baseline)
        metrics = read_saved(saved).metrics if saved else _asked(context.obj or assistant_over, cases, sources, out)
        if held is None:
            _write(baseline, baseline_of(metrics))
            click.echo(f"Written to {baseline}.", err=True)
            return
        verdicts = judged(metrics, held)
    Console().print(_table(verdicts))
    fallen = [verdict.measure.title for verdict in verdicts if verdict.fallen]
    if fallen:
        raise click.ClickException(f"Worse than {baseline}: {', '.join(fallen)}.")


def _asked(opener: Opener, cases_file: Path, sources: tuple[Path, ...], out: Path) -> dict[str, Any]:
    cases = load_cases(cases_file)
    make_folder(out)
    with opener(sources or (SEEDS,)) as assistant:
        evaluation = ask_all(cases, assistant, settings_of([cases_file]))
    write_files(evaluation, out)
    if not evaluation.complete:
        raise KeyboardInterrupt
    return evaluation.to_dict()


def _table(verdicts: list[Verdict]) -> Table:
    table = Table("measure", box=SIMPLE)
    for name in ("baseline", "limit", "now"):
        table.add_column(name, justify="right")
    for verdict in verdicts:
        figures = (shown(value, "share") for value in (verdict.baseline, verdict.limit, verdict.now))
        table.add_row(verdict.measure.title, *figures, style="red" if verdict.fallen else "")
    return table


def _write(file: Path, baseline: dict[str, Any]) -> None:
    try:
        file.write_text(json.dumps(baseline, indent=2) + "\n", encoding="utf-8")
    except OSError as exc:
        raise FootnoteError(f"Cannot write {file}: {exc.strerror}.") from exc
