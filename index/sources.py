"""Paths → source files → Documents, by a table of suffixes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.errors import NoSources, SourceMissing, SourceUnreadable
from index.reading import SourceReader
from index.structure import Structure, markdown_structure, plain_structure
from index.types import Document

STRUCTURES: dict[str, Callable[[str], Structure]] = {
    ".txt": plain_structure,
    ".text": plain_structure,
    ".md": markdown_structure,
    ".markdown": markdown_structure,
}
"""Suffix → how the file's title and headings are told. A file with another suffix is not a source."""

IGNORE_FILE = ".footnoteignore"
READABLE = ", ".join(STRUCTURES)


def find_sources(paths: Sequence[str | Path]) -> list[Path]:
    """The source files at `paths` (files, or folders with all below them), absolute, each once, in order.

    Hidden files and folders are left out, and what a folder's `.footnoteignore` (gitignore's syntax) names. Raises
    SourceMissing, SourceUnreadable for a single file of a kind that is not read, and NoSources when nothing is left.
    """
    found: dict[Path, None] = {}
    for given in map(Path, paths):
        if given.is_dir():
            found.update(dict.fromkeys(path.resolve() for path in _below(given)))
        elif not given.exists():
            raise SourceMissing(f"There is no file or folder {given}. Check the path.")
        elif given.suffix.lower() not in STRUCTURES:
            raise SourceUnreadable(f"{given}: files of this kind are not read. Readable: {READABLE}.")
        else:
            found[given.resolve()] = None
    if not found:
        named = ", ".join(map(str, paths)) or "no path"
        raise NoSources(f"No readable file in {named}. Put a {READABLE} file there, or name another folder.")
    return list(found)


def load_document(location: Path, reader: SourceReader) -> Document:
    """Read one source file. Raises SourceUnreadable with its name, and where and why it cannot be read."""
    digest = file_digest(location)
    text = reader.text(location)
    if not text.strip():
        raise SourceUnreadable(f"{location}: the file has no text.")
    structure = STRUCTURES[location.suffix.lower()](text)
    return Document(
        id=document_id(location),
        title=structure.title or location.stem,
        path=shown_path(location),
        text=text,
        sha256=digest,
        headings=structure.headings,
        location=str(location),
    )


def document_id(location: Path) -> str:
    """Stable for a path: re-indexing a file that changed keeps its id."""
    return hashlib.sha256(os.fsencode(location)).hexdigest()[:16]


def file_digest(location: Path) -> str:
    """SHA-256 of the file's bytes, in hex. Raises SourceUnreadable."""
    try:
        with location.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise SourceUnreadable(f"{location}: cannot be read ({exc.strerror}). Check that you may read it.") from exc


def shown_path(location: Path) -> str:
    """How people know the file: relative to the current folder where it lies below it."""
    try:
        return location.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(location)


def _below(folder: Path) -> Iterator[Path]:
    ignored = _ignore_rule(folder)
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            if (
                path.suffix.lower() in STRUCTURES
                and not name.startswith(".")
                and not ignored(path.relative_to(folder).as_posix())
            ):
                yield path


def _ignore_rule(folder: Path) -> Callable[[str], bool]:
    file = folder / IGNORE_FILE
    if not file.is_file():
        return lambda _: False
    from pathspec import PathSpec

    matches: Callable[[str], bool] = PathSpec.from_lines(
        "gitignore", file.read_text(encoding="utf-8").splitlines()
    ).match_file
    return matches


def source_state(document: Document) -> str:
    """What has become of a document's file since it was indexed: "same", "changed" or "missing"."""
    try:
        return "same" if file_digest(Path(document.location)) == document.sha256 else "changed"
    except SourceUnreadable:
        return "missing"
