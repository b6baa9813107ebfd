"""Uploads, tags, renamed files, rebuilding, carrying elsewhere: what keeps an index and its originals together."""

import ctypes
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from index import sources
from index.again import reindex_document
from index.carry import export_index, import_index
from index.errors import (
    DocumentUnknown,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    SourceUnreadable,
    StorageError,
    StorageFull,
)
from index.manifest import open_index
from index.only import only
from index.rebuild import rebuild
from index.sources import document_id, source_state
from index.store import Where
from index.store.rows import FILE_NAME
from index.store.sqlite import SqliteStore
from index.sync import sync
from index.types import Document
from index.uploads import Upload, UploadReport, add_files, is_upload, remove_document, safe_name
from index.watch import watch
from index.writer import one_writer
from tests.conftest import PROJECT
from tests.index.conftest import CountingEmbedder, SharedReader

Folder = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("shared_reader")


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "word-length")
    (tmp_path / "sources").mkdir()
    monkeypatch.chdir(tmp_path / "sources")
    return tmp_path / "storage"


def upload(storage: Path, *files: tuple[str, str], **options: object) -> UploadReport:
    given = [Upload(name, content.encode()) for name, content in files]
    return add_files(given, storage, **options)  # type: ignore[arg-type]


def documents(storage: Path) -> dict[str, Document]:
    index = open_index(storage)
    found = {document.path: document for document in index.documents()}
    index.close()
    return found


def texts(storage: Path) -> dict[str, str]:
    return {path: document.text for path, document in documents(storage).items()}


def originals(storage: Path) -> list[str]:
    return sorted(path.name for path in (storage / "uploads").rglob("*") if path.is_file())


# Uploads


def test_an_upload_is_indexed_and_its_original_kept(storage: Path) -> None:
    told: list[tuple[int, int, str]] = []
    report = upload(
        storage, ("a.txt", "One."), ("b.md", "# Two"), tags=["x", "y"], progress=lambda *step: told.append(step)
    )
    assert [(d.path, d.text, d.tags) for d in report.documents] == [
        ("a.txt", "One.", ("x", "y")),
        ("b.md", "# Two", ("x", "y")),
    ]
    assert told == [(0, 2, "a.txt"), (1, 2, "b.md"), (2, 2, "")]
    stored = documents(storage)["a.txt"]
    assert stored == report.documents[0]
    assert Path(stored.location).read_text() == "One."
    assert is_upload(stored, storage)
    assert source_state(stored) == "same"


def test_an_open_index_sees_an_upload_and_a_removal_at_once(storage: Path) -> None:
    upload(storage, ("a.txt", "One apple."))
    index = open_index(storage)
    upload(storage, ("b.txt", "Two pears."))
    assert [hit.passage.text for hit in index.search("pears", 9) if hit.lexical_rank] == ["Two pears."]
    remove_document(index.documents()[1].id, storage)
    assert [hit.passage.text for hit in index.search("pears", 9)] == ["One apple."]
    index.close()


def test_a_file_of_the_same_name_takes_the_place_of_the_earlier_one(storage: Path) -> None:
    (first,) = upload(storage, ("a.txt", "One."), tags=["x"]).documents
    (second,) = upload(storage, ("a.txt", "One, changed."), tags=["y"]).documents
    assert second.id == first.id
    assert texts(storage) == {"a.txt": "One, changed."}
    assert second.tags == ("x", "y")
    assert [path.read_text() for path in (storage / "uploads").rglob("*.txt")] == ["One, changed."]


def test_the_same_content_is_kept_once(storage: Path, counting_embedder: CountingEmbedder) -> None:
    upload(storage, ("a.txt", "One."), tags=["x"])
    embedded = len(counting_embedder.texts)
    (again,) = upload(storage, ("copy of a.txt", "One."), tags=["y"]).documents
    assert (again.path, again.tags) == ("a.txt", ("x", "y"))
    assert texts(storage) == {"a.txt": "One."}
    assert len(counting_embedder.texts) == embedded


def test_the_same_bytes_as_another_kind_of_file_have_an_original_of_their_own(storage: Path) -> None:
    upload(storage, ("a.txt", "One."), ("a.md", "One."))
    assert upload(storage, ("a.json", "One.")).failed  # which is no JSON
    remove_document(documents(storage)["a.md"].id, storage)
    assert source_state(documents(storage)["a.txt"]) == "same"
    assert originals(storage) == ["a.txt"]


def test_what_cannot_be_read_is_told_of_by_its_name_alone(storage: Path) -> None:
    ((name, reason),) = upload(storage, ("a.json", "One.")).failed
    assert name == "a.json"
    assert reason.startswith("a.json: it is no JSON")
    assert str(storage) not in reason


def test_two_files_of_one_name_in_one_call_are_both_kept(storage: Path) -> None:
    upload(storage, ("x/a.txt", "One."), ("y/a.txt", "Two."), ("z/a.txt", "One."))
    assert texts(storage) == {"a.txt": "One.", "a (2).txt": "Two."}


def test_a_bad_file_stops_nothing_and_leaves_nothing(storage: Path) -> None:
    report = upload(storage, ("a.txt", "One."), ("b.pdf", "%PDF-1.4 nothing"), ("c.exe", "x"), ("d.txt", "  "))
    assert [document.path for document in report.documents] == ["a.txt"]
    assert [name for name, _ in report.failed] == ["b.pdf", "c.exe", "d.txt"]
    assert "no whole PDF" in report.failed[0][1]
    assert "files of this kind are not read" in report.failed[1][1]
    assert originals(storage) == ["a.txt"]


def test_a_bad_new_version_leaves_the_old_one(storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    assert upload(storage, ("a.txt", "\0")).failed
    assert texts(storage) == {"a.txt": "One."}
    assert originals(storage) == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\a b.txt", "a b.txt"),
        ("..", "document"),
        ("/", "document"),
        (".hidden.txt", "hidden.txt"),
        ("a\n\u202eb\0.txt", "ab.txt"),
        ("ü" * 300 + ".txt", "ü" * 73 + ".txt"),
        ("\ud800.txt", "txt"),
    ],
)
def test_names_stay_in_their_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_what_a_kill_left_of_an_upload_is_swept_away(storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    left = storage / "uploads" / "0123456789abcdef"
    left.mkdir()
    (left / "b.txt").write_text("Half.")
    upload(storage, ("c.txt", "Three."))
    assert originals(storage) == ["a.txt", "c.txt"]


@pytest.fixture
def no_room_for_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which there is room for files of a kilobyte at most."""
    sync_to_disk = os.fsync

    def fsync(file: int) -> None:
        if os.fstat(file).st_size > 1000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync_to_disk(file)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.usefixtures("no_room_for_much")
def test_a_full_disk_costs_the_files_that_find_no_room_and_leaves_nothing_of_them(storage: Path) -> None:
    report = upload(storage, ("a.txt", "One."), ("b.txt", "Two. " * 500), ("c.txt", "Three."))
    assert [document.path for document in report.documents] == ["a.txt", "c.txt"]
    ((name, reason),) = report.failed
    assert name == "b.txt"
    assert reason.endswith("is full. Make room and upload b.txt again.")
    with pytest.raises(StorageFull, match="Make room"):
        upload(storage, ("a.txt", "One, and more. " * 500))
    assert texts(storage) == {"a.txt": "One.", "c.txt": "Three."}
    assert originals(storage) == ["a.txt", "c.txt"]


def test_where_the_index_itself_has_no_room_the_original_goes_too(
    storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(storage, ("a.txt", "One."))
    prepare = SqliteStore._prepare

    def small(store: SqliteStore, create: dict[str, str] | None) -> None:
        prepare(store, create)
        store._db.execute("PRAGMA max_page_count = 40")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "_prepare", small)
        with pytest.raises(StorageFull):
            upload(storage, ("b.txt", "Two. " * 20_000))
    assert texts(storage) == {"a.txt": "One."}
    assert originals(storage) == ["a.txt"]
    upload(storage, ("b.txt", "Two."))
    assert originals(storage) == ["a.txt", "b.txt"]


def test_pruning_any_folder_keeps_uploads(folder: Folder, storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    root = folder({"b.txt": "Two."})
    sync([root.parent], storage)
    assert set(texts(storage)) == {"a.txt", "b.txt"}
    (root / "b.txt").unlink()
    sync([root.parent], storage, prune=True)
    assert set(texts(storage)) == {"a.txt"}


def test_removing_an_upload_removes_its_original_and_a_folders_file_stays(folder: Folder, storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    root = folder({"b.txt": "Two."})
    sync([root], storage)
    for document in documents(storage).values():
        remove_document(document.id, storage)
    assert documents(storage) == {}
    assert originals(storage) == []
    assert (root / "b.txt").exists()
    with pytest.raises(DocumentUnknown):
        remove_document("nothing", storage)


def test_removing_from_no_index_makes_none(storage: Path) -> None:
    with pytest.raises(IndexMissing):
        remove_document("x", storage)
    assert not storage.exists()


def test_a_storage_that_was_moved_still_has_its_originals(storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    moved = storage.rename(storage.with_name("moved"))
    assert source_state(documents(moved)["a.txt"]) == "same"


def test_an_upload_waits_for_another_writer_and_is_told(storage: Path) -> None:
    upload(storage, ("a.txt", "One."))
    with one_writer(str(storage)), pytest.raises(IndexBusy):
        upload(storage, ("b.txt", "Two."), wait=0.1)
    assert texts(storage) == {"a.txt": "One."}


# Tags and limits


def test_tags_are_set_without_embedding_and_stay_when_the_file_changes(
    folder: Folder, storage: Path, counting_embedder: CountingEmbedder
) -> None:
    root = folder({"a.txt": "One."})
    sync([root], storage)
    embedded = len(counting_embedder.texts)
    assert sync([root], storage, tags=["x", "y"]).tagged == ("a.txt",)
    assert sync([root], storage, tags=["y", "x"]).unchanged == ("a.txt",)
    assert len(counting_embedder.texts) == embedded
    folder({"a.txt": "One, changed."})
    sync([root], storage)
    assert documents(storage)["a.txt"].tags == ("x", "y")
    sync([root], storage, tags=[])
    assert documents(storage)["a.txt"].tags == ()


def test_a_search_is_limited_to_documents_or_tags(folder: Folder, storage: Path) -> None:
    upload(storage, ("a.txt", "The apple is red."), tags=["fruit"])
    upload(storage, ("b.txt", "The apple is green."), tags=["fruit", "new"])
    upload(storage, ("c.txt", "The apple is blue."))
    index = open_index(storage)
    ids = {document.path: document.id for document in index.documents()}
    paths = {id_: path for path, id_ in ids.items()}

    def found(**where: frozenset[str]) -> set[str]:
        dense = index.search("apple", 9, Where(**where))
        assert {hit.lexical_rank is not None for hit in dense} <= {True}
        return {paths[hit.passage.document_id] for hit in dense}

    assert found() == {"a.txt", "b.txt", "c.txt"}
    assert found(tags=frozenset({"new"})) == {"b.txt"}
    assert found(tags=frozenset({"fruit"}), documents=frozenset({ids["c.txt"]})) == {"a.txt", "b.txt", "c.txt"}
    assert found(tags=frozenset({"none"})) == set()
    assert found(documents=frozenset()) == set()
    assert only(index, []) == Where()
    for name, expected in {
        "FRUIT": {"a.txt", "b.txt"},
        "c.txt": {"c.txt"},
        ids["a.txt"]: {"a.txt"},
        "C": {"c.txt"},
    }.items():
        assert {paths[id_] for id_ in only(index, [name]).documents or ()} == expected
    with pytest.raises(DocumentUnknown, match=r"'vegetables'\. Tags: fruit, new\."):
        only(index, ["fruit", "vegetables"])
    index.close()


# Renamed and unreadable


def test_watching_begins_with_what_changed_since_the_last_sync(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One."})
    sync([root], storage)
    folder({"b.txt": "Two."})
    told: list[str] = []
    reports = watch([root], storage, ready=lambda: told.append("ready"))
    first = next(reports)
    reports.close()
    assert (first.added, first.unchanged, told) == (("b.txt",), ("a.txt",), ["ready"])


def test_a_renamed_file_is_neither_read_nor_embedded_again(
    folder: Folder, storage: Path, shared_reader: SharedReader, counting_embedder: CountingEmbedder
) -> None:
    root = folder({"a.txt": "One apple.", "sub/b.txt": "Two pears."})
    sync([root], storage, tags=["x"])
    asked, embedded = len(shared_reader.asked), len(counting_embedder.texts)
    (root / "a.txt").rename(root / "new name.txt")
    (root / "sub").rename(root / "moved")
    report = sync([root], storage)
    assert set(report.moved) == {"new name.txt", "moved/b.txt"}
    assert (len(shared_reader.asked), len(counting_embedder.texts)) == (asked, embedded)
    moved = documents(storage)
    assert set(moved) == {"new name.txt", "moved/b.txt"}
    assert (moved["new name.txt"].title, moved["new name.txt"].tags) == ("new name", ("x",))
    index = open_index(storage)
    assert index.store.counts() == (2, 2)
    (hit,) = index.search("name", 9, Where(documents=frozenset({moved["new name.txt"].id})))
    assert (hit.passage.title, hit.lexical_rank) == ("new name", 1)
    index.close()
    assert len(sync([root], storage).unchanged) == 2


def test_a_documents_id_is_of_its_path_the_same_everywhere_and_stays_when_it_is_renamed(
    folder: Folder, storage: Path
) -> None:
    root = folder({"a.txt": "One."})
    sync([root], storage)
    first = documents(storage)["a.txt"].id
    assert first == document_id("a.txt")
    (root / "a.txt").rename(root / "b.txt")
    assert sync([root], storage).moved == ("b.txt",)
    folder({"a.txt": "Another."})
    assert sync([root], storage).added == ("a.txt",)
    found = documents(storage)
    assert found["b.txt"].id == first
    assert found["a.txt"].id not in (first, None)
    assert {path: document.text for path, document in found.items()} == {"a.txt": "Another.", "b.txt": "One."}
    folder({"a.txt": "Another, changed."})
    assert sync([root], storage).replaced == ("a.txt",)
    assert documents(storage)["a.txt"].id == found["a.txt"].id


def test_two_folders_with_the_same_names_are_all_kept(folder: Folder, storage: Path) -> None:
    root = folder({"x/a.txt": "One.", "y/a.txt": "Two."})
    for name in ("x", "y"):
        os.chdir(root / name)
        sync(["."], storage)
    index = open_index(storage)
    assert {document.text for document in index.documents()} == {"One.", "Two."}
    index.close()


def test_a_copy_is_another_document(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One."})
    sync([root], storage)
    shutil.copy(root / "a.txt", root / "b.txt")
    assert sync([root], storage).added == ("b.txt",)


def test_a_moved_folder_is_followed_and_nothing_of_the_old_place_is_left(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    sync([root], storage)
    os.chdir(root.parent)
    elsewhere = root.rename(root.with_name("elsewhere"))
    report = sync([elsewhere], storage, prune=True)
    assert len(report.moved) == 2
    assert set(texts(storage)) == {"elsewhere/a.txt", "elsewhere/b.txt"}


def test_a_folder_that_cannot_be_looked_into_is_reported_and_nothing_of_it_is_pruned(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": "One.", "locked/b.txt": "Two."})
    sync([root], storage)
    scandir, look = os.scandir, Path.stat

    def denied(path: object) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, os.strerror(13), str(path))
        return scandir(path)  # type: ignore[call-overload]

    def unseen(path: Path, **options: bool) -> os.stat_result:
        if "locked" in path.parts:
            raise PermissionError(13, os.strerror(13), str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "scandir", denied)
    monkeypatch.setattr(Path, "stat", unseen)
    report = sync([root], storage, prune=True)
    assert [reason for _, reason in report.failed] == [f"{root / 'locked'}: cannot be looked into (Permission denied)."]
    assert (report.unchanged, report.removed) == (("a.txt",), ())


def test_a_file_that_cannot_be_looked_at_is_reported(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that may be listed but not entered."""
    root = folder({"a.txt": "One.", "listed/b.txt": "Two."})
    look = Path.stat

    def unseen(path: Path, **options: bool) -> os.stat_result:
        if path.name == "b.txt":
            raise PermissionError(13, os.strerror(13), str(path))
        return look(path, **options)

    monkeypatch.setattr(Path, "stat", unseen)
    report = sync([root], storage)
    assert (report.added, [path for path, _ in report.failed]) == (("a.txt",), [str(root / "listed" / "b.txt")])
    assert "Permission denied" in report.failed[0][1]


def test_a_document_is_read_again_on_its_own(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    sync([root], storage, tags=["x"])
    before = documents(storage)["a.txt"]
    folder({"a.txt": "One, changed.", "b.txt": "Two, changed."})
    again = reindex_document(before.id, storage)
    assert (again.id, again.path, again.tags, again.text) == (before.id, "a.txt", ("x",), "One, changed.")
    assert texts(storage) == {"a.txt": "One, changed.", "b.txt": "Two."}
    (root / "a.txt").unlink()
    with pytest.raises(SourceUnreadable):
        reindex_document(before.id, storage)
    with pytest.raises(DocumentUnknown):
        reindex_document("nothing", storage)
    assert texts(storage)["a.txt"] == "One, changed."


def test_a_file_is_read_again_only_when_it_may_have_changed(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": "One."})
    sync([root], storage)
    document = documents(storage)["a.txt"]
    asked: list[Path] = []
    digest = sources.file_digest
    monkeypatch.setattr(sources, "file_digest", lambda location: asked.append(location) or digest(location))
    os.utime(root / "a.txt", (1, 1))
    assert [source_state(document) for _ in range(3)] == ["same"] * 3
    assert len(asked) == 1
    (root / "a.txt").write_text("Two.")
    assert [source_state(document) for _ in range(3)] == ["changed"] * 3
    assert len(asked) == 4  # it has just changed: its time may not tell the next change
    (root / "a.txt").write_text("One.")
    os.utime(root / "a.txt", (1, 1))
    assert source_state(document) == "same"
    (root / "a.txt").unlink()
    assert source_state(document) == "missing"


# Rebuilding


def test_a_rebuild_reads_again_what_is_there_and_keeps_what_is_gone(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    sync([root], storage, tags=["x"])
    upload(storage, ("c.txt", "Three."))
    before = documents(storage)
    folder({"a.txt": "One, changed."})
    (root / "b.txt").unlink()
    reader = open_index(storage)
    assert len(reader.search("Two", 9)) == 3
    report = rebuild(storage)
    assert (set(report.replaced), report.unchanged) == ({"a.txt", "c.txt"}, ("b.txt",))
    assert texts(storage) == {"a.txt": "One, changed.", "b.txt": "Two.", "c.txt": "Three."}
    after = documents(storage)
    assert {p: (d.id, d.tags, d.location) for p, d in after.items()} == {
        p: (d.id, d.tags, d.location) for p, d in before.items()
    }
    # Whoever had the index open goes on, and sees the new one.
    assert len(reader.search("One changed", 9)) == 3
    assert reader.document(after["a.txt"].id).text == "One, changed."
    reader.close()
    assert [path.name for path in storage.iterdir() if "rebuild" in path.name] == []


def test_a_rebuild_with_another_embedder_is_used_at_once(folder: Folder, storage: Path) -> None:
    sync([folder({"a.txt": "The apple is red."})], storage)
    reader = open_index(storage)
    rebuild(storage, embedder="minilm")
    (hit,) = reader.search("What colour is the fruit?", 9)
    assert reader.embedder.name == "minilm"
    assert hit.cosine > 0.3
    reader.close()
    with pytest.raises(IndexMismatch, match=f"qa index --rebuild --embedder word-length --storage {storage}"):
        sync([folder({})], storage, embedder="word-length")


FORMAT_1 = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO manifest VALUES ('format', '1'), ('embedder', 'word-length'), ('generation', '7');
CREATE TABLE documents (id TEXT PRIMARY KEY, title TEXT NOT NULL, path TEXT NOT NULL, location TEXT NOT NULL,
    text TEXT NOT NULL, sha256 TEXT NOT NULL, pages TEXT, headings TEXT NOT NULL);
INSERT INTO documents VALUES ('d', 'Title', 'a.txt', '/nowhere/a.txt', 'The old text.', 'ff', '[0]', '[[0, 3, 2]]');
PRAGMA user_version = 1;
"""


def test_an_index_of_the_first_format_is_brought_up_to_date(storage: Path) -> None:
    storage.mkdir()
    with sqlite3.connect(storage / FILE_NAME) as db:
        db.executescript(FORMAT_1)
    db.close()
    with pytest.raises(IndexMismatch, match=f"has format 1; .* qa index --rebuild --storage {storage}"):
        open_index(storage)
    assert rebuild(storage).unchanged == ("a.txt",)
    assert texts(storage) == {"a.txt": "The old text."}


def test_a_rebuild_that_fails_leaves_the_old_index(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync([folder({"a.txt": "One.", "b.txt": "Two."})], storage)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(storage, progress=lambda done, total, name: interrupted() if done else None)
    assert texts(storage) == {"a.txt": "One.", "b.txt": "Two."}
    assert sorted(path.name for path in storage.iterdir() if path.is_dir()) == []
    with pytest.raises(IndexMissing):
        rebuild(storage.with_name("nowhere"))


# Elsewhere


def test_an_index_is_carried_elsewhere_as_one_file(folder: Folder, storage: Path, tmp_path: Path) -> None:
    sync([folder({"a.txt": "One apple."})], storage)
    upload(storage, ("b.txt", "Two pears."), tags=["x"])
    assert export_index(tmp_path / "index.zip", storage) == 2
    assert import_index(tmp_path / "index.zip", tmp_path / "there") == 2
    assert texts(tmp_path / "there") == texts(storage)
    carried = documents(tmp_path / "there")["b.txt"]
    assert Path(carried.location).read_text() == "Two pears."
    assert Path(carried.location).is_relative_to(tmp_path / "there")
    assert carried.tags == ("x",)
    for there in (storage, tmp_path / "there"):
        index = open_index(there)
        assert [hit.passage.text for hit in index.search("pears", 1)] == [
            hit.passage.text for hit in index.search("pears", 1)
        ]
        index.close()
    with pytest.raises(StorageError, match="is there already"):
        export_index(tmp_path / "index.zip", storage)
    with pytest.raises(StorageError, match="There is an index"):
        import_index(tmp_path / "index.zip", storage)


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "uploads/../../evil", "uploads/x/.evil", "other.txt"])
def test_an_import_unpacks_nothing_elsewhere(storage: Path, tmp_path: Path, name: str) -> None:
    upload(storage, ("a.txt", "One."))
    export_index(tmp_path / "index.zip", storage)
    with zipfile.ZipFile(tmp_path / "index.zip", "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(IndexDamaged, match="which no export has"):
        import_index(tmp_path / "index.zip", tmp_path / "there")
    assert not (tmp_path / "evil.txt").exists()
    assert [path.name for path in (tmp_path / "there").iterdir()] == [".writer.lock"]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(99)])
def test_what_is_no_export_is_refused(tmp_path: Path, storage: Path, content: bytes) -> None:
    (tmp_path / "index.zip").write_bytes(content)
    with pytest.raises(IndexDamaged):
        import_index(tmp_path / "index.zip", storage)
    with pytest.raises(StorageError, match="There is no file"):
        import_index(tmp_path / "nothing.zip", storage)


def without_roots_powers() -> None:
    """Root may write anywhere; not without these capabilities."""
    prctl, drop = ctypes.CDLL(None).prctl, 24
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        prctl(drop, capability, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_an_index_in_a_folder_where_nothing_may_be_written_can_be_asked(storage: Path) -> None:
    upload(storage, ("a.txt", "The apple is red."))
    code = f"""
import os
assert not os.access({str(storage)!r}, os.W_OK)
from index.manifest import open_index
index = open_index({str(storage)!r})
print(index.search("apple", 1)[0].passage.text)
"""
    for path in (*storage.rglob("*"), storage):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, preexec_fn=without_roots_powers
        )
    finally:
        storage.chmod(0o755)
    assert done.stdout == "The apple is red.\n", done.stderr
