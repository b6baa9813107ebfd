"""Every row of what a file may try, by folder and by upload: it is refused with its reason, or handled as documented;
a refusal changes nothing, and the server goes on answering."""

import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from index import open_index, sync
from index.errors import SourceMissing
from index.reading import SourceReader
from index.types import Document
from qa.api import create_app
from qa.assistant import open_assistant
from tests.index.conftest import SharedReader
from tests.index.formats import writers
from tests.qa.api.conftest import LOCAL

GOOD = "The harbour bridge was opened on 19 March 1932. It is 1,149 m long and carries eight lanes."
QUESTION = {"question": "When was the harbour bridge opened?"}
LIMITS = {"FOOTNOTE_MAX_UNPACKED_MB": "20", "FOOTNOTE_READ_MEMORY_MB": "700"}
LONGEST = "n" * 251 + ".txt"
"""A file system has no longer names than 255 bytes."""
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"


@dataclass(frozen=True)
class Row:
    """What is in the file called `name`; why it is `refused`, or what its text `holds` when it is taken.

    `named` is what an upload of it is called then; `ignored` in a folder is what is no source by its name."""

    name: str
    made: Callable[[Path], object]
    refused: str = ""
    holds: str = ""
    named: str = ""
    ignored: bool = False


def holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def zipped(entries: dict[str, bytes]) -> Callable[[Path], object]:
    return lambda path: writers.archive(path, entries)


def nested(path: Path) -> None:
    inner = writers.archive(path.with_name("inner"), {"a.txt": "x"}).read_bytes()
    path.with_name("inner").unlink()
    writers.archive(path, {"inner.zip": inner})


def matryoshka(path: Path) -> None:
    """A zip within a zip within a zip, in a Word document that has a body too: only the body is read."""
    content = b"The innermost."
    for _ in range(20):
        content = writers.archive(path, {"next.zip": content}).read_bytes()
    path.unlink()
    writers.docx(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/next.zip", content)


def climbing(path: Path) -> None:
    writers.docx(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../climbed.txt", "x")
        archive.writestr("/tmp/climbed.txt", "x")


def pdf_of(*objects: bytes) -> bytes:
    numbered = b"".join(b"%d 0 obj%sendobj\n" % (number, body) for number, body in enumerate(objects, start=1))
    return b"%%PDF-1.4\n%strailer<</Root 1 0 R>>\n%%%%EOF" % numbered


def pdf_bomb(path: Path) -> None:
    """A page whose content is 400 MB, packed twice into a few kilobytes."""
    packed = zlib.compress(zlib.compress(bytes(400_000_000), 1), 9)
    stream = b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream " % (len(packed), packed)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    path.write_bytes(pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream))


def pdf_of_pages(count: int) -> bytes:
    kids = b"3 0 R " * count
    pages = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", pages, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")


def endless_pdf() -> bytes:
    """Its pages hold themselves."""
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99>>")


def linked(path: Path) -> None:
    outside = path.parent.parent / "outside.txt"
    outside.write_text("What lies outside.")
    path.symlink_to(outside)


def linked_folder(path: Path) -> None:
    outside = path.parent.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "a.txt").write_text("What lies outside.")
    path.symlink_to(outside)


ROWS = {
    "an archive": Row("a.zip", zipped({"a.txt": b"x"}), "files of this kind are not read", ignored=True),
    "an archive by another name": Row("a.docx", zipped({"a.txt": b"x"}), "this is an archive. Unpack it"),
    "an archive in an archive": Row("a.odt", nested, "this is an archive. Unpack it"),
    "archives in a document, twenty deep": Row("a.docx", matryoshka, holds="The harbour bridge"),
    "a zip bomb": Row("a.docx", zipped({"word/document.xml": bytes(21_000_000)}), "over 20 MB when unpacked"),
    "10,001 files in an archive": Row("a.epub", zipped({f"{n}": b"" for n in range(10_001)}), "10,000 are read at"),
    "a PDF bomb": Row("a.pdf", pdf_bomb, "a.pdf: "),
    "a PDF whose pages hold themselves": Row("a.pdf", holding(endless_pdf()), "a.pdf: "),
    "a PDF of 10,000 pages": Row("a.pdf", holding(pdf_of_pages(10_000)), "it has 10,000 pages; 5,000 are read at most"),
    "a line of 1 MB": Row("a.txt", holding(b"word " * 200_000), holds="word word"),
    "a line of 1 MB without a space": Row("a.txt", holding(b"x" * 1_000_000), holds="xxxx"),
    "a NUL": Row("a.txt", holding(b"a\0b"), "a NUL at byte 1"),
    "a NUL in a web page": Row("a.html", holding(b"<p>One\0 two.</p>"), holds="One two."),
    "a NUL in JSON": Row("a.json", holding(b'{"a": "x\\u0000y"}'), holds="a: xy"),
    "a lone surrogate in JSON": Row("a.json", holding(b'{"a": "x\\ud800y"}'), holds="a: x\ufffdy"),
    "a lone surrogate in UTF-8": Row("a.txt", holding(b"a\xed\xa0\x80"), "byte 1 is not UTF-8"),
    "a lone surrogate in UTF-16": Row("a.txt", holding(b"\xff\xfea\0\0\xd8b\0"), "is not UTF-16"),
    "bad UTF-8": Row("a.md", holding(b"Gr\xfc\xdfe"), "byte 2 is not UTF-8"),
    "a picture called text": Row("a.txt", holding(PNG), "a file of the kind image/png"),
    "a program called a PDF": Row("a.pdf", holding(b"\x7fELF\x02\x01\x01" + bytes(64)), "x-executable"),
    "any bytes called CSV": Row("a.csv", holding(bytes(range(256)) * 9), "is not UTF-8"),
    "entries that climb": Row("a.docx", climbing, holds="The harbour bridge"),
    "the longest name": Row(LONGEST, holding(b"A long name."), holds="A long name."),
    "a link out of the folder": Row("a.txt", linked, holds="What lies outside."),
    "a link to a folder outside": Row("a", linked_folder, ignored=True),
    "nothing": Row("a.txt", holding(b""), "the file has no text"),
}  # fmt: skip


@pytest.fixture(scope="module")
def limited_reader() -> Iterator[SourceReader]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LIMITS.items():
            patch.setenv(name, value)
        with SourceReader() as reader:
            yield reader


@pytest.fixture(autouse=True)
def read_by_it(limited_reader: SourceReader, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("index.sync", "index.uploads"):
        monkeypatch.setattr(import_module(module), "SourceReader", SharedReader(limited_reader))


def state(storage: Path) -> list[Document]:
    index = open_index(storage)
    documents = index.documents()
    assert index.search(QUESTION["question"], 1)[0].passage.text.startswith("The harbour bridge")
    index.close()
    return documents


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_in_a_folder(row: Row, tmp_path: Path) -> None:
    folder, storage = tmp_path / "sources", tmp_path / "storage"
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD)
    sync([folder], storage, embedder="word-length")
    before = state(storage)
    row.made(folder / row.name)
    report = sync([folder], storage)
    assert report.unchanged == (before[0].path,)
    if row.ignored or row.refused:
        assert state(storage) == before
        assert [row.refused in reason for _, reason in report.failed] == ([] if row.ignored else [True])
    else:
        assert report.failed == ()
        (taken,) = (document for document in state(storage) if document not in before)
        assert row.holds in taken.text
    assert not [path for path in (tmp_path / "climbed.txt", Path("/tmp/climbed.txt")) if path.exists()]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    (folder / "good.txt").write_text(GOOD)
    sync([folder / "good.txt"], folder / "storage", embedder="word-length")
    return folder / "storage"


@pytest.fixture(scope="module")
def client(storage: Path) -> TestClient:
    return TestClient(create_app(open_assistant(storage), pages=False), LOCAL)


def is_up(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.post("/api/ask", json=QUESTION).json()["citations"][0]["quote"] == "19 March 1932"


@pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name].made is not linked_folder])
def test_as_an_upload(name: str, client: TestClient, storage: Path, tmp_path: Path) -> None:
    row = ROWS[name]
    (tmp_path / "in").mkdir()
    row.made(tmp_path / "in" / row.name)
    before = state(storage)
    reply = client.post("/api/documents", files={"files": (row.name, (tmp_path / "in" / row.name).read_bytes())})
    if row.refused:
        assert (reply.status_code, row.refused in reply.json()["detail"]) == (422, True)
        assert state(storage) == before
    else:
        (document,) = reply.json()["documents"]
        assert row.holds in client.get(f"/api/documents/{document['id']}").json()["text"]
        assert client.delete(f"/api/documents/{document['id']}").status_code == 204
    is_up(client)
    shutil.rmtree(storage / "uploads", ignore_errors=True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/cron.d/a.txt", "a.txt"),
        ("..\\..\\a.txt", "a.txt"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("C:\\autoexec.txt", "autoexec.txt"),
        ("n" * 300 + ".txt", "n" * 146 + ".txt"),
        ("日" * 300 + ".txt", "日" * 48 + ".txt"),
        ("a\u202etxt.exe.txt", "atxt.exe.txt"),
        (".footnoteignore.txt", "footnoteignore.txt"),
    ],
)
def test_the_name_of_an_upload_leads_nowhere(given: str, kept: str, client: TestClient, storage: Path) -> None:
    reply = client.post("/api/documents", files={"files": (given, b"Some text.")})
    (document,) = reply.json()["documents"]
    assert document["path"] == kept
    (original,) = (path for path in (storage / "uploads").rglob("*") if path.is_file())
    assert original.name == kept
    assert client.delete(f"/api/documents/{document['id']}").status_code == 204
    is_up(client)


def test_a_name_of_300_characters_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="Check the path"):
        sync([tmp_path / ("n" * 300 + ".txt")], tmp_path / "storage")
    assert os.listdir(tmp_path) == []


def test_duplicates_in_a_folder_are_documents_of_their_own_and_uploaded_ones_are_kept_once(
    tmp_path: Path, client: TestClient, storage: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(GOOD)
    assert len(sync([tmp_path], tmp_path / "storage", embedder="word-length").added) == 2
    assert len(state(tmp_path / "storage")) == 2
    files = [("files", (name, b"The same text.")) for name in ("a.txt", "b.txt")]
    first, second = client.post("/api/documents", files=files).json()["documents"]
    assert (first["id"], first["path"]) == (second["id"], "a.txt")
    assert len(state(storage)) == 2
    assert client.delete(f"/api/documents/{first['id']}").status_code == 204
