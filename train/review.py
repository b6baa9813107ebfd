"""A second look at the authored questions: those on which a trained reader disagrees with their author.

    python -m train.review show --data ../shared/data/train --model DIR --out FILE   the doubtful ones
    python -m train.review drop FILE                                                        remove what was found wrong

A reader that is sure of an answer where the author says there is none, or finds none or another where the author marks
one, is often right: what it doubts is worth reading again. `drop` takes JSON Lines of {"passage", "question"}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from index.passages import split
from index.types import Hit
from qa.read.span import Calibration, SpanReader, load_session
from train.authored import FOLDER, AuthoredQuestion, Source, load
from train.corpus import make_document, overlaps


class Doubt(NamedTuple):
    """`margin`: the reader's log-odds for `said` against no answer, turned so that greater is more doubtful."""

    margin: float
    source: Source
    question: AuthoredQuestion
    said: str


def doubts(data: Path, reader: SpanReader) -> Iterator[Doubt]:
    """Each question on which the reader disagrees with its author."""
    with click.progressbar(load(data), label="reading") as shown:
        for source, question in shown:
            passages = split(make_document(source.title, source.text))
            found = reader.spans(question.question, [Hit(passage, 1.0, 1, 1, 0.5) for passage in passages])
            if not found:
                continue
            span = found[0].span
            said = source.text[span.start : span.end]
            if not question.spans and found[0].margin > 0:
                yield Doubt(found[0].margin, source, question, said)
            elif question.spans and (found[0].margin < 0 or not overlaps(question.spans, span.start, span.end)):
                yield Doubt(abs(found[0].margin), source, question, said if found[0].margin > 0 else "(no answer)")


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--model", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--share", default=0.5, show_default=True, help="Of the doubtful ones, so many, the worst first.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A text file to read.")
def show(data: Path, model: Path, share: float, out: Path) -> None:
    """Write the doubtful questions with their passages, passage by passage."""
    found = sorted(doubts(data, SpanReader(load_session(model), Calibration.load())), key=lambda one: -one.margin)
    chosen = sorted(found[: round(share * len(found))], key=lambda one: one.source.id)
    with out.open("w", encoding="utf-8") as told:
        before = ""
        for one in chosen:
            if one.source.id != before:
                told.write(f"\n=== {one.source.id} ({one.source.title})\n{one.source.text}\n")
                before = one.source.id
            author = " | ".join(one.source.text[a:b] for a, b in one.question.spans) or "(no answer)"
            told.write(f"- {one.question.question}\n    author: {author}\n    reader: {one.said}  {one.margin:.1f}\n")
    click.echo(f"{len(found)} doubtful, {len(chosen)} written to {out}")


@main.command()
@click.argument("wrong", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def drop(wrong: Path) -> None:
    """Remove questions that were found wrong."""
    rows = (json.loads(line) for line in wrong.read_text(encoding="utf-8").splitlines() if line.strip())
    named = {(row["passage"], row["question"]) for row in rows}
    left = set(named)
    for file in sorted(FOLDER.glob("*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        keys = [(row["passage"], row["question"]) for row in map(json.loads, lines)]
        kept = [line for line, key in zip(lines, keys, strict=True) if key not in named]
        left -= set(keys)
        if len(kept) < len(lines):
            file.write_text("".join(kept), encoding="utf-8")
            click.echo(f"{file.name}: {len(lines) - len(kept)} removed")
    if left:
        told = "; ".join(f"{passage}: {question}" for passage, question in sorted(left)[:5])
        raise click.ClickException(f"{len(left)} were not found, such as {told}")


if __name__ == "__main__":
    main()
