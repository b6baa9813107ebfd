"""What the tests of stores share. Another store joins by a row in STORES_UNDER_TEST."""

import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np

from index.embed import Vectors
from index.store import Store, Where
from index.types import Document, Passage
from tests.index import milvus_lite, s3_server
from tests.index.conftest import make_document

MANIFEST = {"embedder": "test", "dimension": "4"}
STORES_UNDER_TEST: dict[str, Callable[[Path], str]] = {
    "sqlite": str,
    "lancedb": "lancedb://{}".format,
    "s3": lambda folder: s3_server.shared().uri(folder),
    "milvus": lambda _: milvus_lite.shared().uri(f"storage_{uuid4().hex}"),
}
"""Name → (a folder → the URI of a store that is not there yet: in it, or on a server)."""
NEEDS = {"lancedb": "lancedb", "s3": "moto", "milvus": "milvus_lite"}
"""Name → the module without which it is not tested."""
A = np.array([1, 0, 0, 0], np.float32)


def passages_of(document: Document) -> list[Passage]:
    """One passage a line."""
    passages, at = [], 0
    for line in document.text.split("\n"):
        end = at + len(line)
        passages.append(Passage(f"{document.id}:{at}-{end}", document.id, at, end, line, "Section", document.title))
        at = end + 1
    return passages


def vectors_of(passages: list[Passage]) -> Vectors:
    """The place of the line's first letter in "abcd", as a unit vector."""
    return np.eye(4, dtype=np.float32)[["abcd".index(passage.text[0]) for passage in passages]]


def put(store: Store, id_: str, text: str, title: str = "Title") -> Document:
    document = make_document(text, id_, title)
    passages = passages_of(document)
    store.replace_document(document, passages, vectors_of(passages))
    return document


def found(store: Store, word: str, where: Where | None = None, k: int = 99) -> list[str]:
    return [id_ for id_, _ in store.text(word, k, where or Where())]


def in_threads(*works: Callable[[], None]) -> None:
    """Run at once; raise what the first that failed raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as exc:
            errors.append(exc)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
