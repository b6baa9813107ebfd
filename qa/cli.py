"""The command line: qa index | ask | chat | serve | mcp | documents."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from index.background import give_way
from index.config import seeds_folder
from index.errors import FootnoteError, IndexMissing, PortInUse
from index.part import WHOLE, Part
from qa.indexing import INTERRUPTED, files, rebuild_shown, sync_shown, tell, watch_shown, watching
from qa.keeping import COMMANDS
from qa.keeping import storage_option as _storage
from qa.moving import advise, move_command
from qa.talking import ask_shown, llm_options

if TYPE_CHECKING:
    from qa.api.opening import Opening
    from qa.assistant import Assistant
    from qa.types import Answer

_strictness = click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Be right at least this often on our tests, 0 to 1; higher says more often that it is not in the source.",
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
    qa index FOLDER         index PDFs, Word files, web pages, notes …
    qa ask "…"              one question; exact quotes as footnotes
    qa chat                 a conversation in the terminal
    qa serve                chat and API on http://127.0.0.1:7860
    qa export FILE          the index as one file, for qa import elsewhere
    qa move FROM TO         into another store, as it grows; nothing is embedded again
    """


@main.command("index")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@_storage
@click.option("--embedder", metavar="NAME", help="For a new index: minilm, or sentence-transformers:NAME_OR_PATH.")
@click.option("--prune", is_flag=True, help="Also remove documents below PATH whose file is gone.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag the documents of PATH; repeat it for more.")
@click.option("--watch", is_flag=True, help="Go on as files change, and remove what is deleted, until Ctrl-C.")
@click.option("--worker", metavar="K/N", help="Index the Kth of N parts of PATH's files, beside N-1 other workers.")
@click.option("--rebuild", is_flag=True, help="Make the index anew from what it holds, beside the old one; then PATH.")
def index_command(
    paths: tuple[str, ...],
    storage: str | None,
    embedder: str | None,
    prune: bool,
    tags: tuple[str, ...],
    watch: bool,
    worker: str | None,
    rebuild: bool,
) -> None:
    """Bring the index into step with files and folders (default: seeds/).

    What is new is added, what changed is replaced, what did not change is not touched, what was renamed is not
    embedded again. Stopping it loses nothing: every document that was done is in the index, and the next run goes on
    from there. Exit code 1 when a file could not be read.
    """
    if worker and (watch or rebuild):
        raise click.UsageError("--worker goes with neither --watch nor --rebuild.")
    part = Part.named(worker) if worker else WHOLE
    give_way()
    failed = 0
    if rebuild:
        report = rebuild_shown(storage, embedder)
        tell(report)
        failed += len(report.failed)
    if paths or not rebuild:
        paths = paths or (str(seeds_folder()),)
        report = sync_shown(paths, storage, embedder, prune, tags or None, part)
        tell(report)
        failed += len(report.failed)
    advise(storage)
    if watch:
        watch_shown(paths or (str(seeds_folder()),), storage)
    elif failed:
        raise FootnoteError(f"{files(failed)} could not be read; the rest is indexed.")


_only = click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Ask only documents of this tag, id, path, title or folder; repeat it for more.",
)


@main.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option(
    "--batch",
    type=click.File("rb"),
    metavar="FILE",
    help='Answer a JSON object a line ({"question", "id", "history"}), an answer a line; - reads standard input.',
)
@_only
@_strictness
@llm_options
@_storage
def ask(
    question: str | None,
    as_json: bool,
    batch: IO[bytes] | None,
    only: tuple[str, ...],
    strictness: float | None,
    storage: str | None,
    model: dict[str, Any],
) -> None:
    """Answer one question from the sources, with footnotes, or say that they do not answer it."""
    if (question is None) == (batch is None):
        raise click.UsageError('Give either a question, as in: qa ask "Who signed?", or --batch FILE.')
    if batch is not None:
        _answer_batch(batch, _assistant(storage, **model), only, strictness)
        return
    from concurrent.futures import ThreadPoolExecutor

    from index.only import only as limited
    from qa.history import checked_question

    checked = checked_question(question)
    assistant = _assistant(storage, **model)
    where = limited(assistant.index, only)
    if assistant.writer and not as_json:
        _asked_and_printed(assistant, checked, where=where, strictness=strictness)
        return
    with ThreadPoolExecutor(1) as aside:  # what prints is imported while the models are at work
        show = aside.submit(_printed) if not as_json else None
        answer = assistant.ask(checked, where=where, strictness=strictness)
        (show.result() if show else _as_json)(answer)


@main.command()
@_only
@_strictness
@llm_options
@_storage
def chat(storage: str | None, only: tuple[str, ...], strictness: float | None, model: dict[str, Any]) -> None:
    """A conversation in the terminal; follow-up questions are understood.

    Ctrl-C stops an answer. Leave with Ctrl-D or /quit.
    """
    from index.only import only as limited

    assistant = _assistant(storage, **model)
    where = limited(assistant.index, only)
    history: list[tuple[str, str]] = []
    click.secho("Ask about your sources. /new begins a new conversation; Ctrl-D or /quit leaves.", dim=True)
    for line in _typed():
        if line == "/new":
            history.clear()
            click.secho("A new conversation.", dim=True)
            continue
        try:
            answer = _asked_and_printed(assistant, line, history=history, where=where, strictness=strictness)
        except FootnoteError as exc:
            click.echo(f"Error: {exc}", err=True)
            continue
        except KeyboardInterrupt:
            click.secho("Stopped.", dim=True)
            continue
        click.echo()
        history.append((line, answer.text))


@main.command()
@llm_options
@_storage
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535))
@click.option("--watch", multiple=True, metavar="FOLDER", help="Keep the index in step with FOLDER; repeatable.")
def serve(storage: str | None, host: str, port: int, watch: tuple[str, ...], model: dict[str, Any]) -> None:
    """Serve the chat at / and the API at /api (described at /docs).

    Only this machine can reach it. Any other --host needs a token:  export FOOTNOTE_TOKEN="$(qa token)"
    """
    from qa.access import Access

    access = Access.bound_to(host)
    _check_port(host, port)
    if watch:
        tell(sync_shown(watch, storage, None, False))
    assistant = _assistant(storage, **model)
    advise(storage)
    from index.inference import wait_for_models
    from qa.api.opening import Opening

    # What Gradio puts aside is nobody else's, and goes when the server does.
    with TemporaryDirectory(prefix="footnote-") as aside:
        os.environ["GRADIO_TEMP_DIR"] = aside
        app = Opening(assistant, storage, access)
        wait_for_models()
        with watching(watch, storage):
            _serve(app, host, port)


FINISH_SECONDS = 30
"""What runs when the server is asked to stop may take so long; a second Ctrl-C does not wait."""


def _serve(app: Opening, host: str, port: int) -> None:
    import uvicorn

    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Footnote is at http://{shown}:{port} (API: http://{shown}:{port}/docs). Stop with Ctrl-C.", err=True)
    # A request to terminate ends as Ctrl-C does: what runs is finished, what was put aside is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=FINISH_SECONDS,
            server_header=False,
            ws="none",
        )
    )
    app.on_failure = partial(setattr, server, "should_exit", True)
    with suppress(KeyboardInterrupt):
        server.run()
    app.check()


@main.command()
def token() -> None:
    """Print a new token: 256 random bits, for FOOTNOTE_TOKEN."""
    from qa.access import new_token

    click.echo(new_token())


@main.command()
@llm_options
@_storage
def mcp(storage: str | None, model: dict[str, Any]) -> None:
    """Serve an agent over standard input and output with the Model Context Protocol.

    For Claude Desktop and other MCP clients: give them the command `qa mcp --storage /where/the/index/is`.
    """
    assistant = _assistant(storage, **model)
    from qa.api.mcp import mcp_server
    from qa.api.services import open_services

    services = open_services(assistant, storage)
    try:
        mcp_server(services).run("stdio")
    finally:
        services.close()


@main.command()
@_storage
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def documents(storage: str | None, as_json: bool) -> None:
    """List the documents of the index, and which changed on disk since they were indexed."""
    from index.manifest import open_index
    from index.sources import source_state

    index = open_index(storage)
    rows: list[dict[str, Any]] = [
        {
            "id": d.id,
            "title": d.title,
            "path": d.path,
            "characters": len(d.text),
            "source": source_state(d),
            "tags": list(d.tags),
        }
        for d in index.documents()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from qa.render import plain

    table = Table("id", "title", "path", "characters", "source", "tags", box=None, header_style="bold")
    for row in rows:
        shown = {**row, "tags": ", ".join(row["tags"])}
        table.add_row(*(Text(plain(str(value))) for value in shown.values()))
    Console(highlight=False).print(table if rows else "No documents. Add some with: qa index FOLDER")


def _assistant(storage: str | None, **model: Any) -> Any:
    """The assistant over the index; where there is none yet, it is built from seeds/ first."""
    from qa.ahead import shipped_ahead

    with shipped_ahead():
        from qa.assistant import open_assistant

        try:
            return open_assistant(storage, **model)
        except IndexMissing:
            seeds = seeds_folder()
            if not seeds.is_dir():
                raise
            tell(sync_shown((str(seeds),), storage, None, False))
            return open_assistant(storage, **model)


def _as_json(answer: Answer) -> None:
    click.echo(json.dumps(answer.to_dict(), ensure_ascii=False, indent=2))


def _printed() -> Callable[[Answer], None]:
    """What prints an answer for people."""
    from rich.console import Console

    from qa.render import answer_view

    console = Console(highlight=False)
    return lambda answer: console.print(answer_view(answer))


def _asked_and_printed(assistant: Assistant, question: str, **options: Any) -> Answer:
    """The answer, shown as a language model writes it where there is one, and printed."""
    from rich.console import Console

    answer = ask_shown(assistant, Console(highlight=False), question, **options)
    _printed()(answer)
    return answer


def _answer_batch(lines: IO[bytes], assistant: Any, only: tuple[str, ...], strictness: float | None) -> None:
    from index.only import only as limited
    from qa.batch import answer_lines

    failed = 0
    for reply in answer_lines(lines, assistant, strictness, limited(assistant.index, only)):
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


for _command in (*COMMANDS, move_command):
    main.add_command(_command)


def run() -> NoReturn:
    """The process `qa`: when its command is done and all that tidies up at the end has run, it leaves without taking
    models and modules apart in memory first, which takes as long as reading a passage."""
    try:
        main()
    except SystemExit as left:
        if not isinstance(left.code, int):
            raise
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(left.code)
    raise SystemExit


if __name__ == "__main__":
    run()
