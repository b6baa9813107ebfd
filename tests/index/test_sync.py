import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from filelock import FileLock

from index.embed import VERSIONS
from index.errors import EmbedderError, IndexBusy, IndexMismatch, IndexMissing, NoSources, StorageError, StorageFull
from index.passages import Splitter, split
from index.rebuild import rebuild
from index.store import Content
from index.store.sqlite import SqliteStore
from index.sync import SyncReport, embedded_text, open_index, sync
from index.types import Passage
from tests.conftest import PROJECT
from tests.index.conftest import CountingEmbedder, SharedReader

index_sync = import_module("index.sync")  # the package has a function of this name
Folder = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("shared_reader")


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture(autouse=True)
def in_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are reported from the current folder."""
    (tmp_path / "sources").mkdir()
    monkeypatch.chdir(tmp_path / "sources")


def index_words(sources: Path, storage: Path, **options: object) -> SyncReport:
    return sync([sources], storage, embedder="word-length", **options)  # type: ignore[arg-type]


def texts(storage: Path) -> dict[str, str]:
    """Path → text of each document, after checking that the index is whole."""
    opened = open_index(storage)
    documents = opened.documents()
    expected = [passage for document in documents for passage in split(document)]
    assert opened.store.counts() == (len(documents), len(expected))
    assert opened.store.get([passage.id for passage in expected]) == {passage.id: passage for passage in expected}
    assert len(opened.store.dense(opened.embedder.embed_question("x"), 10_000)) == len(expected)
    opened.close()
    return {document.path: document.text for document in documents}


def test_what_is_new_is_added_what_changed_is_replaced_and_what_is_gone_is_removed(
    folder: Folder, storage: Path
) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two.", "c.txt": "Three."})
    assert index_words(root, storage) == SyncReport(added=("a.txt", "b.txt", "c.txt"), passages=3)
    folder({"b.txt": "Two changed.", "d.txt": "Four."})
    (root / "c.txt").unlink()
    assert index_words(root, storage, prune=True) == SyncReport(
        added=("d.txt",), replaced=("b.txt",), unchanged=("a.txt",), removed=("c.txt",), passages=2
    )
    assert texts(storage) == {"a.txt": "One.", "b.txt": "Two changed.", "d.txt": "Four."}


def test_without_prune_nothing_is_removed(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    index_words(root, storage)
    (root / "b.txt").unlink()
    assert index_words(root, storage) == SyncReport(unchanged=("a.txt",))
    assert set(texts(storage)) == {"a.txt", "b.txt"}


def test_pruning_touches_only_what_lies_below_the_sources(folder: Folder, storage: Path) -> None:
    root = folder({"x/a.txt": "One.", "y/b.txt": "Two."})
    index_words(root, storage)
    (root / "x" / "a.txt").unlink()
    (root / "y" / "b.txt").unlink()
    assert index_words(root / "x", storage, prune=True).removed == ("x/a.txt",)
    assert set(texts(storage)) == {"y/b.txt"}
    assert index_words(root / "y" / "b.txt", storage, prune=True).removed == ("y/b.txt",)
    assert texts(storage) == {}


def test_pruning_keeps_what_cannot_be_looked_at(folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    index_words(root, storage)
    (root / "a.txt").unlink()
    monkeypatch.setattr(index_sync, "is_gone", lambda location: False)
    assert index_words(root, storage, prune=True).removed == ()


def test_an_unchanged_file_is_neither_read_nor_embedded(
    folder: Folder, storage: Path, shared_reader: SharedReader, counting_embedder: CountingEmbedder
) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    index_words(root, storage)
    assert (shared_reader.asked, counting_embedder.texts) == (["a.txt", "b.txt"], ["a\nOne.", "b\nTwo."])
    os.utime(root / "a.txt", (1, 1))
    folder({"b.txt": "Two changed."})
    index_words(root, storage)
    assert (shared_reader.asked[2:], counting_embedder.texts[2:]) == (["b.txt"], ["b\nTwo changed."])


def test_small_documents_are_embedded_and_committed_together(
    folder: Folder, storage: Path, counting_embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[list[str]] = []
    replace_documents = SqliteStore.replace_documents

    def replace(store: SqliteStore, contents: Sequence[Content]) -> None:
        kept.append([content[0].path for content in contents])
        replace_documents(store, contents)

    monkeypatch.setattr(SqliteStore, "replace_documents", replace)
    monkeypatch.setattr(index_sync, "GROUP_CHARACTERS", 3 * index_sync.SMALLEST)
    index_words(folder({f"{number}.txt": f"{number}." for number in range(5)}), storage)
    assert [path for paths in kept for path in paths] == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]
    assert sorted(counting_embedder.calls) == [2, 3]
    assert kept in ([["0.txt", "1.txt", "2.txt"], ["3.txt", "4.txt"]], [["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]])
    assert set(texts(storage)) == {"0.txt", "1.txt", "2.txt", "3.txt", "4.txt"}


def test_a_bad_file_stops_nothing_and_its_old_version_stays(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two."})
    index_words(root, storage)
    folder({"a.txt": b"\xff", "b.txt": "Two changed.", "c.txt": ""})
    report = index_words(root, storage)
    assert report.replaced == ("b.txt",)
    assert [path for path, _ in report.failed] == [str(root / "a.txt"), str(root / "c.txt")]
    assert "a.txt: byte 0 is not UTF-8" in report.failed[0][1]
    assert "c.txt: the file has no text." in report.failed[1][1]
    assert texts(storage) == {"a.txt": "One.", "b.txt": "Two changed."}


def test_where_no_file_can_be_read_no_index_is_left(folder: Folder, storage: Path) -> None:
    report = index_words(folder({"a.txt": b"\xff"}), storage)
    assert len(report.failed) == 1
    with pytest.raises(IndexMissing):
        open_index(storage)


def test_any_file_name_can_be_indexed(folder: Folder, storage: Path) -> None:
    names = [
        "with space.txt",
        "q\"'.txt",
        "ünï🙂.txt",
        "line\nbreak.txt",
        "; DROP TABLE x.txt",
        os.fsdecode(b"a\xff.txt"),
    ]
    root = folder(dict.fromkeys(names, "One."))
    told: list[str] = []
    report = index_words(root, storage, progress=lambda done, total, name: told.append(name))
    shown = {name.replace("\udcff", "\ufffd") for name in names}
    assert set(report.added) == set(texts(storage)) == shown
    assert {*told} == {*shown, ""}
    json.dumps(report.added, ensure_ascii=False).encode()
    assert len(index_words(root, storage).unchanged) == 6
    for name in names:
        (root / name).unlink()
    assert len(index_words(root, storage, prune=True).removed) == 6


def test_progress_is_told_before_each_file_and_at_the_end(folder: Folder, storage: Path) -> None:
    told: list[tuple[int, int, str]] = []
    index_words(folder({"a.txt": "One.", "b.txt": b"\xff"}), storage, progress=lambda *step: told.append(step))
    assert told == [(0, 2, "a.txt"), (1, 2, "b.txt"), (2, 2, "")]


def test_a_folder_without_sources_leaves_no_trace(folder: Folder, storage: Path) -> None:
    with pytest.raises(NoSources):
        index_words(folder({}), storage)
    assert not storage.exists()


def test_a_uri_that_no_store_opens_leaves_no_trace(folder: Folder) -> None:
    with pytest.raises(StorageError, match="No store for 'redis://x'"):
        sync([folder({"a.txt": "One."})], "redis://x")
    assert os.listdir() == ["a.txt"]


def test_the_title_and_the_section_are_embedded_with_a_passage_that_does_not_hold_them() -> None:
    assert embedded_text(Passage("p", "d", 0, 9, "The text.", "Part", "Title")) == "Title – Part\nThe text."
    assert embedded_text(Passage("p", "d", 0, 9, "Part. The text.", "Part", "Title")) == "Title\nPart. The text."
    assert embedded_text(Passage("p", "d", 0, 9, "Title. Part.", "Part", "Title")) == "Title. Part."


def test_an_index_of_another_embedder_names_both_and_the_command_that_mends_it(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One."})
    index_words(root, storage)
    for use in (lambda: open_index(storage, "minilm"), lambda: sync([root], storage, embedder="minilm")):
        with pytest.raises(IndexMismatch) as caught:
            use()
        assert str(caught.value) == (
            f"The index at {storage}/ was made with the embedder word-length, not minilm. Leave --embedder out, or "
            f"make it anew with: qa index --rebuild --embedder minilm --storage {storage}"
        )
    opened = open_index(storage)
    assert opened.embedder.name == "word-length"
    opened.close()


def test_an_index_that_was_split_otherwise_is_refused(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_words(folder({"a.txt": "One."}), storage)
    monkeypatch.setattr(Splitter, "settings", lambda self: {"max_pieces": 99})
    with pytest.raises(IndexMismatch, match="was split with max_pieces 130, but this version uses 99"):
        open_index(storage)


def test_an_index_with_vectors_that_its_embedder_no_longer_makes_is_refused_and_rebuilt(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = folder({"a.txt": "One."})
    index_words(texts, storage)
    monkeypatch.setitem(VERSIONS, "word-length", 2)
    for use in (lambda: open_index(storage), lambda: index_words(texts, storage)):
        with pytest.raises(
            IndexMismatch, match=r"an earlier version of word-length\. .* qa index --rebuild --storage "
        ):
            use()
    rebuild(storage)
    opened = open_index(storage)
    assert opened.store.manifest()["vectors"] == "2"
    opened.close()


def test_an_unknown_embedder_leaves_no_index(folder: Folder, storage: Path) -> None:
    with pytest.raises(EmbedderError, match="No embedder is called 'nothing'"):
        sync([folder({"a.txt": "One."})], storage, embedder="nothing")
    with pytest.raises(IndexMissing):
        open_index(storage)


def test_a_full_disk_keeps_what_was_done_and_the_next_sync_goes_on(
    folder: Folder, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": "One.", "b.txt": "Two. " * 20_000, "c.txt": "Three."})
    prepare = SqliteStore._prepare

    def small(store: SqliteStore, create: dict[str, str] | None) -> None:
        prepare(store, create)
        store._db.execute("PRAGMA max_page_count = 40")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "_prepare", small)
        with pytest.raises(StorageFull):
            index_words(root, storage)
    assert texts(storage) == {"a.txt": "One."}
    assert index_words(root, storage).added == ("b.txt", "c.txt")


def test_a_storage_that_cannot_be_made_is_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    root = folder({"a.txt": "One."})
    with pytest.raises(StorageError, match=r"is a file\. --storage needs a folder"):
        index_words(root, tmp_path / "file")
    with pytest.raises(StorageError, match=r"Cannot write to .* Choose another --storage"):
        index_words(root, tmp_path / "file" / "storage")


def test_a_lock_that_is_held_means_busy_and_reading_goes_on(folder: Folder, storage: Path) -> None:
    root = folder({"a.txt": "One."})
    index_words(root, storage)
    with FileLock(storage / ".writer.lock"):
        with pytest.raises(IndexBusy, match=f"Another process is indexing into {storage}/. Wait until it is done"):
            index_words(root, storage)
        assert texts(storage) == {"a.txt": "One."}
    assert index_words(root, storage).unchanged == ("a.txt",)


# Other processes: `qa index` on many files, stopped in the middle.

FILES = 2000


@contextmanager
def indexing(root: Path, storage: Path, at_least: int = 5) -> Iterator[subprocess.Popen[str]]:
    """`qa index` in a process of its own, caught when some documents are in the index and others are not."""
    command = [
        sys.executable,
        "-m",
        "qa.cli",
        "index",
        str(root),
        "--storage",
        str(storage),
        "--embedder",
        "word-length",
    ]
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while stored(storage) < at_least:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


def stored(storage: Path) -> int:
    try:
        opened = open_index(storage)
    except (IndexMissing, IndexMismatch):
        return 0
    try:
        return opened.store.counts()[0]
    finally:
        opened.close()


@pytest.fixture
def many(folder: Folder) -> Path:
    return folder({f"{number:04}.txt": f"This is file {number}. " * 40 for number in range(FILES)})


def check_goes_on(many: Path, storage: Path, done: Sequence[str]) -> None:
    """What was done is whole and is not done again."""
    assert 5 <= len(done) < FILES
    report = index_words(many, storage)
    assert (len(report.unchanged), len(report.added)) == (len(done), FILES - len(done))
    assert len(texts(storage)) == FILES


def test_a_killed_sync_leaves_whole_documents_and_the_next_goes_on(many: Path, storage: Path) -> None:
    with indexing(many, storage) as process:
        with pytest.raises(IndexBusy):
            index_words(many, storage)
        process.send_signal(signal.SIGKILL)
        process.wait()
    check_goes_on(many, storage, list(texts(storage)))


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_sync_exits_with_130_says_what_is_safe_and_the_next_goes_on(
    many: Path, storage: Path, kind: signal.Signals
) -> None:
    with indexing(many, storage) as process:
        process.send_signal(kind)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    done = list(texts(storage))
    said = re.search(r"Stopped\. (\d+) files done before", told)
    assert said
    assert 0 <= int(said[1]) <= len(done)  # the signal may come between a commit and its counting
    assert f"what was indexed is safe in {storage}/." in told
    assert "Traceback" not in told
    check_goes_on(many, storage, done)
