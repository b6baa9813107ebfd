"""Indexing on a terminal: a progress bar while it runs, what it did when done, what is safe when it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from index.config import load_settings
from index.sync import SyncReport, sync

INTERRUPTED = 130
"""The exit code of what was stopped, as shells have it."""


def sync_shown(paths: Sequence[str], storage: str | None, embedder: str | None, prune: bool) -> SyncReport:
    """Sync with a progress bar on standard error. On Ctrl-C, say what is safe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from qa.render import plain, progress_console

    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    done, console = 0, progress_console()
    with _interruptible(), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def progress(finished: int, total: int, name: str) -> None:
            nonlocal done
            done = finished
            bar.update(task, completed=finished, total=total, description=plain(name))

        try:
            return sync(paths, storage, embedder=embedder, prune=prune, progress=progress)
        except KeyboardInterrupt:
            bar.stop()
            where = storage or load_settings().storage
            click.echo(
                f"Stopped. {files(done)} done before; what was indexed is safe in {where}/. "
                "Run the same command again to go on.",
                err=True,
            )
            raise SystemExit(INTERRUPTED) from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """A termination request stops indexing the way Ctrl-C does."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def tell(report: SyncReport) -> None:
    for _, reason in report.failed:
        click.echo(f"Left out: {reason}", err=True)
    counts = {
        "added": report.added,
        "replaced": report.replaced,
        "removed": report.removed,
        "unchanged": report.unchanged,
    }
    told = ", ".join(f"{len(paths)} {name}" for name, paths in counts.items() if paths)
    click.echo(f"Index: {told or 'nothing to do'}.", err=True)


def files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
