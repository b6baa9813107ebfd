import datetime
from pathlib import Path

from tests.index.conftest import make_document
from tests.index.formats import writers
from tests.index.formats.conftest import Read, headings, pages

BRIDGE = """The harbour bridge

Die Brücke wurde am 19. März 1932 eröffnet. שלום עולם. 東京は日本の首都です。

Facts

• Built by Dorman Long

City: Oslo; People: 700,000

City: Bergen; People: 290,000

Dimensions

It is 1,149 m long."""
SECTIONS = [("The harbour bridge", 1), ("Facts", 2), ("Dimensions", 3)]


def test_a_word_document(tmp_path: Path, read: Read) -> None:
    reading = read(writers.docx(tmp_path / "a.docx"))
    assert reading.text == BRIDGE
    assert headings(reading) == SECTIONS
    assert (reading.title, reading.pages) == ("The harbour bridge", None)


def test_a_word_document_that_libreoffice_wrote(tmp_path: Path, read: Read) -> None:
    source = writers.docx(tmp_path / "a.docx").rename(tmp_path / "b.docx")
    writers.converted(source, "odt")
    source.unlink()
    reading = read(writers.converted(tmp_path / "b.odt", "docx"))
    assert reading.text == BRIDGE
    assert headings(reading) == SECTIONS


def test_an_opendocument_text(tmp_path: Path, read: Read) -> None:
    reading = read(writers.converted(writers.docx(tmp_path / "a.docx"), "odt"))
    assert reading.text.replace("• ", "") == BRIDGE.replace("• ", "")
    assert headings(reading) == SECTIONS


def test_an_rtf_document(tmp_path: Path, read: Read) -> None:
    reading = read(writers.converted(writers.docx(tmp_path / "a.docx"), "rtf"))
    for line in BRIDGE.replace("• ", "").split("\n\n"):
        assert line in reading.text
    assert reading.title == "The harbour bridge"


def test_a_word_document_with_chapters_and_no_title_is_called_after_its_properties(tmp_path: Path, read: Read) -> None:
    from docx import Document

    document = Document()
    document.core_properties.title = "The handbook"
    for chapter in ("One", "Two"):
        document.add_heading(chapter, 1)
        document.add_paragraph(f"Chapter {chapter} says little.")
    document.save(str(tmp_path / "a.docx"))
    reading = read(tmp_path / "a.docx")
    assert reading.title == "The handbook"
    assert headings(reading) == [("One", 2), ("Two", 2)]


def test_slides_are_pages(tmp_path: Path, read: Read) -> None:
    reading = read(writers.pptx(tmp_path / "a.pptx"))
    assert pages(reading) == [
        "Plans\n\nWe start in May.\n\nThen we stop.",
        "Costs\n\nIt costs 4,711 euros.",
        "",
        "Cities\n\nCity: Oslo; People: 700,000\n\nMention the ferry.",
    ]
    assert headings(reading) == [("Plans", 2), ("Costs", 2), ("Cities", 2)]
    document = make_document(reading.text, pages=reading.pages)
    assert document.page_at(reading.text.index("4,711")) == 2
    assert document.page_at(reading.text.index("Mention")) == 4


def test_a_presentation_that_libreoffice_wrote(tmp_path: Path, read: Read) -> None:
    source = writers.pptx(tmp_path / "a.pptx")
    writers.converted(source, "odp")
    source.unlink()
    reading = read(writers.converted(tmp_path / "a.odp", "pptx"))
    assert [page.split("\n")[0] for page in pages(reading)] == ["Plans", "Costs", "", "Cities"]
    assert "It costs 4,711 euros." in pages(reading)[1]


ROWS = [["Name", "Born", "Size"], ["Ada", datetime.date(1915, 12, 10), 1.5], ["Grüße", None, 3], ["", "", ""]]
PEOPLE = """People

Name: Ada; Born: 1915-12-10; Size: 1.5

Name: Grüße; Size: 3"""


def test_a_spreadsheets_rows_carry_their_columns_names(tmp_path: Path, read: Read) -> None:
    reading = read(writers.xlsx(tmp_path / "a.xlsx", {"People": ROWS, "Empty": [], "Plain": [[1, 2], [3, 4]]}))
    assert reading.text == f"{PEOPLE}\n\nPlain\n\n1 | 2\n\n3 | 4"
    assert headings(reading) == [("People", 2), ("Plain", 2)]


def test_a_line_above_the_columns_names_stays_a_line(tmp_path: Path, read: Read) -> None:
    rows = [["Prices of 2024"], [], ["Item", "Price"], ["Tea", 2], ["Milk", 1]]
    text = read(writers.xlsx(tmp_path / "a.xlsx", {"S": rows})).text
    assert text == "S\n\nPrices of 2024\n\nItem: Tea; Price: 2\n\nItem: Milk; Price: 1"


def test_an_opendocument_spreadsheet_and_an_old_excel_file(tmp_path: Path, read: Read) -> None:
    source = writers.xlsx(tmp_path / "a.xlsx", {"People": ROWS})
    for suffix in ("ods", "xls"):
        assert read(writers.converted(source, suffix)).text == PEOPLE
