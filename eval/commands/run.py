"""`python -m eval`: ask a file of cases over the sources given."""

from __future__ import annotations

from pathlib import Path

import click

from eval.asking import ask_all, ask_baselines, check_baselines, show
from eval.cases import load_cases
from eval.commands import options
from eval.files import make_folder, write_files
from eval.provenance import settings_of
from eval.run import Opener, assistant_over
from eval.systems import Options
from qa.indexing import INTERRUPTED

CASES = Path(__file__).parent.parent / "cases" / "astana.jsonl"
SEEDS = Path(__file__).parent.parent.parent / "seeds"


@click.command("run", epilog=options.CODES)
@click.option(
    "--cases",
    "cases_file",
    type=click.Path(path_type=Path),
    default=CASES,
    metavar="FILE",
    help="The questions, as JSON Lines.  [default: the shipped cases on the shipped article]",
)
@click.option(
    "--sources",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH...",
    help="Where the answers stand: files, or folders with all below them.  [default: seeds/]",
)
@click.argument("more_sources", nargs=-1, type=click.Path(path_type=Path), metavar="")
@options.out
@options.baselines
@options.llm
@options.as_json
@click.pass_context
def run(
    context: click.Context,
    cases_file: Path,
    sources: tuple[Path, ...],
    more_sources: tuple[Path, ...],
    out: Path,
    baselines: tuple[str, ...],
    llm: str | None,
    as_json: bool,
) -> None:
    """Measure how well Footnote answers the questions of FILE.

    The sources are indexed into a temporary folder, every question is asked, and the answers are measured:
    are they right, do their citations hold, is the evidence found, and does Footnote abstain where the
    sources do not say.

    A case is a line of FILE:

    \b
      {"id": "1", "question": "When does it start?", "answers": ["May 6"],
       "evidence": ["It starts on May 6."], "history": [["question", "answer"]], "tags": ["date"]}

    "answers" is empty when the sources do not say; "evidence", "history" and "tags" may be left out.
    """
    opener: Opener = context.obj or assistant_over
    chosen = Options(llm=llm)
    with options.told():
        check_baselines(baselines, chosen)
        cases = load_cases(cases_file)
        make_folder(out)
        with opener(sources + more_sources or (SEEDS,)) as assistant:
            settings = settings_of([cases_file])
            evaluation = ask_all(cases, assistant, settings)
            write_files(evaluation, out)
            others = {}
            if evaluation.complete:
                others = ask_baselines(baselines, cases, assistant, settings, chosen, out)
    show(evaluation, out, as_json, others)
    if not all(one.complete for one in (evaluation, *others.values())):
        context.exit(INTERRUPTED)
