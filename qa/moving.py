"""qa move: an index into another store, on a terminal."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import TYPE_CHECKING

import click

from qa.keeping import how_many

if TYPE_CHECKING:
    from index.move import MoveReport


@click.command("move")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def move_command(source: str, target: str) -> None:
    """Copy an index into another store without embedding anything again.

    FROM and TO are what --storage takes: a folder, lancedb://FOLDER, … The old index stays as it is, with all that
    belongs to it; the new one is refused until it is whole. Stop it when you like: the same command goes on.
    """
    from qa.feedback import carry_feedback

    report = _moved(source, target)
    carry_feedback(source, target)
    there = f", {report.there:,} of them by an earlier run" if report.there else ""
    click.echo(
        f"Moved {how_many(report.documents)} with {report.passages:,} passages{there}. {source} is as it was. "
        f"Use the new index with: export FOOTNOTE_STORAGE={shlex.quote(target)}",
        err=True,
    )


def advise(storage: str | None) -> None:
    """Say so where the index has outgrown its store."""
    from index.errors import IndexMissing
    from index.manifest import storage_name
    from index.outgrown import advice
    from index.store import open_store

    try:
        store = open_store(storage_name(storage))
    except IndexMissing:
        return
    with closing(store):
        told = advice(store)
    if told:
        click.echo(told, err=True)


def _moved(source: str, target: str) -> MoveReport:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from index.move import move
    from qa.indexing import INTERRUPTED, interruptible
    from qa.render import progress_console

    columns = (
        TextColumn("Moving"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.completed:,} of {task.total:,} passages, {task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    console = progress_console()
    with interruptible(), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=0, rate="")
        done = 0

        def progress(finished: int, total: int) -> None:
            nonlocal done
            done = finished
            speed = bar.tasks[0].speed
            rate = "indexing them" if finished == total else f"{speed:,.0f} a second" if speed else "…"
            bar.update(task, completed=finished, total=total, rate=rate)

        try:
            return move(source, target, progress)
        except KeyboardInterrupt:
            bar.stop()
            click.echo(
                f"Stopped. {done:,} passages are moved; {source} is as it was. Run the same command again to go on.",
                err=True,
            )
            raise SystemExit(INTERRUPTED) from None
