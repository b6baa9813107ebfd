"""What every store keeps to: SQLite, LanceDB and Milvus alike."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.errors import DocumentUnknown, IndexMissing, StorageError
from index.store import Store, Where, open_store
from index.types import Document, Heading, Passage
from tests.conftest import PROJECT
from tests.index.conftest import make_document
from tests.index.stores import MANIFEST, NEEDS, STORES_UNDER_TEST, A, found, in_threads, passages_of, put, vectors_of


@pytest.fixture(params=STORES_UNDER_TEST)
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param], reason="needs another store's package: make test-stores")
    return STORES_UNDER_TEST[request.param](tmp_path / "storage")


@pytest.fixture
def store(uri: str) -> Iterator[Store]:
    opened = open_store(uri, create=MANIFEST)
    yield opened
    opened.close()


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
    assert store.outlines() == [replace(one, text="", pages=None, headings=()) for one in store.documents()]


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


def test_a_word_may_be_of_any_length(store: Store) -> None:
    put(store, "d", f"apple{'🙂é' * 20_000} b{'é' * 40_000}\nbee")
    assert [id_ for id_, _ in store.dense(A, 1)] == [f"d:0-{5 + 40_000 + 2 + 40_000}"]
    assert found(store, "bee") == ["d:80008-80011"]


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


def test_a_uri_that_no_store_opens_is_refused() -> None:
    with pytest.raises(StorageError, match="No store for 'redis://x'"):
        open_store("redis://x")


@pytest.mark.parametrize(
    ("text", "query", "other"),
    [
        ("東京は日本の首都です。人口は千四百万人です。", "日本の首都はどこですか", "大阪は商業の町です。"),
        ("北京是中国的首都。", "中国首都", "上海是一个城市。"),
        ("กรุงเทพเป็นเมืองหลวงของประเทศไทย", "เมืองหลวงของไทย", "ฉันชอบกินข้าว"),
        ("서울은 한국의 수도입니다.", "한국의 수도", "부산은 항구입니다."),
        ("दिल्ली भारत की राजधानी है।", "भारत राजधानी", "मुंबई एक शहर"),
    ],
)
def test_words_are_found_in_scripts_of_all_kinds(store: Store, text: str, query: str, other: str) -> None:
    put(store, "a", f"a {text}")
    put(store, "b", f"b {other}")
    assert found(store, query)[0].startswith("a:")


def test_half_a_thai_syllable_is_no_word(store: Store) -> None:
    put(store, "a", "a ที่")
    assert found(store, "ท") == []


def test_several_documents_are_replaced_in_one_step(store: Store, uri: str) -> None:
    put(store, "d", "apple\nbee")
    new = [make_document("cat", "d"), make_document("axe\ncat", "e"), make_document("", "empty")]
    contents = [(document, passages_of(document) if document.text else [], None) for document in new]
    whole = [
        (d, passages, vectors_of(passages) if passages else np.zeros((0, 4), np.float32)) for d, passages, _ in contents
    ]
    reader = open_store(uri)
    with reader.snapshot():
        assert reader.counts() == (1, 2)
        store.replace_documents(whole)
        assert reader.counts() == (1, 2)
    assert reader.counts() == (3, 3)
    assert {document.id: document.text for document in reader.documents()} == {"d": "cat", "e": "axe\ncat", "empty": ""}
    assert found(reader, "apple") == []
    reader.close()


def test_the_content_of_a_document_is_its_passages_in_order_and_their_vectors(store: Store) -> None:
    document = put(store, "d", "bee\napple\ncat")
    put(store, "e", "dog")
    passages, vectors = store.content("d")
    assert passages == passages_of(document)
    assert vectors.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    passages, vectors = store.content("nothing")
    assert passages == []
    assert len(vectors) == 0


def test_a_search_can_be_limited_to_tags_or_documents(store: Store) -> None:
    for id_, tags in (("d", ("x", "it's")), ("e", ()), ("f", ("y",))):
        document = make_document("apple", id_, tags=tags)
        store.replace_document(document, passages_of(document), vectors_of(passages_of(document)))
    for where, expected in (
        (Where(tags=frozenset({"it's"})), ["d:0-5"]),
        (Where(tags=frozenset({"x", "y"})), ["d:0-5", "f:0-5"]),
        (Where(frozenset({"e"}), frozenset({"y"})), ["e:0-5", "f:0-5"]),
        (Where(tags=frozenset({"' OR 1=1 --", "x') OR ('1'='1", "\\'", "\0"})), []),
        (Where(tags=frozenset()), []),
    ):
        assert found(store, "apple", where) == [id_ for id_, _ in store.dense(A, 9, where)] == expected


NASTY = [
    "it's",
    'a "b"',
    "a\\",
    "a\\' OR 1=1 --",
    "x'; DROP TABLE index; --",
    "a\0b",
    "日本語",
    "🙂\u2028",
    "%_*?",
    " ",
    "",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_any_text_may_stand_in_any_field(store: Store, nasty: str) -> None:
    put(store, "other", "apple")
    name = nasty.replace("\0", "")  # no id, place or tag holds a NUL: files' names and command lines have none
    id_ = f"d{name}"
    document = Document(id_, nasty, nasty, f"apple {nasty}", "0" * 64, None, (Heading(0, 1),), f"/{name}", (name,))
    passage = Passage(f"{id_}:{name}", id_, 0, len(document.text), document.text, nasty, nasty)
    for _ in range(2):  # the second replaces the first
        store.replace_document(document, [passage], A[None])
    assert store.document(id_) == document
    assert store.get([passage.id]) == {passage.id: passage}
    assert store.content(id_)[0] == [passage]
    for where in (Where(frozenset({id_})), Where(tags=frozenset({name}))):
        assert [found_id for found_id, _ in store.dense(A, 9, where)] == [passage.id]
        assert found(store, "apple", where) == [passage.id]
    store.delete_document(id_)
    assert [kept.id for kept in store.documents()] == ["other"]
    assert store.counts() == (1, 1)


def test_moving_a_document_keeps_its_text_and_vectors(store: Store) -> None:
    put(store, "d", "bee\napple")
    put(store, "e", "cat")
    moved = make_document("bee\napple", "m", "New title", tags=("t",))
    store.move_document("d", moved)
    assert {document.id for document in store.documents()} == {"e", "m"}
    passages, vectors = store.content("m")
    assert [(p.id, p.document_id, p.title) for p in passages] == [
        ("m:0-3", "m", "New title"),
        ("m:4-9", "m", "New title"),
    ]
    assert vectors.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]
    assert found(store, "apple", Where(tags=frozenset({"t"}))) == ["m:4-9"]
    with pytest.raises(DocumentUnknown):
        store.move_document("d", moved)


WRITER = """
import sys
from index.store import open_store
from tests.index.stores import MANIFEST, put
store = open_store(sys.argv[1], create=MANIFEST)
print("ready", flush=True)
for version in range(10_000):
    put(store, "d", "\\n".join([f"apple {version}"] * (version % 5 + 1)))
"""


@pytest.mark.parametrize("after", [0.0, 0.05, 0.3])
def test_a_killed_writer_leaves_a_whole_state_and_the_next_writes_on(uri: str, after: float) -> None:
    with closing(open_store(uri, create=MANIFEST)) as store:
        put(store, "d", "apple 0")
    with subprocess.Popen([sys.executable, "-c", WRITER, uri], stdout=subprocess.PIPE, cwd=PROJECT) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(after)
        writer.kill()
    with closing(open_store(uri)) as store:
        text = store.document("d").text
        passages = list(store.content("d")[0])
        assert "\n".join(passage.text for passage in passages) == text
        assert sorted(found(store, "apple")) == sorted(id_ for id_, _ in store.dense(A, 99))
        assert len(found(store, "apple")) == len(passages) == store.counts()[1]
        put(store, "d", "axe")
        assert store.document("d").text == "axe"


def test_where_nothing_is_stored_the_index_is_missing(uri: str, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"No index at .*storage.* Build one with: qa index YOUR_SOURCES --storage "):
        open_store(uri)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["", "lancedb://"])
def test_a_storage_that_is_a_file_is_refused(scheme: str, tmp_path: Path) -> None:
    if scheme:
        pytest.importorskip("lancedb", reason="needs LanceDB (350 MB): make test-stores")
    uri = f"{scheme}{tmp_path / 'storage'}"
    (tmp_path / "storage").write_text("")
    for create in (None, MANIFEST):
        with pytest.raises(StorageError, match=r"storage is a file\. .* needs a folder"):
            open_store(uri, create)
