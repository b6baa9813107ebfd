"""Commands about an index as a whole: qa export | import | remove."""

from __future__ import annotations

from pathlib import Path

import click

from index.config import load_settings

storage_option = click.option(
    "--storage",
    metavar="DIR",
    default=None,
    help="Where the index is kept.  [default: storage, or $FOOTNOTE_STORAGE]",
)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@storage_option
def export_command(file: Path, storage: str | None) -> None:
    """Write the index, with the originals of what was uploaded, into one FILE."""
    from index.carry import export_index

    count = export_index(file, storage)
    click.echo(f"Exported {how_many(count)} to {file} ({file.stat().st_size / 1e6:.1f} MB).", err=True)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@storage_option
def import_command(file: Path, storage: str | None) -> None:
    """Unpack an exported index into --storage, where there must be none yet."""
    from index.carry import import_index

    count = import_index(file, storage)
    click.echo(f"Imported {how_many(count)} into {storage or load_settings().storage}/.", err=True)


@click.command("remove")
@click.argument("documents", nargs=-1, required=True, metavar="ID…")
@storage_option
def remove_command(documents: tuple[str, ...], storage: str | None) -> None:
    """Take documents out of the index; what was uploaded is deleted, files in your folders stay."""
    from index.uploads import remove_document

    for document in documents:
        remove_document(document, storage)
    click.echo(f"Removed {how_many(len(documents))}.", err=True)


def how_many(count: int) -> str:
    return f"{count} document" if count == 1 else f"{count:,} documents"


COMMANDS = (export_command, import_command, remove_command)
