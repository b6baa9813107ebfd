"""What a file may try: to be something else, to unpack without end, to eat memory or time, to read other files."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from index.config import Settings
from index.errors import SourceUnreadable
from index.reading import SourceReader
from tests.index.formats import writers
from tests.index.formats.conftest import Read

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"
SECRET = "the-secret-of-this-machine"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_the_content_tells_the_kind_not_the_name(tmp_path: Path, read: Read) -> None:
    assert read(writers.pdf(tmp_path / "pdf.txt", [["A PDF."]])).pages == (0,)
    assert read(writers.docx(tmp_path / "docx.pdf")).text.startswith("The harbour bridge")
    assert read(write(tmp_path / "page.txt", b"<!DOCTYPE html><p>A page.</p>")).text == "A page."
    assert read(write(tmp_path / "page.pdf", b"<html><p>A page.</p>")).text == "A page."
    assert read(write(tmp_path / "text.docx", b"Only text.")).text == "Only text."
    assert read(write(tmp_path / "bmw.txt", b"BMW was founded in 1916.")).text == "BMW was founded in 1916."


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", PNG, "this is a file of the kind image/png"),
        ("a.pdf", PNG, "this is a file of the kind image/png"),
        ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(64), "x-executable"),
        ("a.pdf", bytes(range(256)), "this is no PDF, though its name says so"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old binary kind"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "no whole spreadsheet"),
        ("a.docx", b"PK\x03\x04" + b"x" * 90, "it is damaged"),
        ("a.txt", b"PK\x05\x06" + bytes(18), "this is an archive"),
        ("a.rtf", b"", "the file has no text"),
        ("a.csv", b"\xff\xfe\xfd", "is not"),
        ("a.html", b"<html><script>x</script></html>", "the file has no text"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, read: Read, name: str, content: bytes, why: str) -> None:
    assert why in read.refused(write(tmp_path / name, content))


def test_archives_are_refused_also_inside_one_another(tmp_path: Path, read: Read) -> None:
    inner = writers.archive(tmp_path / "inner.zip", {"a.txt": "x"})
    outer = writers.archive(tmp_path / "outer.docx", {"inner.zip": inner.read_bytes()})
    assert read.refused(outer) == "this is an archive. Unpack it and index the folder."


def bomb(path: Path, megabytes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        with file.open("word/document.xml", "w") as entry:
            for _ in range(megabytes):
                entry.write(bytes(1_000_000))
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_MAX_UNPACKED_MB", "20")
    path = bomb(tmp_path / "a.docx", 21)
    assert path.stat().st_size < 100_000
    with SourceReader(Settings()) as reader, pytest.raises(SourceUnreadable, match="over 20 MB when unpacked"):
        reader.read(path)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, read: Read) -> None:
    path = bomb(tmp_path / "a.docx", 3)
    whole = path.read_bytes()
    size = struct.pack("<I", 3_000_000)
    assert whole.count(size) >= 1
    assert "it is damaged" in read.refused(write(path, whole.replace(size, struct.pack("<I", 3_000))))


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, read: Read) -> None:
    path = writers.archive(tmp_path / "a.epub", {f"{number}.txt": "" for number in range(10_001)})
    assert "10,001 files inside; 10,000 are read at most" in read.refused(path)


def test_a_pdf_bomb_costs_no_more_than_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose content is 300 MB, packed twice into a few kilobytes."""
    monkeypatch.setenv("FOOTNOTE_READ_MEMORY_MB", "500")
    packed = zlib.compress(zlib.compress(bytes(300_000_000), 1), 9)
    page = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Filter"
        b"[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF"
        % (len(packed), packed)
    )
    with SourceReader(Settings()) as reader:
        with pytest.raises(SourceUnreadable):
            reader.read(write(tmp_path / "a.pdf", page))
        assert reader.read(write(tmp_path / "b.txt", b"Fine.")).text == "Fine."


def test_what_eats_memory_is_refused_and_the_next_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_READ_MEMORY_MB", "700")
    with SourceReader(Settings()) as reader:
        with pytest.raises(SourceUnreadable, match=r"FOOTNOTE_READ_MEMORY_MB|takes over"):
            reader.read(write(tmp_path / "a.json", b"[" + b"[],[[]]," * 5_000_000 + b"1]"))
        assert reader.read(write(tmp_path / "b.txt", b"Fine.")).text == "Fine."


def spreadsheet(path: Path, *cells: str) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for cell in cells:
        book.active[cell] = "Fine."
    book.save(path)
    return path


def test_a_stray_cell_at_the_end_of_a_sheet_costs_nothing(tmp_path: Path, read: Read) -> None:
    path = spreadsheet(tmp_path / "a.xlsx", "A1", "B1", "A2", "B2", "K1000000")
    assert read(path).text.count("Fine.") == 5


def test_a_sheet_of_more_cells_than_memory_holds_is_refused_with_the_limit(tmp_path: Path) -> None:
    """Its parser, written in Rust, can raise no error then: it ends its process."""
    with SourceReader(Settings()) as reader:
        with pytest.raises(SourceUnreadable, match="FOOTNOTE_READ_MEMORY_MB"):
            reader.read(spreadsheet(tmp_path / "a.xlsx", "A1", "XFD1048576"))
        assert reader.read(write(tmp_path / "b.txt", b"Fine.")).text == "Fine."


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{}">]>'
LAUGHS = "<!DOCTYPE x [<!ENTITY a '{}'>{}]>".format(
    "ha" * 1000, "".join(f"<!ENTITY {b} '{f'&{a};' * 40}'>" for a, b in ("ab", "bc", "cd", "de", "ef"))
)


def docx_with(path: Path, doctype: str, reference: str) -> Path:
    writers.docx(path)
    return rewritten(path, "word/document.xml", doctype, "19. März 1932", reference)


def pptx_with(path: Path, doctype: str, reference: str) -> Path:
    writers.pptx(path)
    return rewritten(path, "ppt/slides/slide1.xml", doctype, "Plans", reference)


def epub_with(path: Path, doctype: str, reference: str) -> Path:
    return writers.epub(path, ["<p>Text.</p>"], title=f"T{reference}", doctype=doctype)


def odt_with(path: Path, doctype: str, reference: str) -> Path:
    from odfdo import Document, Paragraph

    document = Document("text")
    document.body.append(Paragraph("It says 1932 here."))
    document.save(str(path))
    return rewritten(path, "content.xml", doctype, "1932", reference)


def rewritten(path: Path, entry: str, doctype: str, old: str, new: str) -> Path:
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    xml = entries[entry].decode()
    assert old in xml
    head, _, rest = xml.partition("?>")
    entries[entry] = f"{head}?>{doctype}{rest.replace(old, new)}".encode()
    return writers.archive(path, entries)


MAKERS: list[tuple[str, Callable[[Path, str, str], Path]]] = [
    ("a.docx", docx_with),
    ("a.pptx", pptx_with),
    ("a.epub", epub_with),
    ("a.odt", odt_with),
]


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_no_file_reads_another_one(
    tmp_path: Path, read: Read, name: str, make: Callable[[Path, str, str], Path]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    path = make(tmp_path / name, ENTITY.format(secret), "&e;")
    try:
        reading = read(path)
    except SourceUnreadable:
        return
    assert SECRET not in f"{reading.text} {reading.title}"


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_entities_that_multiply_cost_little(
    tmp_path: Path, read: Read, name: str, make: Callable[[Path, str, str], Path]
) -> None:
    path = make(tmp_path / name, LAUGHS, "&f;")
    refused = ""
    try:
        assert len(read(path).text) < 100_000
    except SourceUnreadable as exc:
        refused = str(exc)
    assert not any(limit in refused for limit in ("takes over", "takes more memory", "failed on it"))


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub", "a.odt", "a.pdf", "a.rtf", "a.eml", "a.html"])
def test_a_megabyte_on_one_line_is_read_or_refused(tmp_path: Path, read: Read, name: str) -> None:
    assert len(read(write(tmp_path / name, b"Subject: x\n\n" + b"word " * 200_000)).text) > 990_000


def test_a_cut_file_of_any_kind_is_refused_or_read_and_the_child_lives(tmp_path: Path, read: Read) -> None:
    files = [
        writers.docx(tmp_path / "a.docx"),
        writers.pptx(tmp_path / "a.pptx"),
        writers.xlsx(tmp_path / "a.xlsx", {"S": [["A", "B"], [1, 2]]}),
        writers.epub(tmp_path / "a.epub", ["<p>x</p>"]),
        writers.pdf(tmp_path / "a.pdf", [["x"]]),
    ]
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
        message = read.refused(path)
        assert "damaged" in message or "whole" in message
