"""Files given by hand rather than by folder: kept whole in the storage, so that they can be opened again.

An original lies at `uploads/DIGEST-SUFFIX/NAME` below the storage, alone in its folder, which goes with it: a new
version never overwrites the old one, whose file goes when the new document is committed, and the same bytes as another
kind of file lie elsewhere. What a kill leaves behind is swept away by the next upload.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from index.config import load_settings
from index.errors import SourceError, SourceUnreadable, StorageError, StorageFull, UploadsFull
from index.formats import SUFFIXES
from index.manifest import storage_name
from index.pieces import encodable
from index.reading import SourceReader
from index.sources import READABLE, load_document
from index.store import local_folder, open_store
from index.types import Document
from index.writer import Writer, one_writer

FOLDER = "uploads"
WAIT_SECONDS = 30.0
MAX_NAME = 150
"""Bytes of a file's name; a longer one is cut before its suffix."""
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Progress = Callable[[int, int, str], None]
"""Called before each file with (files done, files in all, the next one's name), and once at the end."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was given. Of `name` only what stands behind the last slash counts."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class UploadReport:
    """`documents` are those that the files became, in order; `failed` holds (name, reason)."""

    documents: tuple[Document, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def add_files(
    uploads: Sequence[Upload],
    storage: str | Path | None = None,
    *,
    tags: Collection[str] = (),
    progress: Progress | None = None,
    wait: float = WAIT_SECONDS,
) -> UploadReport:
    """Keep and index files; the next question sees them. Each is added in one atomic step; a file that cannot be read
    is reported and stops nothing.

    A file of the name of an earlier upload takes its place; the same content is kept once, whatever its name; two
    files of one name in one call are both kept, the second as "name (2)". Raises IndexBusy when another process
    writes for longer than `wait` seconds, IndexMismatch, StorageError; UploadsFull when FOOTNOTE_UPLOADS_MB leave no
    room for all of them, StorageFull when the disk has room for none.
    """
    storage = storage_name(storage)
    progress = progress or (lambda *_: None)
    documents: list[Document] = []
    failed: list[tuple[str, str]] = []
    full: StorageFull | None = None
    with one_writer(storage, wait), Writer(storage) as writer, SourceReader() as reader:
        _check_room(local_folder(storage), uploads)
        shelf = _Shelf(local_folder(storage), writer, reader, tuple(sorted(set(tags))))
        for done, (name, upload) in enumerate(zip(_distinct(uploads), uploads, strict=True)):
            progress(done, len(uploads), name)
            try:
                documents.append(shelf.add(name, upload.content))
            except (SourceError, StorageFull) as exc:
                failed.append((name, encodable(str(exc))))
                full = exc if isinstance(exc, StorageFull) else full
        progress(len(uploads), len(uploads), "")
    if full is not None and not documents:
        raise full
    return UploadReport(tuple(documents), tuple(failed))


def remove_document(document_id: str, storage: str | Path | None = None, *, wait: float = WAIT_SECONDS) -> None:
    """Take a document out of the index; of an upload, its original too. A file in a folder of the user's stays, and
    would be indexed again with its folder. Raises DocumentUnknown, IndexBusy, IndexMissing."""
    storage = storage_name(storage)
    open_store(storage).close()  # where there is no index, none is to be made
    with one_writer(storage, wait), Writer(storage) as writer:
        assert writer.store is not None
        document = writer.store.document(document_id)
        writer.delete(document_id)
        if is_upload(document, storage):
            shutil.rmtree(Path(document.location).parent, ignore_errors=True)


def _check_room(storage: Path, uploads: Sequence[Upload]) -> None:
    """Raises UploadsFull. A file that takes an older one's place counts beside it, as both are there for a moment."""
    limit = load_settings().uploads_mb * 1_000_000
    held = sum(file.stat().st_size for file in (storage / FOLDER).rglob("*") if file.is_file())
    given = sum(len(upload.content) for upload in uploads)
    if held + given > limit:
        raise UploadsFull(
            f"Uploads take {held / 1e6:.0f} of {limit / 1e6:.0f} MB; {given / 1e6:.1f} MB more do not fit. Delete "
            "documents, or raise FOOTNOTE_UPLOADS_MB."
        )


def is_upload(document: Document, storage: str | Path) -> bool:
    return Path(document.location).is_relative_to(local_folder(str(storage)).resolve() / FOLDER)


def upload_id(name: str) -> str:
    """The id of the document that a file uploaded under this name is."""
    return hashlib.sha256(f"upload\0{name}".encode()).hexdigest()[:16]


def safe_name(name: str) -> str:
    """A file name that stays in its folder and on one line, of at most MAX_NAME bytes, its suffix kept."""
    bare = _NOT_IN_NAMES.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip().lstrip(". ")
    path = PurePosixPath(bare or "document")
    stem = path.stem.encode()[: MAX_NAME - len(path.suffix.encode()[:20])].decode("utf-8", "ignore")
    return f"{stem}{path.suffix[:20]}"


@dataclass
class _Shelf:
    """Where originals are kept, and what is in the index of them."""

    storage: Path
    writer: Writer
    reader: SourceReader
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        uploaded = (d for d in self.writer.documents().values() if is_upload(d, self.storage))
        self.known = {document.id: document for document in uploaded}
        self._sweep()

    def add(self, name: str, content: bytes) -> Document:
        """Raises SourceError, StorageFull."""
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in SUFFIXES:
            raise SourceUnreadable(f"{name}: files of this kind are not read. Readable: {READABLE}.")
        limit = load_settings().max_file_mb
        if len(content) > limit * 1_000_000:
            raise SourceUnreadable(f"{name}: {len(content) / 1e6:.0f} MB is over the limit of {limit} MB.")
        digest = hashlib.sha256(content).hexdigest()
        for same in self.known.values():
            if same.sha256 == digest and PurePosixPath(same.location).suffix.lower() == suffix:
                return self._tagged(same.id)
        return self._kept(name, digest, content)

    def _tagged(self, document_id: str) -> Document:
        assert self.writer.store is not None
        document = self.writer.store.document(document_id)
        tags = tuple(sorted({*document.tags, *self.tags}))
        if tags != document.tags:
            document = replace(document, tags=tags)
            self.writer.move(document.id, document)
            self.known[document.id] = document
        return document

    def _kept(self, name: str, digest: str, content: bytes) -> Document:
        id_ = upload_id(name)
        old = self.known.get(id_)
        folder = f"{digest[:16]}-{PurePosixPath(name).suffix[1:].lower()}"
        location = _written(self.storage / FOLDER / folder, name, content)
        try:
            document = load_document(location, self.reader, name=name)
            tags = tuple(sorted({*(old.tags if old else ()), *self.tags}))
            document = replace(document, id=id_, tags=tags)
            self.writer.write(document)
        except BaseException:
            shutil.rmtree(location.parent, ignore_errors=True)
            raise
        self.known[id_] = document
        if old is not None:
            shutil.rmtree(Path(old.location).parent, ignore_errors=True)
        return document

    def _sweep(self) -> None:
        """Remove originals without a document: a kill came between the two."""
        used = {Path(document.location).parent.name for document in self.known.values()}
        folder = self.storage / FOLDER
        for left in folder.iterdir() if folder.is_dir() else ():
            if left.name not in used:
                shutil.rmtree(left, ignore_errors=True)


def _written(folder: Path, name: str, content: bytes) -> Path:
    """Write the file, on the disk before it is returned. Raises StorageFull, StorageError."""
    folder = folder.resolve()
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as exc:
        shutil.rmtree(folder, ignore_errors=True)
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"The disk that holds {folder} is full. Make room and upload {name} again.") from exc
        raise StorageError(f"Cannot write {path} ({exc.strerror}). Check the storage's permissions.") from exc
    return path


def _distinct(uploads: Sequence[Upload]) -> list[str]:
    """A safe name for each, numbered where one comes twice with other content."""
    given: dict[str, bytes] = {}
    names = []
    for upload in uploads:
        name = base = safe_name(upload.name)
        number = 1
        while name in given and given[name] != upload.content:
            number += 1
            path = PurePosixPath(base)
            name = f"{path.stem} ({number}){path.suffix}"
        given[name] = upload.content
        names.append(name)
    return names
