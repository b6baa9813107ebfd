"""Paths → source files → Documents, by a table of suffixes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from index.errors import NoSources, SourceMissing, SourceUnreadable
from index.formats import SUFFIXES, Reading
from index.pieces import encodable
from index.store.rows import FILE_NAME
from index.types import Document

IGNORE_FILE = ".footnoteignore"
READABLE = ", ".join(SUFFIXES)
JUST_NOW_NS = 2_000_000_000
"""The coarsest clock of a file system (FAT's) ticks so often."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The source files that were found; `failed` holds (path, reason) for folders that could not be looked into."""

    files: tuple[Path, ...]
    failed: tuple[tuple[str, str], ...] = ()


def find_sources(paths: Sequence[str | Path]) -> list[Path]:
    """The files of `scan`."""
    return list(scan(paths).files)


def scan(paths: Sequence[str | Path]) -> Scan:
    """The source files at `paths` (files, or folders with all below them), absolute, each once, in order.

    Hidden files and folders are left out, and what a folder's `.footnoteignore` (gitignore's syntax) names, and saved
    indexes. Links to files are followed, links to folders are not. Raises SourceMissing, SourceUnreadable for a single
    file of a kind that is not read, and NoSources when nothing is left.
    """
    found: dict[Path, None] = {}
    failed: list[tuple[str, str]] = []
    for given in map(Path, paths):
        mode = _mode(given)
        if mode is None:
            raise SourceMissing(f"There is no file or folder {given}. Check the path.")
        if stat.S_ISDIR(mode):
            found.update(dict.fromkeys(map(_located, _below(given, failed))))
        elif not stat.S_ISREG(mode):
            raise SourceUnreadable(f"{given}: this is no regular file. Give a file or a folder.")
        elif given.suffix.lower() not in SUFFIXES:
            raise SourceUnreadable(f"{given}: files of this kind are not read. Readable: {READABLE}.")
        else:
            found[_located(given)] = None
    if not found and not failed:
        named = ", ".join(map(str, paths)) or "no path"
        raise NoSources(f"No readable file in {named}. Put a {READABLE} file there, or name another folder.")
    return Scan(tuple(found), tuple(failed))


class FileReader(Protocol):
    def read(self, path: Path) -> Reading:
        """See `SourceReader.read`."""
        ...


def load_document(location: Path, reader: FileReader, *, name: str | None = None) -> Document:
    """Read one source file; `name` is what people call it, if not by its place. Raises SourceUnreadable with its name,
    and where and why it cannot be read."""
    try:
        digest = file_digest(location)
        reading = reader.read(location)
    except SourceUnreadable as exc:
        if name is None:
            raise
        # Where we keep it is nothing to who gave it.
        raise SourceUnreadable(f"{name}: {str(exc).removeprefix(f'{location}: ')}") from exc
    path = name or shown_path(location)
    return Document(
        id=document_id(path),
        title=reading.title or encodable(location.stem),
        path=path,
        text=reading.text,
        sha256=digest,
        pages=reading.pages,
        headings=reading.headings,
        location=str(location),
    )


def document_id(path: str) -> str:
    """The id of a new document that people know by this path: the same on every machine."""
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]


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


def is_source(location: Path) -> bool:
    """Whether a regular file is there that may be looked at."""
    try:
        return stat.S_ISREG(_mode(location) or 0)
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
    return real if real.suffix.lower() in SUFFIXES else path.parent.resolve() / path.name


def _below(folder: Path, failed: list[tuple[str, str]]) -> Iterator[Path]:
    ignored = _ignore_rule(folder)

    def unreadable(error: OSError) -> None:
        failed.append((str(error.filename), f"{error.filename}: cannot be looked into ({error.strerror})."))

    for root, folders, files in os.walk(folder, onerror=unreadable):
        if FILE_NAME in files:  # a saved index, and what was uploaded to it
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            if (
                path.suffix.lower() in SUFFIXES
                and not name.startswith(".")
                and not ignored(path.relative_to(folder).as_posix())
            ):
                try:
                    regular = stat.S_ISREG(_mode(path) or 0)
                except SourceUnreadable as exc:
                    failed.append((str(path), str(exc)))
                    continue
                if regular:
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
    """What has become of a document's file since it was indexed: "same", "changed" or "missing". A document that never
    was a file is the same. A file is read again only when its size or times say that it may have changed."""
    if not document.location:
        return "same"
    location = Path(document.location)
    try:
        seen = location.stat()
        if time.time_ns() - seen.st_mtime_ns < JUST_NOW_NS:
            digest = file_digest(location)  # it may be changed again without its time telling
        else:
            digest = _known_digest(location, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino)
        return "same" if digest == document.sha256 else "changed"
    except (OSError, ValueError, SourceUnreadable):
        return "missing"


@lru_cache(maxsize=100_000)
def _known_digest(location: Path, *seen: int) -> str:
    """The digest of a file that looked so."""
    return file_digest(location)
