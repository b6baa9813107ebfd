"""The long crash suite, as a table: python -m tests.crash [--kills 1000] [--flips 500] [--seed 1]"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from tests.crash.flips import flips
from tests.crash.kills import Killer, Step, Tally, naive_kills, random_kills, statement_kills, upload_kills


@click.command(help=__doc__)
@click.option(
    "--kills", default=1000, show_default=True, help="At random points, of the store and of uploads together."
)
@click.option("--statements", default=400, show_default=True, help="Kill before each of so many SQL statements.")
@click.option("--control", default=100, show_default=True, help="Kills of the naive JSON file.")
@click.option("--flips", "flipped", default=500, show_default=True, help="Bits flipped in the stored file.")
@click.option("--seed", default=1, show_default=True)
def main(kills: int, statements: int, control: int, flipped: int, seed: int) -> None:
    killer = Killer(seed)
    of_uploads = kills // 5
    runs = {
        "SIGKILL at random points: adding, replacing, moving, deleting": (
            kills - of_uploads,
            lambda folder, count, step: random_kills(killer, folder, count, step),
        ),
        "SIGKILL at random points: uploads and their originals": (
            of_uploads,
            lambda folder, count, step: upload_kills(killer, folder, count, step),
        ),
        "SIGKILL before each SQL statement, COMMIT included": (
            statements,
            lambda folder, count, step: statement_kills(killer, folder, range(1, count + 1), step),
        ),
        "the control: SIGKILL, a JSON file written in place": (
            control,
            lambda folder, count, step: naive_kills(killer, folder, count, step),
        ),
    }
    bad = False
    click.echo("| | times | in flight: wholly there | not at all | none | wrong |")
    click.echo("|---|---:|---:|---:|---:|---:|")
    for name, (count, run) in runs.items():
        tally: Tally = _shown(name, count, run)
        told = " | ".join(str(tally.in_flight[key]) for key in ("wholly", "not at all", "none"))
        click.echo(f"| {name} | {tally.kills} | {told} | {len(tally.wrong)} |")
        if bool(tally.wrong) != name.startswith("the control"):
            bad = True
            click.echo(f"{name}: {'; '.join(tally.wrong) or 'the control survived'}", err=True)
    outcomes = _shown("bits", flipped, flips)
    click.echo(
        f"\nOf {flipped} flipped bits {outcomes['error']} were an error, {outcomes['right']} changed nothing that is "
        f"read, {outcomes['wrong']} gave a wrong text."
    )
    sys.exit(1 if bad or outcomes["wrong"] else 0)


def _shown(name, count, run):  # type: ignore[no-untyped-def]
    with (
        tempfile.TemporaryDirectory() as folder,
        click.progressbar(length=count, label=name[:40], file=sys.stderr) as bar,
    ):
        step: Step = lambda: bar.update(1)  # noqa: E731
        return run(Path(folder), count, step)


if __name__ == "__main__":
    main()
