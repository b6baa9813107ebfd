"""Several workers share one corpus, and several servers one index."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest

from index.errors import IndexBusy, IndexMissing, SourceError, StorageError
from index.part import WHOLE, Part
from index.store import Store, open_store
from index.sync import sync
from index.writer import one_writer
from tests.conftest import PROJECT
from tests.index.stores import NEEDS, STORES_UNDER_TEST

WORKERS = 4
FILES = 60


def test_each_file_falls_to_just_one_worker() -> None:
    parts = [Part(number, 5) for number in range(1, 6)]
    shares = Counter(part.worker for n in range(1000) for part in parts if part.has(f"/notes/{n}\udcff.txt"))
    assert sum(shares.values()) == 1000
    assert min(shares.values()) > 150
    assert all(WHOLE.has(place) for place in ("", "/a"))


def test_a_worker_is_named_by_its_number_and_how_many_there_are() -> None:
    assert Part.named("2/5") == Part(2, 5)
    assert Part.named("1/1").whole
    for name in ("", "0/5", "6/5", "2", "2/", "-1/5", "1/0", "1/5\n", "٢/5", "a/b"):
        with pytest.raises(SourceError, match=r"is no worker's part\. The second of five workers is 2/5"):
            Part.named(name)


@pytest.mark.parametrize("scheme", ["", "lancedb://"])
def test_workers_need_a_store_with_several_writers(scheme: str, tmp_path: Path) -> None:
    storage = f"{scheme}{tmp_path / 'storage'}"
    with pytest.raises(StorageError, match=r"has one writer at a time\. Workers share an index on a Milvus server"):
        sync([PROJECT / "seeds"], storage, part=Part(1, 2))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    pytest.importorskip(NEEDS["milvus"], reason="needs Milvus Lite: make test-stores")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return STORES_UNDER_TEST["milvus"](tmp_path), STORES_UNDER_TEST["milvus"](tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    for number in range(FILES):
        file = notes / f"{number % 7}" / f"note {number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Note {number}. The harbour of town {number} froze in winter {1900 + number}.\n" * 3)
    return notes


def worker(number: int, folder: Path, uri: str, **environment: str) -> subprocess.Popen[bytes]:
    command = ["index", str(folder), "--storage", uri, "--worker", f"{number}/{WORKERS}", "--embedder", "word-length"]
    return subprocess.Popen(
        [sys.executable, "-m", "qa.cli", *command, "--prune"], cwd=PROJECT, env=os.environ | environment
    )


def all_of(store: Store) -> list[object]:
    contents = store.contents([*store.sizes()])
    return [(document, passages, vectors.tolist()) for document, passages, vectors in contents]


def assert_same(uris: tuple[str, str]) -> None:
    with ExitStack() as closed:
        first, second = (closed.enter_context(closing(open_store(uri))) for uri in uris)
        assert all_of(first) == all_of(second)
        assert first.manifest() == second.manifest()
        for question in ("harbour", "town 7", "winter 1912 froze"):
            assert first.text(question, 50) == second.text(question, 50)


@pytest.mark.timeout(300)
def test_four_workers_at_once_make_the_index_that_one_makes(uris: tuple[str, str], folder: Path) -> None:
    one, shared = uris
    assert len(sync([folder], one, embedder="word-length").added) == FILES
    at_once = [worker(number, folder, shared) for number in range(1, WORKERS + 1)]
    assert [process.wait(200) for process in at_once] == [0] * WORKERS
    assert_same(uris)
    again = sync([folder], shared, prune=True, part=Part(3, WORKERS))
    assert len(again.unchanged) > 5
    assert again.passages == len(again.removed) == 0


@pytest.mark.timeout(300)
def test_workers_that_are_killed_and_started_again_miss_and_double_nothing(uris: tuple[str, str], folder: Path) -> None:
    one, shared = uris
    for file in folder.rglob("*.txt"):
        file.write_text(file.read_text() * 50)  # so much that a worker commits more than once
    sync([folder], one, embedder="word-length")
    at_once = [worker(number, folder, shared) for number in range(1, WORKERS + 1)]
    wait_until_begun(shared)
    for process in at_once:
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    # Two have the same part by mistake, on two machines: their locks do not see each other.
    again = [worker(number, folder, shared) for number in range(1, WORKERS + 1)]
    again.append(worker(1, folder, shared, XDG_DATA_HOME=str(folder.parent / "data of another machine")))
    assert [process.wait(200) for process in again] == [0] * (WORKERS + 1)
    assert_same(uris)


def wait_until_begun(uri: str) -> None:
    for _ in range(1200):
        with suppress(IndexMissing), closing(open_store(uri)) as store:
            if store.counts()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("no worker has committed anything")


def test_a_worker_removes_only_what_falls_to_it(uris: tuple[str, str], folder: Path) -> None:
    uri = uris[0]
    sync([folder], uri, embedder="word-length")
    files = sorted(file.resolve() for file in folder.rglob("*.txt"))
    parts = [Part(number, 2) for number in (1, 2)]
    gone = [next(file for file in files if part.has(str(file))) for part in parts]
    for file in gone:
        file.unlink()
    assert sync([folder], uri, prune=True, part=parts[0]).removed == (str(gone[0]),)
    with closing(open_store(uri)) as store:
        assert store.counts()[0] == FILES - 1
    assert sync([folder], uri, prune=True, part=parts[1]).removed == (str(gone[1]),)


def test_one_part_has_one_worker_on_a_machine(uris: tuple[str, str]) -> None:
    with ExitStack() as locked:
        for number in (1, 2):
            locked.enter_context(one_writer(uris[0], part=Part(number, 2)))
        with pytest.raises(IndexBusy):
            locked.enter_context(one_writer(uris[0], part=Part(1, 2)))


@pytest.fixture
def servers(uris: tuple[str, str], folder: Path) -> Iterator[list[httpx.Client]]:
    """Two processes of `qa serve` over one index."""
    sync([folder], uris[0])
    with ExitStack() as closed:
        clients = []
        for _ in range(2):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = str(free.getsockname()[1])
            command = [sys.executable, "-m", "qa.cli", "serve", "--storage", uris[0], "--port", port]
            process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            closed.callback(process.wait, 60)
            closed.callback(process.terminate)
            client = closed.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
            clients.append(client)
        for client in clients:
            wait_until_ready(client)
        yield clients


def wait_until_ready(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            if client.get("/healthz/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server is not ready")


@pytest.mark.timeout(300)
def test_what_one_server_takes_in_or_out_the_next_question_to_another_sees(servers: list[httpx.Client]) -> None:
    first, second = servers
    question = {"question": "Who repaired the lighthouse?", "k": 1}
    file = ("light.txt", b"Maria Lund repaired the lighthouse in 1931. It had been dark for years.")
    for _ in range(2):
        added = first.post("/api/documents", files={"files": file})
        assert added.status_code == 201
        (document,) = added.json()["documents"]
        (hit,) = second.post("/api/search", json=question).json()["hits"]
        assert "Maria Lund" in hit["text"]
        answers = [client.post("/api/ask", json={"question": question["question"]}).json() for client in servers]
        assert [answer["answer"] for answer in answers] == [answers[0]["answer"]] * 2
        assert answers[0]["citations"] == answers[1]["citations"]
        assert second.delete(f"/api/documents/{document['id']}").status_code == 204
        (hit,) = first.post("/api/search", json=question).json()["hits"]
        assert "Maria Lund" not in hit["text"]
