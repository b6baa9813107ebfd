"""What the Milvus store does beyond what every store keeps to. Needs Milvus's client and Milvus Lite."""

import base64
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
import pytest

pytest.importorskip("milvus_lite", reason="needs Milvus Lite and Milvus's client: make test-stores")

import grpc
from pymilvus import MilvusClient
from pymilvus.grpc_gen import milvus_pb2_grpc

from index.errors import IndexBusy, IndexMismatch, IndexMissing, StorageError
from index.store import Where, local_folder, milvus, milvus_rows, milvus_versions, open_store
from index.store.milvus import MilvusStore
from index.types import Passage
from tests.index import milvus_lite
from tests.index.conftest import make_document
from tests.index.stores import MANIFEST, STORES_UNDER_TEST, A, found, in_threads, passages_of, put, vectors_of


@pytest.fixture
def uri(tmp_path: Any) -> str:
    return STORES_UNDER_TEST["milvus"](tmp_path)


@pytest.fixture
def store(uri: str) -> Iterator[MilvusStore]:
    with closing(MilvusStore.open(uri, MANIFEST)) as opened:
        yield opened


def rows_of(store: MilvusStore, collection: str, limit: str = 'key != ""') -> list[dict[str, Any]]:
    name = {"passages": store._server.passages, "documents": store._server.documents}[collection]
    return list(store._server.rows(name, limit, ["key"]))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("milvus+http://127.0.0.1:19530", "names no collection"),
        ("milvus+http://127.0.0.1:19530/", "names no collection"),
        ("milvus+http://127.0.0.1:19530/a-b", "names no collection"),
        ("milvus+http://127.0.0.1:19530/1a", "names no collection"),
        ("milvus+http://127.0.0.1:19530/a/b", "names no collection"),
        ("milvus+http:///a", "names no collection"),
        ("milvus+http://127.0.0.1:no/a", "no valid port"),
        ("milvus+http://127.0.0.1:99999/a", "no valid port"),
    ],
)
def test_a_uri_that_names_nothing_is_refused(address: str, told: str) -> None:
    for create in (None, MANIFEST):
        with pytest.raises(StorageError, match=told):
            open_store(address, create)


def test_a_password_in_the_uri_is_refused_and_not_repeated() -> None:
    secret = "milvus+http://root:Tops3cret@127.0.0.1:19530/a"
    with pytest.raises(StorageError, match="Set FOOTNOTE_MILVUS_TOKEN=user:password instead") as refused:
        open_store(secret)
    assert "Tops3cret" not in str(refused.value)
    assert "Tops3cret" not in str(local_folder(secret))


def test_an_address_where_nothing_listens_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(StorageError, match=f"No Milvus answers at http://127.0.0.1:{port}. Check the address"):
        open_store(f"milvus+http://127.0.0.1:{port}/a")
    assert time.monotonic() - begun < 30


def test_a_name_that_leads_nowhere_is_told() -> None:
    with pytest.raises(StorageError, match=r"No Milvus answers at http://nowhere\.invalid:19530"):
        open_store("milvus+http://nowhere.invalid/a")


def test_a_collection_of_another_program_is_no_index() -> None:
    server = milvus_lite.shared()
    client = MilvusClient(f"http://127.0.0.1:{server.port}")
    for name in ("of_another", "of_another_documents"):
        client.create_collection(name, dimension=4)
    for create in (None, MANIFEST):
        with pytest.raises(IndexMismatch, match=r"is another program's\. Choose another name"):
            open_store(server.uri("of_another"), create)
    for name in ("of_another", "of_another_documents"):
        client.drop_collection(name)
    client.close()


def test_vectors_of_another_dimension_are_refused_and_nothing_is_written(store: MilvusStore) -> None:
    document = put(store, "d", "apple")
    for width in (3, 5):
        with pytest.raises(IndexMismatch, match=f"holds vectors of 4 dimensions, not {width}. Use the embedder"):
            store.replace_document(document, passages_of(document), np.ones((1, width), np.float32))
        with pytest.raises(IndexMismatch, match=f"of 4 dimensions, not {width}"):
            store.dense(np.ones(width, np.float32), 3)
    assert store.counts() == (1, 1)
    assert len(rows_of(store, "passages")) == 1


def test_an_index_that_is_dropped_is_missing(uri: str, store: MilvusStore) -> None:
    put(store, "d", "apple")
    for name in (store._server.passages, store._server.documents):
        store._server.call("drop_collection", name)
    with pytest.raises(IndexMissing, match="Build one with: qa index YOUR_SOURCES --storage milvus"):
        store.dense(A, 3)
    with pytest.raises(IndexMissing, match="Build one with"):
        open_store(uri)


def test_an_index_of_another_layout_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "LAYOUT", "0")
    MilvusStore.open(uri, MANIFEST).close()
    monkeypatch.undo()
    with pytest.raises(IndexMismatch, match="has layout 0; this version reads layout 1"):
        open_store(uri)


class Guarded(milvus_pb2_grpc.MilvusServiceServicer):
    """Says to each call what a Milvus with `authorizationEnabled` says where the login is wrong; else that there is no
    collection. Milvus Lite has no logins. The words are those of milvus-io/milvus, internal/proxy."""


def guarded_server(token: str) -> tuple[grpc.Server, int]:
    class Login(grpc.ServerInterceptor):
        def intercept_service(self, continuation: Any, details: Any) -> Any:
            given = dict(details.invocation_metadata).get("authorization", "")
            if base64.b64decode(given).decode() == token:
                return continuation(details)

            def refuse(request: Any, context: grpc.ServicerContext) -> None:
                context.abort(
                    grpc.StatusCode.UNAUTHENTICATED,
                    "auth check failure, please check username and password are correct",
                )

            return grpc.unary_unary_rpc_method_handler(refuse)

    server = grpc.server(ThreadPoolExecutor(2), interceptors=[Login()])
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Guarded(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


@pytest.mark.parametrize("token", ["", "root:wrong"])
def test_a_wrong_login_is_told_and_not_shown(
    token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server, port = guarded_server("root:right")
    monkeypatch.setenv("FOOTNOTE_MILVUS_TOKEN", token)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(StorageError, match=r"refuses the login\. Set FOOTNOTE_MILVUS") as told,
    ):
        open_store(f"milvus+http://127.0.0.1:{port}/a")
    server.stop(None)
    shown = str(told.value) + caplog.text + "".join(capfd.readouterr())
    assert "wrong" not in shown


def test_the_right_login_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    server, port = guarded_server("root:right")
    monkeypatch.setenv("FOOTNOTE_MILVUS_TOKEN", "root:right")
    with pytest.raises(StorageError) as told:  # behind the login nothing is there
        open_store(f"milvus+http://127.0.0.1:{port}/a")
    server.stop(None)
    assert "login" not in str(told.value)


def test_after_the_server_went_away_and_came_back_all_goes_on() -> None:
    server = milvus_lite.LiteServer()
    try:
        with closing(MilvusStore.open(server.uri("storage"), MANIFEST)) as store:
            put(store, "d", "apple\nbee")
            server.stop()
            begun = time.monotonic()
            for work in (lambda: found(store, "apple"), lambda: put(store, "d", "cat"), store.counts):
                with pytest.raises(StorageError, match="No Milvus answers at"):
                    work()
            assert time.monotonic() - begun < 60
            server.start()
            assert found(store, "apple") == ["d:0-5"]
            assert [id_ for id_, _ in store.dense(A, 1)] == ["d:0-5"]
            put(store, "d", "cat")
            assert (found(store, "apple"), found(store, "cat"), store.counts()) == ([], ["d:0-3"], (1, 1))
    finally:
        server.remove()


def test_old_versions_are_swept_away_once_nobody_reads_them(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "d", "apple\nbee")
    put(store, "e", "axe")
    put(store, "d", "cat")
    store.maintain()
    assert len(rows_of(store, "passages")) == 4  # the old ones, too
    monkeypatch.setattr(milvus, "KEEP_OLD", 0)
    store.maintain()
    assert len(rows_of(store, "passages")) == 2
    assert rows_of(store, "documents", f'kind == "{milvus_rows.OLD}"') == []
    assert len(rows_of(store, "documents", f'kind == "{milvus_rows.TEXT}"')) == 2
    assert (found(store, "apple"), found(store, "cat"), store.counts()) == ([], ["d:0-3"], (2, 2))
    store.delete_document("e")
    store.maintain()
    assert len(rows_of(store, "passages")) == 1


def test_what_a_killed_writer_has_begun_is_never_seen_and_swept_away_later(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "d", "apple")

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(MilvusStore, "_committed", killed)
    with pytest.raises(KeyboardInterrupt):
        put(store, "d", "axe\nbee")
    monkeypatch.undo()
    assert len(rows_of(store, "passages")) == 3
    assert [id_ for id_, _ in store.dense(A, 9)] == found(store, "apple") == ["d:0-5"]
    assert found(store, "bee") == []
    assert store.counts() == (1, 1)
    store.maintain()
    assert len(rows_of(store, "passages")) == 3  # somebody might still be writing it
    monkeypatch.setattr(milvus, "WRITTEN_WITHIN", 0)
    store.maintain()
    assert len(rows_of(store, "passages")) == 1
    assert found(store, "apple") == ["d:0-5"]


def test_who_takes_too_long_gives_up_rather_than_commit_what_may_be_swept_away(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "d", "apple")
    monkeypatch.setattr(milvus, "WRITTEN_WITHIN", 0)
    with pytest.raises(IndexBusy, match=r"took too long\. Nothing has changed"):
        put(store, "d", "bee")
    assert store.document("d").text == "apple"


def test_a_reader_that_searched_before_and_looked_after_a_commit_searches_again(
    uri: str, store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "d", "apple")
    reader = MilvusStore.open(uri)
    look, changed = milvus_versions.document_rows, threading.Event()

    def changed_before_the_look(server: Any, documents: Any) -> Any:
        if server is reader._server and not changed.is_set():
            changed.set()
            put(store, "d", "axe\nbee")
        return look(server, documents)

    monkeypatch.setattr(milvus_versions, "document_rows", changed_before_the_look)
    assert [id_ for id_, _ in reader.dense(A, 9)] == ["d:0-3", "d:4-7"]
    assert changed.is_set()
    reader.close()


def test_two_writers_of_one_document_leave_one_of_theirs_whole(uri: str, store: MilvusStore) -> None:
    other = MilvusStore.open(uri)

    def writing(into: MilvusStore, word: str) -> Any:
        def write() -> None:
            for version in range(10):
                put(into, "d", "\n".join([f"{word} {version}"] * 3))

        return write

    in_threads(writing(store, "apple"), writing(other, "bread"))
    document = store.document("d")
    assert document.text in ("\n".join([f"{word} 9"] * 3) for word in ("apple", "bread"))
    assert [passage.text for passage in store.content("d")[0]] == document.text.split("\n")
    assert store.counts() == (1, 3)
    word = document.text.split()[0]
    assert len(found(store, word)) == 3
    assert found(store, "bread" if word == "apple" else "apple") == []
    other.close()


def test_a_document_and_a_passage_may_be_longer_than_a_string_of_milvus(store: MilvusStore) -> None:
    long = "apple" + "🙂é" * 20_000 + " zebra"
    document = make_document("cat\n" + "text " * 60_000 + long)
    start = len(document.text) - len(long)
    passages = [Passage("d:1", "d", 0, 3, "cat"), Passage("d:2", "d", start, len(document.text), long)]
    for _ in range(2):
        store.replace_document(document, passages, np.eye(4, dtype=np.float32)[:2])
    assert store.document("d") == document
    assert store.get(["d:2"]) == {"d:2": passages[1]}
    assert store.content("d")[0] == passages
    assert found(store, "cat") == ["d:1"]


def test_a_word_that_looks_like_one_in_plain_letters_is_not_it(store: MilvusStore) -> None:
    put(store, "d", "a é\na 0xc3a9\nb 0xc3")
    assert milvus_rows.coded(" 日本  abc  0xc3 ") == " 0xe697a5e69cac  abc  0x30786333 "
    assert found(store, "0xc3a9") == ["d:4-12"]
    assert found(store, "0xc3") == ["d:13-19"]


def test_no_filter_takes_anything_but_digests() -> None:
    for value in ('"', "a b", "x') or true", "A", "é", ""):
        with pytest.raises(ValueError, match="digests only"):
            milvus_rows.is_one_of("state", [value])


def test_a_title_may_be_longer_than_a_string_of_milvus(store: MilvusStore) -> None:
    document = make_document("apple", "d", "é" * 70_000)
    store.replace_document(document, passages_of(document), A[None])
    assert store.documents() == [document]
    assert store.get(["d:0-5"])["d:0-5"].title == document.title
    assert (store.sizes(), store.outlines()[0].title) == ({"d": 1}, document.title)


def test_more_tags_than_milvus_keeps_are_refused(store: MilvusStore) -> None:
    document = make_document("apple", "d", tags=tuple(f"t{number}" for number in range(1_025)))
    with pytest.raises(StorageError, match="has 1025 tags; Milvus keeps 1024 at most"):
        store.replace_document(document, passages_of(document), vectors_of(passages_of(document)))


def test_more_documents_than_fit_one_filter_are_searched(store: MilvusStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "IDS_AT_ONCE", 2)
    for id_ in "abcdefg":
        put(store, id_, "apple")
    some = Where(frozenset("abcdef"), frozenset({"no such tag"}))
    assert found(store, "apple", some) == [f"{id_}:0-5" for id_ in "abcdef"]
    assert [id_ for id_, _ in store.dense(A, 3, some)] == ["a:0-5", "b:0-5", "c:0-5"]
