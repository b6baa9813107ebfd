"""`python -m eval compare`: what changed between two evaluations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.commands import options
from eval.compare import Change, Comparison, Difference
from eval.compare import compare as compared
from eval.outcomes import OUTCOMES
from eval.saved import read_saved
from eval.table import shown

SIGNIFICANT = 0.05


@click.command("compare", epilog=options.CODES)
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="A")
@click.argument("after", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="B")
@click.option("--questions", type=click.IntRange(min=0), default=20, show_default=True, help="Most changes to list.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def compare(before: Path, after: Path, questions: int, as_json: bool) -> None:
    """Say what changed from the evaluation in folder A to the one in B.

    Both are folders that --out named. Every measure is compared over the questions that both were asked, with a paired
    randomisation test; p is how often chance alone would make as great a difference. With some forty measures, two come
    below .05 by chance.
    """
    with options.told():
        found = compared(read_saved(before), read_saved(after))
    if as_json:
        click.echo(json.dumps(_dict(found), ensure_ascii=False, indent=2))
        return
    console = Console()
    console.print(f"{found.questions} questions in both; {found.only[0]} only in A, {found.only[1]} only in B")
    console.print(_measures(found.differences))
    _list(console, "Better", [change for change in found.changes if change.better], questions)
    _list(console, "Worse", [change for change in found.changes if _worse(change)], questions)
    same = [change for change in found.changes if change.before == change.after]
    console.print(f"{len(same)} others came to the same in other words.")


def _worse(change: Change) -> bool:
    return not change.better and change.before != change.after


def _measures(rows: Iterable[Difference]) -> Table:
    table = Table("measure", box=SIMPLE)
    for name in ("A", "B", "change", "p"):
        table.add_column(name, justify="right")
    for row in rows:
        unit = row.measure.unit
        sign = "+" if row.change > 0 else ""
        style = {True: "green", False: "red", None: ""}[row.better] if (row.p or 1) < SIGNIFICANT else ""
        p = "" if row.p is None else f"{row.p:.3f}"
        table.add_row(
            row.measure.title, shown(row.before, unit), shown(row.after, unit), sign + shown(row.change, unit), p,
            style=style,
        )  # fmt: skip
    return table


def _list(console: Console, title: str, changes: list[Change], most: int) -> None:
    console.print(f"[bold]{title}: {len(changes)}[/bold]")
    for change in changes[:most]:
        console.print(f"  {escape(change.question)}  [dim]{escape(change.id)}[/dim]")
        for outcome, said in ((change.before, change.said_before), (change.after, change.said_after)):
            console.print(f"    {OUTCOMES[outcome]}: {escape(said[:200]) or '–'}", style="dim")
    if len(changes) > most:
        console.print(f"  … and {len(changes) - most} more (--questions N)")


def _dict(found: Comparison) -> dict[str, Any]:
    return {
        "questions": found.questions,
        "only": list(found.only),
        "measures": {
            row.measure.key: {"before": row.before, "after": row.after, "change": row.change, "p": row.p}
            for row in found.differences
        },
        "changes": [{**asdict(change), "better": change.better} for change in found.changes],
    }
