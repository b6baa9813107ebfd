"""What every store keeps to. Another store joins by a row in STORES_UNDER_TEST."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.embed import Vectors
from index.errors import (
    DocumentUnknown,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    StorageError,
    StorageFull,
)
from index.store import FORMAT, Store, Where, open_store, sqlite
from index.types import Document, Heading, Passage
from tests.index.conftest import make_document

MANIFEST = {"embedder": "test", "dimension": "4"}
STORES_UNDER_TEST: dict[str, Callable[[Path], str]] = {"sqlite": str}
"""Name → (a folder → the URI of a store in it)."""


@pytest.fixture(params=STORES_UNDER_TEST)
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return STORES_UNDER_TEST[request.param](tmp_path / "storage")


@pytest.fixture
def store(uri: str) -> Iterator[Store]:
    opened = open_store(uri, create=MANIFEST)
    yield opened
    opened.close()


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


A = np.array([1, 0, 0, 0], np.float32)


def found(store: Store, word: str, where: Where | None = None, k: int = 99) -> list[str]:
    return [id_ for id_, _ in store.text(word, k, where or Where())]


def test_a_document_comes_back_as_it_was_put_in(store: Store) -> None:
    document = Document(
        "d",
        "A title",
        "path/d.txt",
        "a\u2028\0🙂\n\nb",
        "ab" * 32,
        (0, 3),
        (Heading(0, 1), Heading(6, 7, 2)),
        "/loc/d.txt",
    )
    passage = Passage("d:0-1", "d", 0, 1, "a", "Section", "T")
    store.replace_document(document, [passage], A[None])
    assert store.document("d") == document
    assert store.documents() == [document]
    assert store.get(["d:0-1", "nothing"]) == {"d:0-1": passage}
    assert store.get([]) == {}


def test_a_files_name_may_be_bytes_that_are_no_text(store: Store) -> None:
    document = make_document("a", location=os.fsdecode(b"/a\xff.txt"))
    store.replace_document(document, passages_of(document), A[None])
    assert store.document("d").location == document.location


def test_replacing_leaves_nothing_of_the_old(store: Store) -> None:
    put(store, "d", "apple\nbee")
    put(store, "d", "cat")
    assert store.counts() == (1, 1)
    assert found(store, "apple bee") == []
    assert [id_ for id_, _ in store.dense(A, 9)] == ["d:0-3"]


def test_deleting_removes_a_document_with_all_that_belongs_to_it(store: Store) -> None:
    put(store, "d", "apple")
    put(store, "e", "apple")
    store.delete_document("d")
    assert [document.id for document in store.documents()] == ["e"]
    assert found(store, "apple") == [id_ for id_, _ in store.dense(A, 9)] == ["e:0-5"]
    for missing in (store.delete_document, store.document):
        with pytest.raises(DocumentUnknown, match=r"No document has the id 'd'. List them with: qa documents"):
            missing("d")
    assert store.counts() == (1, 1)


def test_documents_are_in_order_of_their_paths(store: Store) -> None:
    for id_ in ("b", "c", "a"):
        put(store, id_, "apple")
    assert [document.path for document in store.documents()] == ["a.txt", "b.txt", "c.txt"]


def test_a_failure_in_the_middle_of_replacing_changes_nothing(store: Store) -> None:
    put(store, "d", "apple\nbee")
    document = make_document("cat\ndog")
    good, bad = passages_of(document)
    broken = Passage(bad.id, "no such document", bad.start, bad.end, bad.text)
    twice = Passage(good.id, "d", bad.start, bad.end, bad.text)
    for second in (broken, twice):
        with pytest.raises(Exception, match="constraint"):
            store.replace_document(document, [good, second], vectors_of([good, second]))
        assert store.document("d").text == "apple\nbee"
        assert found(store, "apple") == ["d:0-5"]
        assert found(store, "cat") == []
        assert store.counts() == (1, 2)
    put(store, "d", "cat")
    assert found(store, "cat") == ["d:0-3"]


def test_passages_and_vectors_must_be_as_many(store: Store) -> None:
    with pytest.raises(ValueError, match="1 passages but 2 vectors"):
        store.replace_document(make_document("a"), passages_of(make_document("a")), np.eye(4, dtype=np.float32)[:2])


def test_dense_is_the_cosine_best_first_and_ties_in_document_order(store: Store) -> None:
    put(store, "e", "apple\nbee\nant")
    put(store, "d", "axe\ncat")
    half = np.array([0.8, 0.6, 0, 0], np.float32)
    ranked = store.dense(half, 9)
    assert [id_ for id_, _ in ranked] == ["d:0-3", "e:0-5", "e:10-13", "e:6-9", "d:4-7"]
    assert [score for _, score in ranked] == pytest.approx([0.8, 0.8, 0.8, 0.6, 0.0])
    assert store.dense(half, 2) == ranked[:2]
    assert store.dense(half, 0) == []


def test_text_ranks_by_bm25_only_what_shares_a_word_and_ties_in_document_order(store: Store) -> None:
    put(store, "e", "apple bread\napple apple\nbread")
    put(store, "d", "apple bread\ncake")
    assert found(store, "apple")[0] == "e:12-23"
    assert found(store, "apple")[1:] == ["d:0-11", "e:0-11"]
    assert found(store, "apple", k=1) == ["e:12-23"]
    assert found(store, "apple", k=0) == found(store, "nothing") == []
    assert all(score > 0 for _, score in store.text("apple", 9))


def test_words_are_found_by_stem_without_accents_and_in_title_and_section(store: Store) -> None:
    put(store, "d", "a cafeteria négotiates", title="Harbour")
    for word in ("negotiating", "NÉGOTIATE", "harbour", "sections"):
        assert found(store, word) == ["d:0-22"]


def test_a_search_can_be_limited_to_documents(store: Store) -> None:
    for id_ in ("d", "e", "f"):
        put(store, id_, "apple")
    both = Where(frozenset({"d", "f"}))
    assert found(store, "apple", both) == [id_ for id_, _ in store.dense(A, 9, both)] == ["d:0-5", "f:0-5"]
    assert found(store, "apple", both, k=1) == [id_ for id_, _ in store.dense(A, 1, both)] == ["d:0-5"]
    for nothing in (frozenset[str](), frozenset({"x", "' OR 1=1 --", 'd"', "\0"})):
        assert found(store, "apple", Where(nothing)) == store.dense(A, 9, Where(nothing)) == []
    many = Where(frozenset({"e"} | {f"x{i}" for i in range(40_000)}))
    assert found(store, "apple", many) == [id_ for id_, _ in store.dense(A, 9, many)] == ["e:0-5"]


@pytest.mark.parametrize(
    "query",
    ["", " ", '"', '""', "*", "appl*", "NEAR(", "NEAR(apple bee)", "text:", "text : x", "{text rowid}:", "^", "-",
     "AND", "OR", "NOT x", "x AND", '" OR "', "'; DROP TABLE words; --", "\0", "x\0y", "\ud800", "🙂", "中文", "\u2028",
     "²", "(" * 500, "\\", "%", "?", "a" * 5000, "NULL", "rowid:1", "𐐷", "é" * 300],
)  # fmt: skip
def test_no_query_is_more_than_its_words(store: Store, query: str) -> None:
    put(store, "d", "bee\ncat")
    assert found(store, query) in ([], ["d:0-3"])
    assert found(store, f"{query} bee")[:1] == ["d:0-3"]
    assert found(store, "cat") == ["d:4-7"]


def test_operators_are_words_like_any_other(store: Store) -> None:
    put(store, "d", "apple\nbee\ncat near dog")
    assert set(found(store, "apple NEAR bee")) == {"d:0-5", "d:6-9", "d:10-22"}
    assert set(found(store, "apple AND bee")) == {"d:0-5", "d:6-9"}
    assert found(store, "app*") == found(store, "text:zebra") == []


def test_a_query_of_5000_words_is_answered(store: Store) -> None:
    put(store, "d", "apple")
    assert found(store, " ".join(f"word{i}" for i in range(5000)) + " apple") == ["d:0-5"]


def test_the_manifest_is_what_was_given(store: Store, uri: str) -> None:
    put(store, "d", "apple")
    assert store.manifest() == MANIFEST
    with_other = open_store(uri, create={"embedder": "other"})
    assert with_other.manifest() == MANIFEST
    with_other.close()


def test_another_connection_sees_each_change_in_dense_and_text(store: Store, uri: str) -> None:
    put(store, "d", "apple")
    reader = open_store(uri)
    assert [id_ for id_, _ in reader.dense(A, 9)] == found(reader, "apple") == ["d:0-5"]
    put(store, "d", "axe\napple")
    assert sorted(id_ for id_, _ in reader.dense(A, 9)) == ["d:0-3", "d:4-9"]
    store.delete_document("d")
    assert reader.dense(A, 9) == found(reader, "apple") == []
    reader.close()


def test_a_snapshot_stays_as_it_was_while_another_connection_writes(store: Store, uri: str) -> None:
    put(store, "d", "apple")
    reader = open_store(uri)
    with reader.snapshot():
        assert found(reader, "apple") == ["d:0-5"]
        put(store, "d", "axe")
        assert found(reader, "apple") == ["d:0-5"]
        assert reader.document("d").text == "apple"
        assert [id_ for id_, _ in reader.dense(A, 9)] == ["d:0-5"]
    assert found(reader, "apple") == []
    assert [id_ for id_, _ in reader.dense(A, 9)] == ["d:0-3"]
    reader.close()


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


def whole_states(reader: Store, until: threading.Event) -> Callable[[], None]:
    """Reads, again and again: all passages and their document are of one version."""

    def read() -> None:
        rounds = 0
        while not until.is_set() or rounds < 3:
            rounds += 1
            with reader.snapshot():
                ids = [id_ for id_, _ in reader.dense(A, 99)]
                texts = {passage.text for passage in reader.get(ids).values()}
                words = found(reader, "apple")
                document = reader.document("d")
            assert len(texts) == 1, texts
            assert document.text == "\n".join([*texts] * len(ids))
            assert sorted(words) == sorted(ids)

    return read


def writes(store: Store, done: threading.Event) -> Callable[[], None]:
    def write() -> None:
        try:
            for version in range(30):
                put(store, "d", "\n".join([f"apple {version}"] * (version % 5 + 1)))
        finally:
            done.set()

    return write


def test_a_reader_sees_whole_states_while_another_connection_writes(store: Store, uri: str) -> None:
    put(store, "d", "apple 0")
    done, reader = threading.Event(), open_store(uri)
    in_threads(whole_states(reader, done), writes(store, done))
    reader.close()


def test_threads_may_share_one_store(store: Store) -> None:
    put(store, "d", "apple 0")
    done = threading.Event()
    in_threads(whole_states(store, done), whole_states(store, done), writes(store, done))
    assert store.document("d").text == "\n".join(["apple 29"] * 5)


# What follows is about the SQLite file itself.


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
    with pytest.raises(IndexMismatch, match="has format 0; this version reads format 1"):
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


def test_a_uri_that_no_store_opens_is_refused() -> None:
    with pytest.raises(StorageError, match="No store for 'redis://x'"):
        open_store("redis://x")
