"""Files as the real programs write them: reportlab, python-docx, python-pptx, openpyxl, LibreOffice, Chromium."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

SLOW = 540
"""Seconds that a browser or an office may take to write a file on a machine that has much to do."""
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def pdf(path: Path, pages: Sequence[Sequence[str]], *, head: str = "", encrypt: str | None = None) -> Path:
    """A PDF of `pages`, each lines that stand where a line's number says; `head` and the page's number on each."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), encrypt=encrypt)
    for number, lines in enumerate(pages, start=1):
        if head:
            canvas.drawString(72, 820, head)
            canvas.drawString(290, 20, f"Page {number}")
        for row, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def pdf_story(path: Path, story: Callable[..., list[object]], *, columns: int = 1) -> Path:
    """A PDF of flowing text as reportlab sets it; `story(styles)` gives the flowables."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    width = (A4[0] - 100 - 20 * (columns - 1)) / columns
    frames = [Frame(50 + i * (width + 20), 50, width, 740, id=str(i)) for i in range(columns)]
    document = BaseDocTemplate(str(path), pagesize=A4)
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(story(getSampleStyleSheet()))
    return path


def picture_pdf(path: Path) -> Path:
    """What a scanner makes: a page that is one picture."""
    from PIL import Image

    Image.new("RGB", (200, 300), "white").save(path, "PDF")
    return path


def printed(path: Path, html: str) -> Path:
    """A page as Chromium prints it."""
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium to print with")
    source = path.with_suffix(".html")
    source.write_text(html, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run([*command, f"--print-to-pdf={path}", str(source)], check=True, capture_output=True, timeout=SLOW)
    source.unlink()
    return path


def converted(source: Path, suffix: str) -> Path:
    """The file as LibreOffice writes it in another format."""
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice to write with")
    profile = source.parent / "profile"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", suffix, source.name],
        cwd=source.parent,
        check=True,
        capture_output=True,
        timeout=SLOW,
    )
    return source.with_suffix(f".{suffix}")


def docx(path: Path) -> Path:
    from docx import Document

    document = Document()
    document.core_properties.title = "Kept in the properties"
    document.add_heading("The harbour bridge", 0)
    document.add_paragraph("Die Brücke wurde am 19. März 1932 eröffnet. שלום עולם. 東京は日本の首都です。")
    document.add_heading("Facts", 1)
    document.add_paragraph("Built by Dorman Long", style="List Bullet")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("City", "People"), ("Oslo", "700,000"), ("Bergen", "290,000")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_heading("Dimensions", 2)
    document.add_paragraph("It is 1,149 m long.")
    document.save(str(path))
    return path


def pptx(path: Path) -> Path:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    for title, body in (("Plans", "We start in May.\nThen we stop."), ("Costs", "It costs 4,711 euros.")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    deck.slides.add_slide(deck.slide_layouts[6])
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Cities"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, cells in enumerate([("City", "People"), ("Oslo", "700,000")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    slide.notes_slide.notes_text_frame.text = "Mention the ferry."
    deck.save(str(path))
    return path


def xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def archive(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def epub(path: Path, chapters: Sequence[str], *, title: str = "The book", doctype: str = "") -> Path:
    """An e-book by hand: what is in the zip, and in which order, is the standard's, not a program's."""
    ids = [f"c{number}" for number in range(len(chapters))]
    items = "".join(f'<item id="{i}" href="{i}.xhtml" media-type="application/xhtml+xml"/>' for i in ids)
    refs = "".join(f'<itemref idref="{i}"/>' for i in ids)
    package = (
        f'{doctype}<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    pages = {
        f"OEBPS/{i}.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{chapter}</body></html>'
        for i, chapter in zip(ids, chapters, strict=True)
    }
    return archive(
        path,
        {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, **pages},
    )
