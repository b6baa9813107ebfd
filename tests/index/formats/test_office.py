import datetime
from pathlib import Path

import pytest

from tests.index.conftest import make_document
from tests.index.formats import writers
from tests.index.formats.conftest import Read, headings, pages

pytestmark = pytest.mark.timeout(600)
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


def test_cells_that_span_others_keep_the_rest_under_their_columns_names(tmp_path: Path, read: Read) -> None:
    from docx import Document

    document = Document()
    table = document.add_table(rows=4, cols=3)
    rows = [("City", "Year", "People"), ("Oslo", "2023", "709,000"), ("", "2024", "717,000"), ("Both", "", "1,426,000")]
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Oslo"
    table.cell(3, 0).merge(table.cell(3, 1)).text = "Both"
    document.save(str(tmp_path / "a.docx"))
    assert read(tmp_path / "a.docx").text == SPANNED


SPANNED = """City: Oslo; Year: 2023; People: 709,000

City: Oslo; Year: 2024; People: 717,000

City: Both; People: 1,426,000"""


def test_cells_that_span_others_in_an_opendocument_text(tmp_path: Path, read: Read) -> None:
    from odfdo import Document, Row, Table

    table = Table("T")
    for values in (
        ["City", "Year", "People"],
        ["Oslo", "2023", "709,000"],
        ["", "2024", "717,000"],
        ["Both", "", "1,426,000"],
    ):
        row = Row()
        row.set_values(values)
        table.append_row(row)
    table.set_span((0, 1, 0, 2))
    table.set_span((0, 3, 1, 3))
    document = Document("text")
    document.body.clear()
    document.body.append(table)
    document.save(str(tmp_path / "a.odt"))
    assert read(tmp_path / "a.odt").text == SPANNED


def test_a_table_in_a_cell_of_an_opendocument_text_is_part_of_it(tmp_path: Path, read: Read) -> None:
    from odfdo import Cell, Document, Paragraph, Row, Table

    inner = Table("I", 1, 1)
    inner.set_value((0, 0), "Inner")
    cell = Cell()
    cell.append(Paragraph("Outer"))
    cell.append(inner)
    row = Row()
    row.append_cell(cell)
    row.append_cell(Cell("Beside"))
    table = Table("T")
    table.append_row(row)
    document = Document("text")
    document.body.clear()
    document.body.append(table)
    document.save(str(tmp_path / "a.odt"))
    assert read(tmp_path / "a.odt").text == "Outer Inner | Beside"


STYLED = (
    r"{\rtf1\ansi{\stylesheet{\s0 Normal;}{\s1\sbasedon0\b heading 1;}{\s2 Heading 2;}{\s7 Title;}}"
    r"\pard\plain \s7 The bridge\par \pard\plain\s1\b Facts\par \pard\plain It is long.{\deleted\revauthdel1 Gone.}\par"
    r"\pard\plain\ql\s2{\b Who built it}\par\pard\s0 Ada did.\par}"
)


def test_an_rtf_documents_headings_are_told_by_their_styles_and_what_was_deleted_is_not_there(
    tmp_path: Path, read: Read
) -> None:
    (tmp_path / "a.rtf").write_text(STYLED)
    reading = read(tmp_path / "a.rtf")
    assert reading.text == "The bridge\n\nFacts\n\nIt is long.\n\nWho built it\n\nAda did."
    assert headings(reading) == [("The bridge", 1), ("Facts", 2), ("Who built it", 3)]


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
