"""The command line: qa index | ask | chat | serve | documents."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from index.config import seeds_folder
from index.errors import FootnoteError, IndexMissing, PortInUse
from index.sync import open_index
from qa.indexing import INTERRUPTED, files, sync_shown, tell

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_storage = click.option(
    "--storage",
    metavar="DIR",
    default=None,
    help="Where the index is kept.  [default: storage, or $FOOTNOTE_STORAGE]",
)


class _Group(click.Group):
    """Every command's errors end here: ours as one line and exit code 1; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FootnoteError as exc:
            click.echo(f"Error: {exc}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # `qa ask … | head`: the reader has gone; nothing is wrong. Keep the interpreter's last flush quiet.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="footnote", prog_name="qa")
def main() -> None:
    """Ask your documents; every answer carries its footnote.

    \b
    qa index FOLDER         index text and Markdown files
    qa ask "…"              one question; exact quotes as footnotes
    qa chat                 a conversation in the terminal
    qa serve                chat and API on http://127.0.0.1:7860
    """


@main.command("index")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@_storage
@click.option("--embedder", metavar="NAME", help="For a new index: minilm, or sentence-transformers:NAME_OR_PATH.")
@click.option("--prune", is_flag=True, help="Also remove documents below PATH whose file is gone.")
def index_command(paths: tuple[str, ...], storage: str | None, embedder: str | None, prune: bool) -> None:
    """Bring the index into step with files and folders (default: seeds/).

    What is new is added, what changed is replaced, what did not change is not touched. Stopping it loses nothing:
    every document that was done is in the index, and the next run goes on from there.
    """
    report = sync_shown(paths or (str(seeds_folder()),), storage, embedder, prune)
    tell(report)
    if report.failed:
        raise FootnoteError(f"{files(len(report.failed))} could not be read; the rest is indexed.")


@main.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--batch",
    type=click.File("rb"),
    metavar="FILE",
    help='Answer a JSON object a line ({"question", "id", "history"}), an answer a line; - reads standard input.',
)
@_storage
def ask(question: str | None, as_json: bool, batch: IO[bytes] | None, storage: str | None) -> None:
    """Answer one question from the sources, with footnotes, or say that they do not answer it."""
    if (question is None) == (batch is None):
        raise click.UsageError('Give either a question, as in: qa ask "Who signed?", or --batch FILE.')
    if batch is not None:
        _answer_batch(batch, storage)
        return
    from qa.history import checked_question

    checked = checked_question(question)
    answer = _assistant(storage).ask(checked)
    if as_json:
        click.echo(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2))
    else:
        from rich.console import Console

        from qa.render import answer_view

        Console(highlight=False).print(answer_view(answer))


@main.command()
@_storage
def chat(storage: str | None) -> None:
    """A conversation in the terminal; follow-up questions are understood. Leave with Ctrl-D or /quit."""
    from rich.console import Console

    from qa.render import answer_view

    assistant = _assistant(storage)
    console = Console(highlight=False)
    history: list[tuple[str, str]] = []
    console.print("Ask about your sources. /new begins a new conversation; Ctrl-D or /quit leaves.", style="dim")
    for line in _typed():
        if line == "/new":
            history.clear()
            console.print("A new conversation.", style="dim")
            continue
        try:
            answer = assistant.ask(line, history)
        except FootnoteError as exc:
            click.echo(f"Error: {exc}", err=True)
            continue
        console.print(answer_view(answer))
        console.print()
        history.append((line, answer.text))


@main.command()
@_storage
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535))
def serve(storage: str | None, host: str, port: int) -> None:
    """Serve the chat at / and the API at /api (described at /docs)."""
    _check_port(host, port)
    if host not in LOOPBACK:
        click.echo(f"Warning: anyone who reaches {host}:{port} can read your sources.", err=True)
    assistant = _assistant(storage)
    click.echo("Starting …", err=True)
    import uvicorn

    from qa.api import create_app

    app = create_app(assistant)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Footnote is at http://{shown}:{port} (API: http://{shown}:{port}/docs). Stop with Ctrl-C.", err=True)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=5)


@main.command()
@_storage
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def documents(storage: str | None, as_json: bool) -> None:
    """List the documents of the index, and which changed on disk since they were indexed."""
    from index.sources import source_state

    index = open_index(storage)
    rows = [
        {"id": d.id, "title": d.title, "path": d.path, "characters": len(d.text), "source": source_state(d)}
        for d in index.documents()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from qa.render import plain

    table = Table("id", "title", "path", "characters", "source", box=None, header_style="bold")
    for row in rows:
        table.add_row(*(Text(plain(str(value))) for value in row.values()))
    Console(highlight=False).print(table if rows else "No documents. Add some with: qa index FOLDER")


def _assistant(storage: str | None) -> Any:
    """The assistant over the index; where there is none yet, it is built from seeds/ first."""
    from qa.assistant import open_assistant

    try:
        return open_assistant(storage)
    except IndexMissing:
        seeds = seeds_folder()
        if not seeds.is_dir():
            raise
        tell(sync_shown((str(seeds),), storage, None, False))
        return open_assistant(storage)


def _answer_batch(lines: IO[bytes], storage: str | None) -> None:
    from qa.batch import answer_lines

    failed = 0
    for reply in answer_lines(lines, _assistant(storage)):
        failed += "error" in reply
        click.echo(json.dumps(reply, ensure_ascii=False))
    if failed:
        raise FootnoteError(f"{failed} of the questions could not be asked; their lines say why.")


def _typed() -> Iterator[str]:
    """Lines that a person types, until Ctrl-D or /quit; empty ones are skipped."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  (input() gains line editing and history)
    while True:
        try:
            line = input("› " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if line in ("/quit", "/exit"):
            return
        if line:
            yield line


def _check_port(host: str, port: int) -> None:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise PortInUse(
                f"Cannot listen on {host}:{port} ({exc.strerror}). Choose another port, as in: "
                f"qa serve --port {port + 1 if port < 65535 else 7860}"
            ) from exc


if __name__ == "__main__":
    main()
