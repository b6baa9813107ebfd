"""Bits that flip on the disk: an error or the right text, never a wrong one."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from index.errors import FootnoteError
from index.search import Index
from index.store import open_store
from index.store.rows import FILE_NAME
from tests.crash.workload import EMBEDDER, MANIFEST, OurStore, States, content_of, operations
from tests.index.conftest import make_document

OPERATIONS = 20
QUESTIONS = ("silver winter treaty", "bridge", "river harbour")


def flips(folder: Path, count: int, step: Callable[[], None] = lambda: None) -> Counter[str]:
    """How often a flipped bit was an "error", and how often everything that could be read was "right" or "wrong"."""
    store = OurStore(folder / "index")
    for operation in islice(operations(1), OPERATIONS):
        store.apply(operation)
    store.store.close()
    texts = {id_: text for id_, (_, text) in States(1).after(OPERATIONS).items()}
    outcomes: Counter[str] = Counter()
    for seed in range(count):
        outcomes[outcome(folder / "index", folder / "copy", texts, seed)] += 1
        step()
    return outcomes


def outcome(index: Path, copy: Path, texts: dict[str, str], seed: int) -> str:
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(index, copy)
    generator = random.Random(seed)
    content = bytearray((copy / FILE_NAME).read_bytes())
    content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    (copy / FILE_NAME).write_bytes(content)
    try:
        store = open_store(str(copy))
    except FootnoteError:
        return "error"
    try:
        if any(document.text != texts[document.id] for document in store.documents()):
            return "wrong"
        for question in QUESTIONS:
            for hit in Index(store, EMBEDDER).search(question, 20):
                passage = hit.passage
                text = texts[passage.document_id]
                if (
                    text[passage.start : passage.end] != passage.text
                    or store.document(passage.document_id).text != text
                ):
                    return "wrong"
    except FootnoteError:
        return "error"
    finally:
        store.close()
    return "right"


def made(folder: Path, text: str) -> None:
    """An index of one document."""
    store = open_store(str(folder), create=MANIFEST)
    store.replace_documents([content_of(make_document(text))])
    store.close()
