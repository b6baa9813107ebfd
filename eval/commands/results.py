"""`python -m eval results`: every public set of a folder, told in one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from eval.commands import options
from eval.commands.public import public
from eval.public import MEASURED
from eval.results import BASELINES, CAST, RUNS, make, page
from eval.sweeping.told import told_sweeps
from eval.systems import BASELINES as SYSTEMS
from index.errors import CasesError

ALONE = [name for name, row in SYSTEMS.items() if not row.llm]
"""The baselines that need no language model."""


@click.command("results", epilog=options.CODES)
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--page", "file", type=click.Path(path_type=Path), default=Path("eval/RESULTS.md"), show_default=True)
@click.option("--only", "names", multiple=True, type=click.Choice([run.folder for run in RUNS]), help="Repeatable.")
@click.option("--again", is_flag=True, help="Ask again what was asked with the same files, weights and settings.")
@click.option(
    "--with", "baselines", type=click.Choice(ALONE), multiple=True,
    default=BASELINES, show_default=True, metavar="NAME", help=f"Asked beside, repeatable: {', '.join(ALONE)}.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask only N questions of each set.")
@click.option("--times/--no-times", "timed", default=True, help="Whether to tell latencies; not from a busy machine.")
@click.option("--only-page", is_flag=True, help="Ask nothing; write the page from what was asked before.")
@options.reader
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder that sweep wrote, to be told in the page; repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("eval-out/results"),
    show_default=True,
    help="Where each run's files go.",
)
def results(
    data: Path,
    file: Path,
    names: tuple[str, ...],
    baselines: tuple[str, ...],
    again: bool,
    limit: int | None,
    timed: bool,
    only_page: bool,
    reader: Path | None,
    sweeps: tuple[Path, ...],
    out: Path,
) -> None:
    """Ask the public sets in DIR, with baselines, and write eval/RESULTS.md.

    DIR may hold squad2_dev_8_articles.json, clapnq_dev_answerable*.jsonl and clapnq_dev_unanswerable*.jsonl, and
    trec_cast_2019_topics.json with trec_cast_2019_resolved.tsv; what is not there is left out. What was asked before
    with the same files, weights and settings is kept, so that it may be stopped, and made set by set (--only).
    """
    limited = [] if limit is None else ["--limit", str(limit)]
    more = [*([] if again else ["--keep"]), *limited, *(["--reader", str(reader)] if reader else [])]
    with options.told():
        if not only_page and not make(data, out, _ask, more, names, baselines):
            raise CasesError(f"{data} holds none of the sets. Their names are in: python -m eval results --help")
        files = CAST.found(data)
        cast = MEASURED[CAST.set_name].measure(files) if files else None
        swept = [folder.name for folder in sweeps]
        file.write_text(page(out, cast, swept, told_sweeps(sweeps, file), timed), encoding="utf-8")
    click.echo(f"Written to {file}; each run's report.html is below {out}.", err=True)


def _ask(arguments: Sequence[str]) -> None:
    click.echo(f"python -m eval public {' '.join(arguments)}", err=True)
    public.main(list(arguments), standalone_mode=False)
