"""What is killed: a process that adds, replaces, moves and deletes documents, and says when each operation is done."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from index import uploads
from index.embed.word_length import WordLengthEmbedder
from index.formats import Limits, Reading, plain
from index.manifest import make_manifest
from index.passages import Splitter, split
from index.store import Content, Store, open_store
from index.types import Document
from index.writer import embedded_text

DOCUMENTS = 12
WORDS = "bridge tower river harbour mountain valley engine copper silver winter summer treaty market garden".split()
EMBEDDER = WordLengthEmbedder()
MANIFEST = make_manifest(EMBEDDER, Splitter())

State = dict[str, tuple[str, str]]
"""What is indexed: document id → its path and text."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`what` is "add" (or replace, where the document is there), "move" or "delete"; its text is made when asked for,
    so that skipping thousands costs nothing."""

    number: int
    seed: int
    what: str
    document_id: str

    @property
    def document(self) -> Document:
        generator = random.Random(f"{self.seed} {self.number}")
        sentences = (" ".join(generator.choices(WORDS, k=9)) for _ in range(generator.randrange(5, 120)))
        text = "\n\n".join(f"The {sentence}." for sentence in sentences)
        return Document(self.document_id, "Title", f"{self.number}/{self.document_id}.txt", text, sha256="0" * 64)


def operations(seed: int) -> Iterator[Operation]:
    """Without end: the same for the same seed."""
    generator = random.Random(seed)
    there: set[str] = set()
    number = 0
    while True:
        id_ = f"d{generator.randrange(DOCUMENTS)}"
        kinds, chances = (("add", "move", "delete"), (5, 2, 3)) if id_ in there else (("add",), (1,))
        (what,) = generator.choices(kinds, chances)
        there = there - {id_} if what == "delete" else there | {id_}
        yield Operation(number, seed, what, id_)
        number += 1


class States:
    """What is there after so many operations; asked for in rising order."""

    def __init__(self, seed: int) -> None:
        self._left = operations(seed)
        self._state: State = {}
        self._count = 0

    def after(self, count: int) -> State:
        for operation in islice(self._left, count - self._count):
            document = operation.document
            match operation.what:
                case "delete":
                    del self._state[operation.document_id]
                case "move":
                    self._state[operation.document_id] = (document.path, self._state[operation.document_id][1])
                case _:
                    self._state[operation.document_id] = (document.path, document.text)
        self._count = max(count, self._count)
        return dict(self._state)


class Kept(Protocol):
    """What can be killed."""

    def apply(self, operation: Operation) -> None: ...


class OurStore:
    """The store as indexing uses it; with `statement`, it dies before the SQL statement of that number."""

    def __init__(self, folder: Path, statement: int | None = None) -> None:
        self.store: Store = open_store(str(folder), create=MANIFEST)
        if statement is not None:
            _die_before(self.store, statement)

    def apply(self, operation: Operation) -> None:
        match operation.what:
            case "delete":
                self.store.delete_document(operation.document_id)
            case "move":
                moved = replace(self.store.document(operation.document_id), path=operation.document.path)
                self.store.move_document(operation.document_id, moved)
            case _:
                self.store.replace_documents([content_of(operation.document)])


class Uploads:
    """Uploads and removals, originals included. Parsed in this process: what kills is to come between our steps."""

    def __init__(self, folder: Path, statement: int | None = None) -> None:
        os.environ["FOOTNOTE_EMBEDDER"] = EMBEDDER.name
        uploads.SourceReader = _PlainReader  # type: ignore[misc, assignment]
        self._folder = folder

    def apply(self, operation: Operation) -> None:
        name = f"{operation.document_id}.txt"
        if operation.what == "delete":
            uploads.remove_document(uploads.upload_id(name), self._folder)
        else:
            given = uploads.Upload(name, uploaded_text(operation).encode())
            assert uploads.add_files([given], self._folder).documents


class _PlainReader:
    def read(self, path: Path) -> Reading:
        return plain.read(path, Limits())

    def __enter__(self) -> _PlainReader:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class NaiveJson:
    """The control: everything in one JSON file that is written in place, as many do."""

    def __init__(self, folder: Path, statement: int | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self._file = folder / "index.json"
        self.state: State = json.loads(self._file.read_text()) if self._file.exists() else {}

    def apply(self, operation: Operation) -> None:
        document = operation.document
        match operation.what:
            case "delete":
                del self.state[operation.document_id]
            case "move":
                self.state[operation.document_id] = (document.path, self.state[operation.document_id][1])
            case _:
                self.state[operation.document_id] = (document.path, document.text)
        with self._file.open("w") as file:
            for piece in json.JSONEncoder().iterencode(self.state):
                file.write(piece)


STORES: dict[str, type[OurStore] | type[Uploads] | type[NaiveJson]] = {
    "ours": OurStore,
    "uploads": Uploads,
    "naive": NaiveJson,
}


def content_of(document: Document) -> Content:
    passages = split(document, Splitter())
    return document, passages, EMBEDDER.embed_passages([embedded_text(passage) for passage in passages])


def uploaded_text(operation: Operation) -> str:
    """Of its own for each operation, since the same content is kept once."""
    return f"Number {operation.number}.\n\n{operation.document.text}"


def _die_before(store: Store, statement: int) -> None:
    left = statement

    def counted(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store._db.set_trace_callback(counted)  # type: ignore[attr-defined]


def work(kind: str, folder: Path, seed: int, start: int, told: Connection, statement: int | None = None) -> None:
    """Do the operations from `start` on; tell ("begin", N) before the N-th and ("done", N) after its commit."""
    kept = STORES[kind](folder, statement)
    for operation in islice(operations(seed), start, None):
        told.send(("begin", operation.number))
        kept.apply(operation)
        told.send(("done", operation.number))
