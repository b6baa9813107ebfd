"""An index moved into another store: all of it, or refused with the command that goes on."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from index import move as moving
from index.carry import export_index, import_index
from index.errors import IndexBusy, IndexMissing, IndexUnfinished, StorageError
from index.manifest import open_index
from index.move import move
from index.rebuild import rebuild
from index.store import Store, open_store
from index.store.sqlite import SqliteStore
from index.sync import sync
from index.types import Passage
from index.uploads import Upload, add_files, is_upload
from index.writer import one_writer
from tests.conftest import PROJECT
from tests.index.conftest import CountingEmbedder, make_document
from tests.index.stores import NEEDS, STORES_UNDER_TEST
from tests.index.test_same_ranking import Corpus

MANIFEST = {"embedder": "word-length", "dimension": "16"}
OTHERS = [name for name in STORES_UNDER_TEST if name != "sqlite"]
PAIRS = [*product(["sqlite"], OTHERS), *product(OTHERS, ["sqlite"]), ("lancedb", "s3")]


@pytest.fixture(params=PAIRS, ids="-".join)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URIs of a store and of another."""
    for name in request.param:
        if name != "sqlite":
            pytest.importorskip(NEEDS[name], reason="needs another store's package: make test-stores")
    old, new = (
        STORES_UNDER_TEST[name](tmp_path / place) for name, place in zip(request.param, ("old", "new"), strict=True)
    )
    return old, new


@pytest.fixture
def sqlites(tmp_path: Path) -> tuple[str, str]:
    return str(tmp_path / "old"), str(tmp_path / "new")


def filled(uri: str, documents: int = 40) -> Corpus:
    corpus = Corpus(7)
    with closing(open_store(uri, MANIFEST)) as store:
        store.replace_documents([corpus.document(f"d{number:02}") for number in range(documents)])
    return corpus


def all_of(store: Store) -> list[tuple[object, object, object]]:
    ids = sorted(store.sizes())
    return [(document, passages, vectors.tolist()) for document, passages, vectors in store.contents(ids)]


def test_all_is_there_after_moving_and_ranked_alike(places: tuple[str, str]) -> None:
    corpus = filled(places[0])
    odd = make_document("", "empty", tags=("x", "it's"), location=os.fsdecode(b"/a\xff.txt"), pages=(0,))
    told: list[tuple[int, int]] = []
    with closing(open_store(places[0])) as old:
        old.replace_document(odd, [], np.zeros((0, 16), np.float32))
        before = all_of(old)
    report = move(*places, lambda *step: told.append(step))
    with closing(open_store(places[0])) as old, closing(open_store(places[1])) as new:
        assert all_of(new) == all_of(old) == before
        assert new.manifest() == old.manifest() == MANIFEST
        assert (report.documents, report.passages, report.there) == (*old.counts(), 0)
        assert told == [(0, report.passages), (report.passages, report.passages)]
        for number in range(60):
            query, wanted = corpus.words(1, 5), corpus.units[number % 12]
            assert new.text(query, 50) == old.text(query, 50)
            assert new.dense(wanted, 50) == old.dense(wanted, 50)


def stopped(uris: tuple[str, str], after: int) -> None:
    """Stop the move when so many passages are there."""

    def stop(done: int, total: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(*uris, stop)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "BATCH", 30)


@pytest.mark.usefixtures("small_batches")
def test_half_an_index_is_refused_with_the_command_that_goes_on(places: tuple[str, str]) -> None:
    filled(places[0])
    stopped(places, 90)
    command = re.escape(f"Finish it with: qa move {places[0]} {places[1]}") + "$"
    for refused in (open_index, lambda uri: sync([PROJECT / "seeds"], uri), lambda uri: move(uri, f"{uri}-3")):
        with pytest.raises(IndexUnfinished, match=command):
            refused(places[1])
    report = move(*places)
    assert 90 <= report.there < report.passages
    with closing(open_store(places[0])) as old, closing(open_store(places[1])) as new:
        assert all_of(new) == all_of(old)
    with pytest.raises(StorageError, match=re.escape(f"There is an index at {places[1]} already")):
        move(*places)


@pytest.mark.usefixtures("small_batches")
def test_what_is_there_already_is_not_written_again(sqlites: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    filled(sqlites[0])
    stopped(sqlites, 90)
    with closing(open_store(sqlites[1])) as new:
        there = set(new.sizes())
    written: list[str] = []
    replace_documents = SqliteStore.replace_documents

    def counted(self: SqliteStore, contents: list[tuple[object, ...]]) -> None:
        written.extend(content[0].id for content in contents)  # type: ignore[attr-defined]
        replace_documents(self, contents)  # type: ignore[arg-type]

    monkeypatch.setattr(SqliteStore, "replace_documents", counted)
    move(*sqlites)
    assert len(there) > 5
    assert sorted([*written, *there - {"footnote:moving"}]) == [f"d{number:02}" for number in range(40)]


@pytest.mark.usefixtures("small_batches")
def test_what_has_changed_since_is_brought_into_step(places: tuple[str, str]) -> None:
    corpus = filled(places[0])
    stopped(places, 150)
    with closing(open_store(places[0])) as old:
        old.delete_document("d00")
        old.replace_document(*corpus.document("d01"))
        old.move_document("d02", make_document(old.document("d02").text, "a new id", "New title"))
    move(*places)
    with closing(open_store(places[0])) as old, closing(open_store(places[1])) as new:
        assert all_of(new) == all_of(old)


MOVER = """
import sys
from index import move
move.BATCH = 20
print("ready", flush=True)
move.move(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("after", [0.0, 0.1, 0.4, 1.0])
def test_killed_at_any_moment_the_next_run_goes_on(places: tuple[str, str], after: float) -> None:
    filled(places[0], 120)
    with subprocess.Popen([sys.executable, "-c", MOVER, *places], stdout=subprocess.PIPE, cwd=PROJECT) as mover:
        assert mover.stdout is not None
        assert mover.stdout.readline() == b"ready\n"
        time.sleep(after)
        mover.kill()
    try:
        with closing(open_store(places[1])) as store:
            whole = store.counts()[0] == 120 and "footnote:moving" not in store.sizes()
    except IndexMissing:
        whole = False
    if not whole:
        move(*places)
    with closing(open_store(places[0])) as old, closing(open_store(places[1])) as new:
        assert all_of(new) == all_of(old)


def test_another_index_is_never_overwritten(sqlites: tuple[str, str], tmp_path: Path, small_batches: None) -> None:
    old, new = sqlites
    filled(old)
    with pytest.raises(StorageError, match=r"is where the index is already"):
        move(old, f"{old}/")
    filled(new, 2)
    with pytest.raises(StorageError, match=r"There is an index at .*new already\. Name another place"):
        move(old, new)
    third = str(tmp_path / "third")
    stopped((old, third), 60)
    with pytest.raises(StorageError, match=r"third holds part of another index, of .*old\. Name another place"):
        move(new, third)
    with closing(open_store(new)) as store:
        assert store.counts()[0] == 2


def test_without_an_index_nothing_is_made(sqlites: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        move(*sqlites)
    filled(sqlites[0], 1)
    with pytest.raises(StorageError, match="No store for 'redis://x'"):
        move(sqlites[0], "redis://x")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_nobody_writes_meanwhile(sqlites: tuple[str, str]) -> None:
    filled(sqlites[0], 2)

    def write(*_: object) -> None:
        for uri in sqlites:
            with pytest.raises(IndexBusy), one_writer(uri):
                pass

    move(*sqlites, write)


def test_a_document_larger_than_a_batch_is_moved_by_itself(sqlites: tuple[str, str], small_batches: None) -> None:
    passages = [Passage(f"big:{n}", "big", n, n + 1, "a") for n in range(100)]
    with closing(open_store(sqlites[0], MANIFEST)) as old:
        for id_ in ("a", "z"):
            old.replace_document(make_document("a", id_), [], np.zeros((0, 16), np.float32))
        old.replace_document(make_document("a" * 100, "big"), passages, np.eye(16, dtype=np.float32)[[0] * 100])
    told: list[int] = []
    assert move(*sqlites, lambda done, _: told.append(done)).passages == 100
    assert told == [0, 0, 100, 100]


@pytest.mark.usefixtures("shared_reader")
def test_uploads_go_along_with_their_originals(
    sqlites: tuple[str, str], monkeypatch: pytest.MonkeyPatch, counting_embedder: CountingEmbedder
) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "word-length")
    add_files([Upload("a.txt", b"One apple."), Upload("b.txt", b"Two pears.")], sqlites[0], tags=["x"])
    embedded = len(counting_embedder.texts)
    move(*sqlites)
    assert len(counting_embedder.texts) == embedded
    for uri, text in product(sqlites, (b"One apple.", b"Two pears.")):
        index = open_index(uri)
        (document,) = (document for document in index.documents() if document.text == text.decode())
        index.close()
        assert Path(document.location).read_bytes() == text
        assert is_upload(document, uri)
        assert document.tags == ("x",)


@pytest.mark.usefixtures("small_batches")
def test_half_an_index_in_a_folder_is_neither_rebuilt_nor_exported(sqlites: tuple[str, str], tmp_path: Path) -> None:
    filled(sqlites[0])
    stopped(sqlites, 60)
    whole: list[Callable[[], object]] = [
        lambda: rebuild(sqlites[1]),
        lambda: export_index(tmp_path / "x.zip", sqlites[1]),
    ]
    for refused in whole:
        with pytest.raises(IndexUnfinished, match="qa move"):
            refused()


@pytest.mark.parametrize("uri", ["lancedb://x", "s3://bucket/x", "milvus+http://127.0.0.1:1/x"])
def test_what_needs_a_folder_says_how_to_get_there(uri: str, tmp_path: Path) -> None:
    for work in (rebuild, lambda uri: export_index(tmp_path / "a", uri), lambda uri: import_index(tmp_path / "a", uri)):
        with pytest.raises(StorageError, match=f"qa move {re.escape(uri)} FOLDER.*qa move FOLDER"):
            work(uri)
