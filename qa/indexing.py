"""Indexing on a terminal: a progress bar while it runs, what it did when done, what is safe when it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import click

from index.background import give_way
from index.config import load_settings
from index.errors import FootnoteError
from index.part import WHOLE, Part
from index.sync import Progress, SyncReport, sync

INTERRUPTED = 130
"""The exit code of what was stopped, as shells have it."""


def sync_shown(
    paths: Sequence[str],
    storage: str | None,
    embedder: str | None,
    prune: bool,
    tags: Collection[str] | None = None,
    part: Part = WHOLE,
) -> SyncReport:
    """Sync with a progress bar on standard error. On Ctrl-C, say what is safe."""
    return _shown(
        lambda progress: sync(paths, storage, embedder=embedder, prune=prune, tags=tags, progress=progress, part=part),
        lambda done: f"{files(done)} done before; what was indexed is safe in {_named(storage)}/.",
    )


def rebuild_shown(storage: str | None, embedder: str | None) -> SyncReport:
    """Rebuild with a progress bar. On Ctrl-C, say that the old index is as it was."""
    from index.rebuild import rebuild

    return _shown(
        lambda progress: rebuild(storage, embedder=embedder, progress=progress),
        lambda _: f"The index in {_named(storage)}/ is as it was.",
    )


def watch_shown(paths: Sequence[str], storage: str | None) -> None:
    """Bring the index into step as files change, and say what was done each time, until Ctrl-C."""
    from index.watch import watch

    def ready() -> None:
        click.echo(f"Watching {', '.join(paths)}. Stop with Ctrl-C.", err=True)

    with interruptible():
        try:
            for report in watch(paths, storage, failed=_tell_failed, ready=ready):
                if _did_something(report):
                    tell(report)
        except KeyboardInterrupt:
            click.echo(f"Stopped. What was indexed is safe in {_named(storage)}/.", err=True)
            raise SystemExit(INTERRUPTED) from None


@contextmanager
def watching(paths: Sequence[str], storage: str | None) -> Iterator[None]:
    """Meanwhile a thread brings the index into step with `paths` as their files change; none where there are none."""
    from index.watch import watch

    if not paths:
        yield
        return
    stop = threading.Event()

    def run() -> None:
        give_way()
        for report in watch(paths, storage, stop=stop, failed=_tell_failed):
            if _did_something(report):
                tell(report)

    thread = threading.Thread(target=run, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _shown(work: Callable[[Progress], SyncReport], safe: Callable[[int], str]) -> SyncReport:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from qa.render import plain, progress_console

    columns = (
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    done, console = 0, progress_console()
    with interruptible(), Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, rate="")

        def progress(finished: int, total: int, name: str) -> None:
            nonlocal done
            done = finished
            speed = bar.tasks[task].speed
            rate = f"{speed:,.1f} files/s" if speed else ""
            bar.update(task, completed=finished, total=total, description=plain(name), rate=rate)

        try:
            return work(progress)
        except KeyboardInterrupt:
            bar.stop()
            click.echo(f"Stopped. {safe(done)} Run the same command again to go on.", err=True)
            raise SystemExit(INTERRUPTED) from None


@contextmanager
def interruptible() -> Iterator[None]:
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
        "moved": report.moved,
        "tagged": report.tagged,
        "removed": report.removed,
        "unchanged": report.unchanged,
    }
    told = ", ".join(f"{len(paths)} {name}" for name, paths in counts.items() if paths)
    click.echo(f"Index: {told or 'nothing to do'}.", err=True)


def files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"


def _did_something(report: SyncReport) -> bool:
    return bool(report.added or report.replaced or report.moved or report.removed or report.failed)


def _tell_failed(error: FootnoteError) -> None:
    click.echo(f"Error: {error}", err=True)


def _named(storage: str | None) -> str:
    return storage or load_settings().storage
