"""`python -m eval public`: ask a public set, from files that the user has."""

from __future__ import annotations

import json
from pathlib import Path

import click

from eval.asking import ask_all, ask_baselines, check_baselines, settings_with, show
from eval.commands import options
from eval.files import make_folder, write_files
from eval.provenance import settings_of
from eval.public import MEASURED, SETS, read_public
from eval.public.corpus import assistant_over_documents
from eval.saved import holds
from eval.systems import Options
from qa.indexing import INTERRUPTED

LISTED = "".join(f"\n  {name:7} {row.about}: {row.files}" for name, row in SETS.items())


@click.command(
    "public",
    epilog=options.CODES,
    help=f"""Ask a public set; its FILES are yours to get, none is shipped.

By default each question is asked of its own text alone, which measures reading; with --open of all texts of the
FILES together, which measures search and reading. BEIR and CAsT have figures of their own, printed as JSON.

\b
SET is one of:{LISTED}
""",
)
@click.argument("name", metavar="SET", type=click.Choice(list(SETS)))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILES...")
@click.option("--open", "opened", is_flag=True, help="Ask each question of all texts together.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask only N questions, evenly spread.")
@options.reader
@options.out
@options.baselines
@options.llm
@click.option("--keep", is_flag=True, help="Do not ask again what DIR has of the same files, weights and settings.")
@options.as_json
@click.pass_context
def public(
    context: click.Context,
    name: str,
    files: tuple[Path, ...],
    opened: bool,
    limit: int | None,
    reader: Path | None,
    out: Path,
    baselines: tuple[str, ...],
    llm: str | None,
    keep: bool,
    as_json: bool,
) -> None:
    if name in MEASURED:
        if opened or limit or reader:
            raise click.UsageError(f"{name} is no set of answers: --open, --limit and --reader mean nothing there.")
        with options.told():
            click.echo(json.dumps(MEASURED[name].measure(files), indent=2))
        return
    chosen = Options(reader, llm)
    with options.told():
        check_baselines(baselines, chosen)
        asked = read_public(name, files)
        asked = asked.opened() if opened else asked
        asked = asked.sample(limit) if limit else asked
        make_folder(out)
        settings = settings_of(files, reader, set=name, setting="open" if opened else "closed", limit=limit)
        kept = keep and holds(out, settings)
        missing = [one for one in baselines if not (keep and holds(out / one, settings_with(one, settings, chosen)))]
        if kept and not missing:
            click.echo(f"Kept: {out} has all of it.", err=True)
            return
        with assistant_over_documents(asked.documents, reader) as assistant:
            evaluation = None if kept else ask_all(asked.cases, assistant, settings)
            if evaluation is not None:
                write_files(evaluation, out)
            others = {}
            if evaluation is None or evaluation.complete:
                others = ask_baselines(missing, asked.cases, assistant, settings, chosen, out)
    if evaluation is not None:
        show(evaluation, out, as_json, others)
    if not all(one.complete for one in (evaluation, *others.values()) if one is not None):
        context.exit(INTERRUPTED)
