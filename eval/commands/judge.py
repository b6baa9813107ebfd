"""`python -m eval judge`: what a language model thinks of an evaluation's answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from eval.commands import options
from eval.judging.judges import JUDGES
from eval.judging.run import FILE, answers, judged
from eval.systems import Options
from eval.systems.language_model import open_language_model
from index.errors import FootnoteError

LISTED = "".join(f"\n  {name:13} {judge.about}" for name, judge in JUDGES.items())


@click.command(
    "judge",
    epilog=options.CODES,
    help=f"""Ask a language model what it thinks of the answers in DIR, a folder that --out named.

Its opinions are no measures: they go to {FILE} beside them and into no table, report, comparison or gate. The same
answers judged twice may come out otherwise. What it said before is kept, so that you may stop and go on.

\b
llama-index's evaluators are the judges:{LISTED}
""",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--llm", required=True, metavar="NAME", help="As for qa ask: ollama:MODEL, openai-like:MODEL@URL …")
@click.option(
    "--cases", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="The cases that were asked: their first expected answer is what correctness compares with.",
)  # fmt: skip
@click.option("--judge", "names", multiple=True, type=click.Choice(list(JUDGES)), help="Repeatable.  [default: all]")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Judge only the first N answers.")
@click.option("--seconds", type=click.FloatRange(min=1), default=60, show_default=True, help="For one opinion.")
def judge(
    folder: Path, llm: str, cases: Path | None, names: tuple[str, ...], limit: int | None, seconds: float
) -> None:
    with options.told():
        asked = answers(folder, cases)[:limit]
        chosen = [name for name in names or JUDGES if cases or not JUDGES[name].needs_reference]
        if not chosen:
            raise FootnoteError("correctness needs the expected answers. Give --cases FILE.")
        if not asked:
            raise FootnoteError(f"{folder} holds no answer that could be judged.")
        model = open_language_model(Options(llm=llm, seconds=seconds), "judge")
        rows = list(judged(asked, chosen, model, llm, folder))
    Console().print(_table(llm, rows))
    for row in rows:
        if "error" in row:
            click.echo(f"{row['id']}, {row['judge']}: {row['error']}", err=True)
    click.echo(f"Opinions are in {folder / FILE}.", err=True)


def _table(llm: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("judge", box=SIMPLE, title=f"Opinions of {llm}, no measures", title_justify="left")
    for name in ("mean", "answers", "not readable", "failed"):
        table.add_column(name, justify="right")
    by_judge: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_judge[row["judge"]].append(row)
    for name, own in by_judge.items():
        scores = [row["score"] for row in own if row.get("score") is not None]
        failed = sum("error" in row for row in own)
        mean = f"{sum(scores) / len(scores):.2f}" if scores else "–"
        table.add_row(name, mean, str(len(scores)), str(len(own) - len(scores) - failed), str(failed))
    return table
