"""`python -m eval sweep`: the same questions under many settings, quality against latency."""

from __future__ import annotations

from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.cases import load_cases
from eval.commands import options
from eval.files import make_folder
from eval.measures import MEASURES
from eval.provenance import settings_of
from eval.public import ADAPTERS, read_public
from eval.public.types import PublicSet
from eval.saved import read_saved
from eval.sweeping import told
from eval.sweeping.front import Place, places, point
from eval.sweeping.run import settings_of_setting, timed, tuning
from eval.sweeping.run import sweep as swept
from eval.sweeping.settings import AXES, SHIPPED, chosen, settings, shown
from index.errors import CasesError
from index.reading import SourceReader
from index.sources import find_sources, load_document

QUALITIES = [row.key for row in MEASURES if row.unit == "share" and row.better == "more"]
LISTED = "".join(f"\n  {name:11} {axis.about}: {', '.join(map(shown, axis.values))}" for name, axis in AXES.items())


@click.command(
    "sweep",
    epilog=options.CODES,
    help=f"""Ask the same questions under many settings and tell which are worth having.

The questions are your own (--cases FILE --sources PATH) or a public set's (SET FILES, as for public). Each setting
changes one thing of the shipped ones; --cross tries every combination. Choose settings on questions that you do not
judge by afterwards. What was asked before with the same files, weights and settings is kept, so that you may stop
with Ctrl-C and go on.

After that the settings are timed in turns, question by question, so that what else the machine does slows all alike.

\b
What is tried, beside what is shipped:{LISTED}
""",
)
@click.argument("name", metavar="[SET]", required=False, type=click.Choice(list(ADAPTERS)))
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILES...]")
@click.option("--cases", "cases_file", type=click.Path(path_type=Path), metavar="FILE", help="Your questions.")
@click.option("--sources", type=click.Path(path_type=Path), multiple=True, metavar="PATH", help="Your documents.")
@click.option("--open", "opened", is_flag=True, help="Ask each question of all texts of the set together.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask only N questions, evenly spread.")
@click.option(
    "--axis", "axes", multiple=True, metavar="NAME[=VALUES]", help="Try this alone, as in k=1,3,5; repeatable."
)
@click.option("--cross", is_flag=True, help="Every combination of what is tried.")
@click.option("--quality", type=click.Choice(QUALITIES), default="f1", show_default=True, metavar="MEASURE")
@click.option(
    "--timed",
    "count",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    metavar="N",
    help="How many of the questions the settings are timed on.",
)
@click.option("--time-again", "again", is_flag=True, help="Time anew what was timed before.")  # fmt: skip
@options.reader
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("eval-out/sweep"), metavar="DIR", show_default=True
)
def sweep(
    name: str | None,
    files: tuple[Path, ...],
    cases_file: Path | None,
    sources: tuple[Path, ...],
    opened: bool,
    limit: int | None,
    axes: tuple[str, ...],
    cross: bool,
    quality: str,
    count: int,
    again: bool,
    reader: Path | None,
    out: Path,
) -> None:
    if bool(name and files) == bool(cases_file and sources):
        raise click.UsageError("Give --cases FILE and --sources PATH, or a SET and its FILES.")
    with options.told():
        tried = settings(chosen(axes), cross)
        asked = read_public(name, files) if name else _own(cases_file, sources)
        asked = asked.opened() if opened else asked
        asked = asked.sample(limit) if limit else asked
        make_folder(out)
        about = {"set": name or "own", "asked_of": "all texts" if opened or not name else "their own", "limit": limit}
        made_with = settings_of(files if cases_file is None else [cases_file], reader, **about)
        with tuning(asked, reader) as tuned:
            for number, setting in enumerate(swept(asked, tried, made_with, out, tuned), start=1):
                click.echo(f"{number} of {len(tried)}: {setting.name}", err=True)
            times = timed(asked.sample(count), tried, made_with, out, tuned, again)
        found = [point(one, read_saved(out / one.name), quality, times[one.name]) for one in tried]
        made = places([one for one in found if one is not None], quality)
        if not made:
            raise CasesError(f"No setting has a value of {quality} on these questions. Choose another with --quality.")
        told.write(made, quality, settings_of_setting(SHIPPED, made_with), out)
    Console().print(_table(made, quality))
    click.echo(f"Written to {out}: sweep.html, sweep.md, sweep.svg, sweep.json, and a folder a setting.", err=True)


def _own(cases_file: Path | None, sources: tuple[Path, ...]) -> PublicSet:
    """The user's own questions and documents, all asked of all."""
    assert cases_file is not None
    cases = load_cases(cases_file)
    with SourceReader() as reading:
        documents = [load_document(location, reading) for location in find_sources(list(sources))]
    return PublicSet(tuple(documents), cases)


def _table(made: list[Place], quality: str) -> Table:
    head, *rows = told.brief(made, quality)
    table = Table(head[0], box=SIMPLE)
    for cell in head[1:-1]:
        table.add_column(cell, justify="right", no_wrap=True)
    table.add_column(head[-1])
    for row in rows:
        table.add_row(*map(escape, row), style="bold" if row[0] == SHIPPED.name else "")
    return table
