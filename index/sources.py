"""Paths → source files → Documents, by a table of suffixes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.errors import NoSources, SourceMissing, SourceUnreadable
from index.pieces import encodable
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
        mode = _mode(given)
        if mode is None:
            raise SourceMissing(f"There is no file or folder {given}. Check the path.")
        if stat.S_ISDIR(mode):
            found.update(dict.fromkeys(map(_located, _below(given))))
        elif not stat.S_ISREG(mode):
            raise SourceUnreadable(f"{given}: this is no regular file. Give a file or a folder.")
        elif given.suffix.lower() not in STRUCTURES:
            raise SourceUnreadable(f"{given}: files of this kind are not read. Readable: {READABLE}.")
        else:
            found[_located(given)] = None
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
        title=structure.title or encodable(location.stem),
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
        return encodable(location.relative_to(Path.cwd()).as_posix())
    except ValueError:
        return encodable(str(location))


def is_gone(location: Path) -> bool:
    """Whether there is no file any more; one that cannot be looked at (no permission, no network) is not gone."""
    try:
        return _mode(location) is None
    except SourceUnreadable:
        return False


def _mode(path: Path) -> int | None:
    """The kind of a file, links followed; None where there is none. Raises SourceUnreadable."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError) as exc:
        code = exc.errno if isinstance(exc, OSError) else errno.ENOENT  # ValueError: a NUL in the path
        if code in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
            return None
        raise SourceUnreadable(
            f"{path}: cannot be read ({os.strerror(code or 0)}). Check that you may read it."
        ) from exc


def _located(path: Path) -> Path:
    """The absolute path, links followed, but not to a name without the suffix that says how to read it."""
    real = path.resolve()
    return real if real.suffix.lower() in STRUCTURES else path.parent.resolve() / path.name


def _below(folder: Path) -> Iterator[Path]:
    ignored = _ignore_rule(folder)
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            if (
                path.suffix.lower() in STRUCTURES
                and not name.startswith(".")
                and path.is_file()
                and not ignored(path.relative_to(folder).as_posix())
            ):
                yield path


def _ignore_rule(folder: Path) -> Callable[[str], bool]:
    file = folder / IGNORE_FILE
    if not file.is_file():
        return lambda _: False
    from pathspec import PathSpec

    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        matches: Callable[[str], bool] = PathSpec.from_lines("gitignore", lines).match_file
    except (OSError, ValueError) as exc:
        raise SourceUnreadable(f"{file}: cannot be used ({exc}). Write it in gitignore's syntax, as UTF-8.") from exc
    return matches


def source_state(document: Document) -> str:
    """What has become of a document's file since it was indexed: "same", "changed" or "missing"."""
    try:
        return "same" if file_digest(Path(document.location)) == document.sha256 else "changed"
    except SourceUnreadable:
        return "missing"
