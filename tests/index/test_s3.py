"""An index in a bucket. What every store keeps to is in test_stores.py."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import IndexBusy, IndexMissing, StorageError
from index.manifest import open_index
from index.store import local_folder, open_store, store_opener
from index.sync import sync
from index.uploads import Upload, add_files, remove_document
from index.writer import one_writer
from tests.conftest import PROJECT
from tests.index import s3_server
from tests.index.s3_server import BUCKET, S3Server
from tests.index.stores import MANIFEST, A, found, put


def test_what_belongs_to_a_bucket_lies_in_a_folder_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = local_folder("s3://bucket/a/b")
    assert folder.parent == tmp_path / "footnote"
    assert folder.name.startswith("s3-bucket-a-b-")
    assert local_folder("s3://bucket/a/b/") == folder != local_folder("s3://bucket/a-b")
    assert "secret" not in str(local_folder("x://user:secret@host/a"))
    with one_writer("s3://bucket/a/b"), pytest.raises(IndexBusy), one_writer("s3://bucket/a/b/"):
        pass
    monkeypatch.delenv("XDG_DATA_HOME")
    assert local_folder("s3://bucket/a/b").parent == Path.home() / ".local" / "share" / "footnote"


lancedb = pytest.importorskip("lancedb", reason="needs LanceDB (350 MB): make test-stores")
from index.store.lance_place import lance_place  # noqa: E402


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:9000", {"endpoint": "http://127.0.0.1:9000", "allow_http": "true"}),
        ("https://s3.example", {"endpoint": "https://s3.example", "allow_http": "false"}),
        ("", {}),
    ],
)
def test_plain_http_is_spoken_only_where_it_is_named(
    endpoint: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert lance_place("s3://bucket/index").options == {"region": "eu-west-3", **expected}


def test_a_uri_without_a_bucket_is_refused() -> None:
    for uri in ("s3://", "s3:///index"):
        with pytest.raises(StorageError, match="names no bucket"):
            store_opener(uri)(uri, MANIFEST)


@pytest.fixture
def server() -> S3Server:
    pytest.importorskip("moto", reason="needs an S3 server: make test-stores")
    return s3_server.shared()


@pytest.fixture
def uri(server: S3Server, tmp_path: Path) -> str:
    return server.uri(tmp_path / "storage")


def test_a_bucket_that_is_not_there_is_told(server: S3Server) -> None:
    for create in (None, MANIFEST):
        with pytest.raises(StorageError, match=r"There is no such bucket: s3://nowhere/index\. Make it, or check"):
            open_store("s3://nowhere/index", create)


def test_wrong_credentials_are_told(server: S3Server, uri: str) -> None:
    with closing(open_store(uri, MANIFEST)) as store:
        put(store, "d", "apple")
    server.refuse_strangers(0)
    try:
        for create in (None, MANIFEST):
            with pytest.raises(StorageError, match=r"Access to s3://.* is refused\. Check AWS_ACCESS_KEY_ID"):
                open_store(uri, create)
    finally:
        server.refuse_strangers(10**9)
    with closing(open_store(uri)) as store:
        assert store.document("d").text == "apple"


def test_a_server_that_went_away_is_told_and_all_is_well_when_it_is_back(server: S3Server, uri: str) -> None:
    with closing(open_store(uri, MANIFEST)) as store:
        put(store, "d", "apple")
        server.stop()
        try:
            for work in (lambda: open_store(uri), lambda: store.text("apple", 9), lambda: put(store, "d", "bee")):
                with pytest.raises(StorageError, match=r"cannot be reached\. Check AWS_ENDPOINT_URL") as told:
                    work()
                assert not isinstance(told.value, IndexMissing)
        finally:
            server.start()
        assert found(store, "apple") == ["d:0-5"]
        put(store, "d", "cat")
        assert found(store, "cat") == [id_ for id_, _ in store.dense(A, 9)] == ["d:0-3"]


WRITER = """
import sys
from index.errors import IndexBusy
from index.store import open_store
from tests.index.stores import put
store = open_store(sys.argv[1])
for number in range(15):
    for _ in range(99):
        try:
            put(store, f"{sys.argv[2]}{number:02}", "apple")
            break
        except IndexBusy:
            pass
"""


def test_writers_on_two_machines_lose_nothing(server: S3Server, uri: str, tmp_path: Path) -> None:
    """Each has a lock of its own: what keeps them apart is that a commit does not overwrite another."""
    open_store(uri, MANIFEST).close()
    writers = []
    for name in ("a", "b"):
        machine = {**os.environ, "XDG_DATA_HOME": str(tmp_path / name)}
        writers.append(subprocess.Popen([sys.executable, "-c", WRITER, uri, name], cwd=PROJECT, env=machine))
    assert [writer.wait(100) for writer in writers] == [0, 0]
    with closing(open_store(uri)) as store:
        assert sorted(store.sizes()) == [f"{name}{number:02}" for name in "ab" for number in range(15)]
        assert len(found(store, "apple")) == len(store.dense(A, 99)) == 30


def test_nothing_is_written_but_below_the_prefix(server: S3Server, uri: str, tmp_path: Path) -> None:
    with closing(open_store(uri, MANIFEST)) as store:
        put(store, "d", "apple")
    with pytest.raises(IndexMissing):
        open_store(f"s3://{BUCKET}{tmp_path}/stor")
    with closing(open_store(f"{uri}/", MANIFEST)) as store:
        assert store.counts() == (1, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("shared_reader")
def test_a_bucket_is_indexed_uploaded_to_and_searched_as_a_folder_is(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "word-length")
    (tmp_path / "a.txt").write_text("One apple.")
    assert len(sync([tmp_path / "a.txt"], uri).added) == 1
    (uploaded,) = add_files([Upload("b.txt", b"Two pears.")], uri).documents
    assert Path(uploaded.location).is_relative_to(local_folder(uri))
    assert Path(uploaded.location).read_bytes() == b"Two pears."
    index = open_index(uri)
    assert [hit.passage.text for hit in index.search("pears", 9) if hit.lexical_rank] == ["Two pears."]
    remove_document(uploaded.id, uri)
    assert [document.text for document in index.documents()] == ["One apple."]
    assert not Path(uploaded.location).exists()
    index.close()
    assert len(sync([tmp_path / "a.txt"], uri).unchanged) == 1
