"""The SQLite file itself. What every store keeps to is in test_stores.py."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from index.errors import (
    FootnoteError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    StorageError,
    StorageFull,
)
from index.store import FORMAT, Store, open_store, sqlite
from index.types import Document
from tests.index.stores import MANIFEST, A, found, put


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return str(tmp_path / "storage")


@pytest.fixture
def store(uri: str) -> Iterator[Store]:
    opened = open_store(uri, create=MANIFEST)
    yield opened
    opened.close()


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[bytes], Path]:
    """A storage folder whose index file has the given bytes."""

    def make(content: bytes) -> Path:
        folder = tmp_path / "made"
        folder.mkdir()
        (folder / sqlite.FILE_NAME).write_bytes(content)
        return folder

    return make


def test_where_nothing_is_stored_the_index_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        IndexMissing, match=r"No index at .*/storage/. Build one with: qa index YOUR_SOURCES --storage "
    ):
        open_store(str(tmp_path / "storage"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_missing_index(folder_of: Callable[[bytes], Path]) -> None:
    with pytest.raises(IndexMissing, match="is empty"):
        open_store(str(folder_of(b"")))


@pytest.mark.parametrize("create", [None, MANIFEST])
def test_a_file_that_is_no_database_is_damaged(
    folder_of: Callable[[bytes], Path], create: dict[str, str] | None
) -> None:
    folder = folder_of(b"This is no database at all.\n" * 100)
    with pytest.raises(
        IndexDamaged, match=r"is damaged or not an index .* Move it away and build it again with: qa index"
    ):
        open_store(str(folder), create)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / sqlite.FILE_NAME) as other:
        other.execute("CREATE TABLE manifest (x)")
    with pytest.raises(IndexMismatch, match="has format 0; this version reads format 2"):
        open_store(str(tmp_path), MANIFEST)
    with other:
        other.execute(f"PRAGMA user_version = {FORMAT}")
    with pytest.raises(IndexDamaged, match="tables are missing"):
        open_store(str(tmp_path), MANIFEST)
    other.close()


def test_an_index_of_another_format_is_refused_with_the_command_that_builds_a_new_one(uri: str, store: Store) -> None:
    with sqlite3.connect(Path(uri) / sqlite.FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(IndexMismatch, match=r"has format 99; .* qa index YOUR_SOURCES --storage .*storage-new"):
        open_store(uri)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_damaged_and_never_answers(uri: str, store: Store, tmp_path: Path, kept: float) -> None:
    put(store, "d", "\n".join(f"apple {i} " + "word " * 50 for i in range(200)))
    store.close()
    file = Path(uri) / sqlite.FILE_NAME
    with file.open("r+b") as opened:
        opened.truncate(int(file.stat().st_size * kept))

    def use() -> None:
        cut = open_store(uri)
        try:
            cut.documents()
            cut.dense(A, 5)
            cut.text("apple", 500)
        finally:
            cut.close()

    with pytest.raises(IndexDamaged, match="Move it away"):
        use()


def test_a_letter_flipped_in_a_column_s_name_is_damage(uri: str, store: Store) -> None:
    put(store, "d", "apple")
    store.close()
    file = Path(uri) / sqlite.FILE_NAME
    content = file.read_bytes()
    assert content.count(b"row INTEGER PRIMARY KEY") == 1
    file.write_bytes(content.replace(b"row INTEGER PRIMARY KEY", b"rov INTEGER PRIMARY KEY"))
    flipped = open_store(uri)
    try:
        with pytest.raises(IndexDamaged, match=r"no such column: p\.row.* Move it away"):
            flipped.text("apple", 5)
    finally:
        flipped.close()


def test_pages_overwritten_with_noise_are_damage(uri: str, store: Store) -> None:
    put(store, "d", "\n".join(f"apple {i} " + "word " * 50 for i in range(200)))
    store.close()
    file = Path(uri) / sqlite.FILE_NAME
    content = bytearray(file.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    file.write_bytes(content)

    def use() -> None:
        noisy = open_store(uri)
        try:
            noisy.documents()
            noisy.dense(A, 5)
        finally:
            noisy.close()

    with pytest.raises(IndexDamaged):
        use()


def test_a_full_disk_leaves_the_old_document_and_the_next_write_works(store: Store) -> None:
    assert isinstance(store, sqlite.SqliteStore)
    put(store, "d", "apple")
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StorageFull, match=r"is full. What was indexed before is safe: make room and run it again"):
        put(store, "d", "bee " * 50_000)
    assert store.document("d").text == "apple"
    assert found(store, "apple") == [id_ for id_, _ in store.dense(A, 9)] == ["d:0-5"]
    store._db.execute("PRAGMA max_page_count = 1000000")
    put(store, "d", "bee " * 50_000)
    assert found(store, "apple") == []


def test_a_second_writer_is_told_that_the_index_is_busy(
    store: Store, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(store, sqlite.SqliteStore)
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    second = open_store(uri)
    store._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(IndexBusy, match="Another process is writing to"):
        put(second, "d", "apple")
    store._db.execute("ROLLBACK")
    put(second, "d", "apple")
    second.close()


def test_a_copy_of_the_folder_is_the_same_index(store: Store, uri: str, tmp_path: Path) -> None:
    put(store, "d", "apple")
    store.close()
    shutil.copytree(uri, tmp_path / "copy")
    copy = open_store(str(tmp_path / "copy"))
    assert found(copy, "apple") == ["d:0-5"]
    copy.close()


def test_a_storage_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for create in (None, MANIFEST):
        with pytest.raises(StorageError, match=r"is a file\. --storage needs a folder"):
            open_store(str(tmp_path / "file"), create)


def flipped(file: Path, generator: random.Random) -> None:
    """One bit of the file, anywhere, the other way round."""
    with file.open("r+b") as opened:
        at = generator.randrange(file.stat().st_size)
        opened.seek(at)
        (byte,) = opened.read(1)
        opened.seek(at)
        opened.write(bytes([byte ^ 1 << generator.randrange(8)]))


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_is_an_error_or_changes_no_text(uri: str, store: Store, tmp_path: Path, seed: int) -> None:
    """`make crash` flips 500."""
    originals = {id_: put(store, id_, f"{id_} says " + "one two three four. " * 40) for id_ in "abc"}
    store.close()
    copy = tmp_path / "copy"
    shutil.copytree(uri, copy)
    flipped(copy / sqlite.FILE_NAME, random.Random(seed))
    check_never_wrong(str(copy), originals)


def check_never_wrong(uri: str, originals: dict[str, Document]) -> None:
    """All that can still be read is what was written."""
    with suppress(FootnoteError), closing(open_store(uri)) as store:
        for document in store.documents():
            assert document == originals[document.id]
        vector = np.ones(4, np.float32)
        ranked = [*store.dense(vector, 99), *store.text("one says", 99)]
        for id_, passage in store.get([id_ for id_, _ in ranked]).items():
            document = originals[passage.document_id]
            assert id_ == passage.id
            assert passage.text == document.text[passage.start : passage.end]
            assert store.document(passage.document_id) == document
