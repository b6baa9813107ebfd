"""`python -m eval`: how well Footnote answers the questions of a file, over the sources given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from eval.cases import load_cases
from eval.evaluation import Evaluation, environment, evaluate
from eval.files import make_folder, write_files
from eval.run import Opener, assistant_over, predictions
from eval.types import Asks, Case, Prediction
from index.errors import FootnoteError
from qa.indexing import INTERRUPTED

CASES = Path(__file__).parent / "cases" / "astana.jsonl"
SEEDS = Path(__file__).parent.parent / "seeds"


@click.command(epilog="Exit codes: 0 done, 1 an error, told in one line on stderr, 2 usage, 130 Ctrl-C.")
@click.option(
    "--cases",
    "cases_file",
    type=click.Path(path_type=Path),
    default=CASES,
    metavar="FILE",
    help="The questions, as JSON Lines.  [default: the shipped cases on the shipped article]",
)
@click.option(
    "--sources",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH...",
    help="Where the answers stand: files, or folders with all below them.  [default: seeds/]",
)
@click.argument("more_sources", nargs=-1, type=click.Path(path_type=Path), metavar="")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("eval-out"),
    metavar="DIR",
    show_default=True,
    help="Where predictions.jsonl, metrics.json and report.html are written.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the metrics as JSON instead of tables.")
@click.pass_context
def main(
    context: click.Context,
    cases_file: Path,
    sources: tuple[Path, ...],
    more_sources: tuple[Path, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Measure how well Footnote answers the questions of FILE.

    The sources are indexed into a temporary folder, every question is asked, and the answers are measured:
    are they right, do their citations hold, is the evidence found, and does Footnote abstain where the
    sources do not say.

    A case is a line of FILE:

    \b
      {"id": "1", "question": "When does it start?", "answers": ["May 6"],
       "evidence": ["It starts on May 6."], "history": [["question", "answer"]], "tags": ["date"]}

    "answers" is empty when the sources do not say; "evidence", "history" and "tags" may be left out.
    """
    opener: Opener = context.obj or assistant_over
    try:
        cases = load_cases(cases_file)
        make_folder(out)
        evaluation = run(cases, sources + more_sources or (SEEDS,), settings_of(cases_file), opener)
        write_files(evaluation, out)
    except FootnoteError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped; nothing more was written.", err=True)
        context.exit(INTERRUPTED)
    show(evaluation, out, as_json)
    if not evaluation.complete:
        context.exit(INTERRUPTED)


def run(cases: Sequence[Case], sources: Sequence[Path], settings: dict[str, Any], opener: Opener) -> Evaluation:
    """Ask every case. Ctrl-C ends the asking and keeps what was answered, if anything was."""
    made: list[Prediction] = []
    with opener(sources) as assistant:
        documents = assistant.index.documents()
        try:
            for prediction in watched(cases, assistant):
                made.append(prediction)
        except KeyboardInterrupt:
            if not made:
                raise
    return evaluate(len(cases), made, documents, settings)


def watched(cases: Sequence[Case], assistant: Asks) -> Iterable[Prediction]:
    """The predictions, with a progress bar on stderr where that is a terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(
        predictions(cases, assistant),
        description="Asking",
        total=len(cases),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def settings_of(cases_file: Path) -> dict[str, Any]:
    """What was asked, when and with which versions."""
    return {
        "cases": {"path": str(cases_file), "sha256": hashlib.sha256(cases_file.read_bytes()).hexdigest()},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **environment(),
    }


def show(evaluation: Evaluation, out: Path, as_json: bool) -> None:
    """The figures on stdout; what a person must know about them on stderr."""
    from rich.console import Console

    from eval.table import tables

    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2))
    else:
        Console().print(tables(evaluation))
    for failed in evaluation.failed:
        click.echo(f"{failed.case.id} failed: {failed.error}", err=True)
    for score in evaluation.unfounded:
        click.echo(f"{score.case.id}: its evidence stands in no source: {score.unfounded[0]!r}", err=True)
    if not evaluation.complete:
        click.echo(f"Stopped; {len(evaluation.scores)} of {evaluation.cases} answers are kept.", err=True)
    click.echo(f"Written to {out}: predictions.jsonl, metrics.json, report.html", err=True)


if __name__ == "__main__":
    main()
