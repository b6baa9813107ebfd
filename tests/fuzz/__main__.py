"""Fuzz the parsers: python -m tests.fuzz [--seconds 600] [--keep FOLDER] [KIND…]"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import click

from index.formats import KINDS
from index.reading import SourceReader
from tests.fuzz.run import Tally, fuzz


@click.command(help=__doc__)
@click.argument("kinds", nargs=-1, type=click.Choice([*KINDS]))
@click.option("--seconds", default=600, show_default=True, help="For each kind.")
@click.option("--keep", type=click.Path(path_type=Path), default="fuzz-findings", help="Where what was found is put.")
def main(kinds: tuple[str, ...], seconds: int, keep: Path) -> None:
    os.environ.setdefault("FOOTNOTE_READ_SECONDS", "10")
    click.echo("| parser | files | a second | read | refused | refused by an exception nobody foresaw | findings |")
    click.echo("|---|---:|---:|---:|---:|---|---:|")
    found = 0
    for kind in kinds or tuple(KINDS):
        begun = time.monotonic()
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            SourceReader() as reader,
            click.progressbar(length=seconds, label=kind, file=sys.stderr) as bar,
        ):

            def shown(_: Tally, bar: click._termui_impl.ProgressBar[int] = bar, begun: float = begun) -> None:
                bar.update(int(time.monotonic() - begun) - bar.pos)

            tally = fuzz(kind, reader, Path(folder), seconds=seconds, office=True, progress=shown)
            for name in tally.findings:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / name).write_bytes((Path(folder) / name).read_bytes())
        rate = tally.executions / (time.monotonic() - begun)
        unforeseen = ", ".join(f"{count} {name}" for name, count in tally.unforeseen.most_common(5)) or "none"
        click.echo(
            f"| {kind} | {tally.executions:,} | {rate:.0f} | {tally.read:,} | {tally.refused:,} | {unforeseen} "
            f"| {len(tally.findings)} |"
        )
        for name, wrong in tally.findings.items():
            click.echo(f"Found: {keep / name}: {wrong}", err=True)
        found += len(tally.findings)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
