"""Make an index equal to its sources: add what is new, replace what changed, remove what is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import partial
from pathlib import Path
from threading import Lock

from index.errors import IndexMissing, NoSources, SourceError, SourceMissing
from index.manifest import open_index, storage_name
from index.part import WHOLE, Part
from index.pieces import encodable
from index.readers import SourceReaders, how_many
from index.reading import SourceReader
from index.sources import (
    FileReader,
    Scan,
    document_id,
    file_digest,
    is_gone,
    is_source,
    load_document,
    scan,
    shown_path,
)
from index.store import Content, open_store, store_opener
from index.types import Document
from index.uploads import is_upload
from index.writer import Writer, embedded_text, one_writer

__all__ = ["Progress", "SyncReport", "embedded_text", "open_index", "sync"]

Progress = Callable[[int, int, str], None]
"""Called before the first source and after each is committed, with (sources done, sources in all, the next one's name),
which is "" at the end."""
Change = Callable[[], None]
"""What one source does to the index beside being embedded, and its place in the report."""
GROUP_CHARACTERS = 2**17
"""Documents are embedded together, and committed together, until they have so many: about 256 passages, a second's
work on two cores, which is what a killed process loses."""
SMALLEST = 512
"""What a source counts at least: a commit of many that change little has its bounds, too."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, by path; `failed` holds (path, reason); `moved` are files that were renamed, `tagged` those
    whose tags alone changed: neither is embedded again."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    passages: int = 0
    moved: tuple[str, ...] = ()
    tagged: tuple[str, ...] = ()


def sync(
    sources: Sequence[str | Path],
    storage: str | Path | None = None,
    *,
    embedder: str | None = None,
    prune: bool = False,
    tags: Collection[str] | None = None,
    progress: Progress | None = None,
    wait: float = 0,
    part: Part = WHOLE,
) -> SyncReport:
    """Bring the index at `storage` into step with `sources` (files, or folders with all below them).

    Files whose bytes are unchanged are not touched, a renamed one is not embedded again; each document is replaced in
    one atomic step, so that a process killed at any moment leaves the last committed state and the next sync goes on
    from there. A source that cannot be read is reported in `failed` and stops nothing; its old version, if any, stays.
    With `prune`, documents below `sources` whose file is gone are removed, never uploaded ones. With `tags`, the
    documents of `sources` carry these and no others. With `part`, only a worker's files and documents are looked at,
    while others do theirs; the index must be on a server that has several writers. Raises SourceError when there is
    nothing to index, IndexBusy when another process writes for longer than `wait` seconds, IndexMismatch, StorageFull.
    """
    storage = storage_name(storage)
    store_opener(storage)  # a URI that nothing opens must not become a folder
    found = _found(sources, storage, prune)
    found = changed(found, files=tuple(file for file in found.files if part.has(str(file))))
    with one_writer(storage, wait, part), Writer(storage, embedder) as writer:
        run = _Run(writer, None if tags is None else tuple(sorted(set(tags))), progress or (lambda *_: None), part)
        run.bring_in(found)
        if prune:
            run.remove_gone(set(found.files), [Path(source).resolve() for source in sources], storage)
        return run.report()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What a group of sources does to the index."""

    contents: list[Content]
    changes: list[Change]


@dataclass
class _Run:
    """One sync: what it is given, and what it has done."""

    writer: Writer
    tags: tuple[str, ...] | None
    progress: Progress
    part: Part = WHOLE
    done: dict[str, list[str]] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    passages: int = 0
    known: dict[str, Document] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    naming: Lock = field(default_factory=Lock)
    """Held while an id is chosen: several threads read."""

    def bring_in(self, found: Scan) -> None:
        self.failed += [(encodable(path), encodable(reason)) for path, reason in found.failed]
        self.known = self.writer.documents()
        self.ids = set(self.known)
        ours = [document for document in self.known.values() if self.part.has(document.location)]
        places = {document.location: document for document in ours}
        lost = _lost(ours, set(found.files))
        from index.ahead import Ahead

        files, readers = found.files, how_many(len(found.files))
        names = [*(encodable(location.name) for location in files), ""]
        done = 0
        self.progress(done, len(files), names[done])
        with SourceReaders([SourceReader() for _ in range(readers)]) as reader:

            def read(location: Path) -> Document | Change:
                try:
                    return self._read(location, places.get(str(location)), lost, reader)
                except SourceError as exc:
                    return partial(self._fail, encodable(str(location)), encodable(str(exc)))

            def stop() -> None:
                reader.stop()
                self.writer.stop()

            with Ahead(files, read, _weight, self._prepared, stop, enough=GROUP_CHARACTERS, readers=readers) as steps:
                while made := steps.next():
                    self._keep([content for group in made for content in group.contents])
                    for group in made:
                        for change in group.changes:
                            change()
                        for _ in range(len(group.contents) + len(group.changes)):
                            done += 1
                            self.progress(done, len(files), names[done])

    def _read(
        self, location: Path, old: Document | None, lost: dict[tuple[str, str], Document], reader: FileReader
    ) -> Document | Change:
        """What is to be embedded, or else what is to be done to the index. Changes nothing yet. May run in several
        threads."""
        digest = file_digest(location)
        if old is not None and old.sha256 == digest:
            if self.tags is None or self.tags == old.tags:
                return partial(self._count, "unchanged", old.path)
            return partial(self._move, "tagged", old.id, lambda whole: changed(whole, tags=self.tags or ()))
        if old is None and (moved := lost.pop((digest, location.suffix.lower()), None)):
            return partial(self._move, "moved", moved.id, lambda whole: self._moved(whole, location))
        document = load_document(location, reader)
        tags = self.tags if self.tags is not None else old.tags if old else ()
        return changed(document, id=old.id if old else self._new_id(document), tags=tags)

    def _prepared(self, group: list[Document | Change]) -> _Prepared:
        documents = [read for read in group if isinstance(read, Document)]
        return _Prepared(self.writer.prepared(documents), [read for read in group if not isinstance(read, Document)])

    def _keep(self, contents: Sequence[Content]) -> None:
        if contents:
            self.passages += self.writer.keep(contents)
        for document, _, _ in contents:
            self._count("replaced" if document.id in self.known else "added", document.path)

    def _fail(self, path: str, reason: str) -> None:
        self.failed.append((path, reason))

    def _move(self, what: str, document_id: str, changed_from: Callable[[Document], Document]) -> None:
        assert self.writer.store is not None
        moved = changed_from(self.writer.store.document(document_id))
        self.writer.move(document_id, moved)
        self._count(what, moved.path)

    def _new_id(self, document: Document) -> str:
        """Of its path; of its place, where another document has that (of another folder, or moved away from here)."""
        with self.naming:
            id_ = document.id if document.id not in self.ids else document_id(document.location)
            self.ids.add(id_)
            return id_

    def _moved(self, document: Document, location: Path) -> Document:
        """The document at its new place, under its old id; a title that was the file's name follows it."""
        was_name = document.title == encodable(Path(document.location).stem)
        return changed(
            document,
            title=encodable(location.stem) if was_name else document.title,
            path=shown_path(location),
            location=str(location),
            tags=document.tags if self.tags is None else self.tags,
        )

    def remove_gone(self, found: Collection[Path], roots: Sequence[Path], storage: str) -> None:
        for document in self.writer.documents().values():
            location = Path(document.location)
            if not self.part.has(document.location):
                continue
            below = any(map(location.is_relative_to, roots)) and not is_upload(document, storage)
            # No source any more: gone, or left out since by .footnoteignore. What cannot be looked at stays.
            if below and (is_gone(location) or (location not in found and is_source(location))):
                self.writer.delete(document.id)
                self._count("removed", document.path)

    def report(self) -> SyncReport:
        counted = {what: tuple(paths) for what, paths in self.done.items()}
        return SyncReport(**counted, failed=tuple(self.failed), passages=self.passages)

    def _count(self, what: str, path: str) -> None:
        self.done.setdefault(what, []).append(path)


def _weight(read: Document | Change) -> int:
    return max(SMALLEST, len(read.text) if isinstance(read, Document) else 0)


def _lost(known: Iterable[Document], found: Collection[Path]) -> dict[tuple[str, str], Document]:
    """Documents whose file is gone, by its content and suffix: where a renamed file is looked for."""
    gone = (document for document in known if Path(document.location) not in found and is_gone(Path(document.location)))
    return {(document.sha256, Path(document.location).suffix.lower()): document for document in gone}


def _found(sources: Sequence[str | Path], storage: str, prune: bool) -> Scan:
    """The source files. When pruning, a source that is gone or empty now, but from which something is indexed, is what
    there is to prune and no error."""
    if not prune:
        return scan(sources)
    files: dict[Path, None] = {}
    failed: list[tuple[str, str]] = []
    for source in sources:
        try:
            found = scan([source])
        except (SourceMissing, NoSources):
            if not _indexed_below(Path(source).resolve(), storage):
                raise
        else:
            files.update(dict.fromkeys(found.files))
            failed += found.failed
    return Scan(tuple(files), tuple(failed))


def _indexed_below(root: Path, storage: str) -> bool:
    try:
        store = open_store(storage)
    except IndexMissing:
        return False
    try:
        return any(Path(document.location).is_relative_to(root) for document in store.outlines())
    finally:
        store.close()
