"""`python -m eval draft`: propose questions for a person to review."""

from __future__ import annotations

from pathlib import Path

import click

from eval.commands import options
from eval.drafting.feedback import from_feedback as drafts_from
from eval.drafting.files import write_drafts
from eval.drafting.questions import Draft, drafts
from eval.drafting.salient import salient
from index.errors import CasesError, FootnoteError
from index.reading import SourceReader
from index.sources import find_sources, load_document
from qa.read.span import SpanReader


@click.command("draft", epilog=options.CODES)
@click.argument("sources", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[SOURCES...]")
@click.option("--count", type=click.IntRange(min=1), default=40, show_default=True, help="Most questions to propose.")
@click.option("--from-feedback", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--out", type=click.Path(path_type=Path), default=Path("drafts.jsonl"), show_default=True)
@click.option("--seed", default=0, show_default=True, help="Another seed, other questions.")
def draft(sources: tuple[Path, ...], count: int, from_feedback: Path | None, out: Path, seed: int) -> None:
    """Propose questions about SOURCES, or from what people said about answers (--from-feedback FILE).

    They ask for dates, numbers, names and quotations that the reader finds salient, are made by rule and read like it:
    half are wh-questions, the others clozes and near misses that the sources should not answer. None counts until you
    accept it: python -m eval review.
    """
    if bool(sources) == bool(from_feedback):
        raise click.UsageError("Give SOURCES or --from-feedback FILE.")
    with options.told():
        if out.exists():
            raise FootnoteError(f"{out} is there already. Review it first, or choose another file with --out.")
        made = drafts_from(from_feedback) if from_feedback else _from_sources(sources, count, seed)
        if not made:
            raise CasesError("Nothing to ask was found: no whole sentence with a date, a number or a name.")
        write_drafts(out, made)
    click.echo(f"{len(made)} drafts in {out}. Next: python -m eval review {out}", err=True)


def _from_sources(sources: tuple[Path, ...], count: int, seed: int) -> list[Draft]:
    with SourceReader() as reader:
        documents = [load_document(location, reader) for location in find_sources(list(sources))]
    targets = salient(documents, count, SpanReader.shipped(), seed)
    return drafts(documents, count, seed, targets)
