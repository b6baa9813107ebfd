"""What several commands share: options, and the one place where our errors become a line and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from eval.systems import BASELINES
from index.errors import FootnoteError
from qa.indexing import INTERRUPTED

CODES = "Exit codes: 0 done, 1 an error, told in one line on stderr, 2 usage, 130 Ctrl-C."

out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("eval-out"),
    metavar="DIR",
    show_default=True,
    help="Where predictions.jsonl, scores.jsonl, metrics.json and report.html are written.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the metrics as JSON instead of tables.")
reader = click.option(
    "--reader",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder with model.onnx and reader.json, instead of the shipped reader.",
)

llm = click.option(
    "--llm",
    metavar="NAME",
    help="A language model for what needs one, as for qa ask: ollama:MODEL, openai-like:MODEL@URL, openai:MODEL …",
)
baselines = click.option(
    "--with",
    "baselines",
    type=click.Choice(list(BASELINES)),
    multiple=True,
    metavar="NAME",
    help=f"Ask this too, over the same index, and write its files to DIR/NAME; repeatable: {', '.join(BASELINES)}.",
)


@contextmanager
def told() -> Iterator[None]:
    """Our errors end the command with one line; Ctrl-C with 130. A bug keeps its traceback."""
    try:
        yield
    except FootnoteError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped; nothing more was written.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
