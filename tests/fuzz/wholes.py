"""Whole files of each kind, from which damaged ones are made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.index.formats import writers

TEXT = """# The harbour bridge

Die Brücke wurde am 19. März 1932 eröffnet. שלום עולם. 東京は日本の首都です。

## Facts

* Built by *Dorman Long*, [see](https://example.org)
* 1,149 m long

| City | People |
|------|--------|
| Oslo | 700,000 |

```
code
```
"""
PAGE = """<?xml version="1.0"?><!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Brücke</title></head>
<body><nav><a href="/">Home</a></nav><main><h1>The bridge</h1><p>It was opened on <b>19 March</b>&nbsp;1932.</p>
<table><tr><th>City<th>People</tr><tr><td colspan="2">Oslo</td><td>700,000</table><ul><li>One<li>Two</ul><pre>x  y</pre>
<p dir="rtl">שלום</p></main><footer>&copy; 2024</footer></body></html>"""
MAIL = """From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r
To: a@example.org, "B, C" <b@example.org>\r
Date: Mon, 06 May 2024 10:00:00 +0200\r
Subject: =?utf-8?b?R3LDvMOfZQ==?=\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="b1"\r
\r
--b1\r
Content-Type: multipart/alternative; boundary=b2\r
\r
--b2\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
The bridge was opened in M=C3=A4rz.\r
--b2\r
Content-Type: text/html; charset=iso-8859-1\r
\r
<p>The bridge</p>\r
--b2--\r
--b1\r
Content-Type: application/pdf; name*=utf-8''pl%C3%A4ne.pdf\r
Content-Disposition: attachment\r
Content-Transfer-Encoding: base64\r
\r
AAAA\r
--b1--\r
"""
RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman Times;}{\f1\fnil\fcharset177 David;}}{\info{\title Br\'fccke}}"
    r"\pard\b The harbour bridge\b0\par Die Br\u252\'fccke wurde 1932 er\'f6ffnet.\line\tab Two\par"
    r"{\*\unknown hidden}\trowd\cellx1000\cellx2000\intbl City\cell People\cell\row\intbl Oslo\cell 700,000\cell\row"
    r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\uc1\u-3913 ?\par}"
)
JSON = '{"title": "Brücke", "built": 1932, "open": true, "none": null, "cities": [{"a": 1.5e3, "b": ["x"]}, "\\u00fc"]}'
CSV = 'City,People,"Say ""hi"""\nOslo,"700,000",x\nKöln,"1\n2",\n'

Maker = Callable[[Path], list[bytes]]


def _texts(*texts: str) -> Maker:
    return lambda _: [text.encode() for text in texts]


def _files(*makers: Callable[[Path], Path]) -> Maker:
    def made(folder: Path) -> list[bytes]:
        return [maker(folder / str(number)).read_bytes() for number, maker in enumerate(makers)]

    return made


def _pdf_of_columns(path: Path) -> Path:
    def story(styles: dict[str, object]) -> list[object]:
        from reportlab.platypus import Paragraph, Table

        text = "A para-<br/>graph of the bridge that goes on over lines. " * 4
        return [
            Paragraph("The bridge", styles["Title"]),
            *[Paragraph(text, styles["Normal"])] * 20,
            Table([["A", "B"]]),
        ]

    return writers.pdf_story(path, story, columns=2)


def _raw_pdf(path: Path) -> Path:
    """Its page's content is not packed, so that what is changed in it is what a page says."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pageCompression=0)
    canvas.setTitle("The bridge")
    canvas.drawString(72, 700, "The harbour bridge was opened in 1932.")
    canvas.showPage()
    canvas.drawString(72, 700, "Second page.")
    canvas.save()
    return path


def _sheet(path: Path) -> Path:
    return writers.xlsx(
        path.with_suffix(".xlsx"), {"Städte": [["City", "People"], ["Oslo", 7.5], [None, True]], "B": [[1]]}
    )


def _odt(path: Path) -> Path:
    from odfdo import Document, Header, List, Paragraph, Table

    document = Document("text")
    for element in (Header(1, "The bridge"), Paragraph("Opened in 1932."), List(["One", "Two"]), Table("T", 2, 2)):
        document.body.append(element)
    document.save(str(path))
    return path


WHOLES: dict[str, Maker] = {
    "csv": _texts(CSV, "a;b\n1;2\n", "a\tb\n1\t2\n"),
    "docx": _files(writers.docx),
    "eml": _texts(MAIL, "Subject: x\n\nText."),
    "epub": _files(lambda path: writers.epub(path, [PAGE[PAGE.index("<main>") :], "<h2>Two</h2><p>Text.</p>"])),
    "html": _texts(PAGE, "<p>One<p>Two"),
    "json": _texts(JSON, "[1, [2, [3]]]"),
    "jsonl": _texts(f"{JSON}\n{JSON}\n", '{"q": "Who?"}\n'),
    "markdown": _texts(TEXT, "Setext\n======\n\ntext\n"),
    "odt": _files(_odt),
    "pdf": _files(
        _raw_pdf, _pdf_of_columns, lambda path: writers.pdf(path, [["One."], ["Two."], ["Three."]], head="H")
    ),
    "plain": _texts(TEXT, "The headline\n\nOSLO, May 6. The text.\n\nPART ONE\n\n1. One\n2. Two\n"),
    "pptx": _files(writers.pptx),
    "rtf": _texts(RTF),
    "sheet": _files(_sheet),
}
"""Kind → its whole files, made in a folder."""
CONVERTED = {"odt": ("odt",), "rtf": ("rtf",), "sheet": ("ods", "xls")}
"""Kind → what LibreOffice, where there is one, can make of a document or spreadsheet besides."""


def whole_files(kind: str, folder: Path, *, office: bool = False) -> list[bytes]:
    """Files of a kind that can be read; with `office`, also such as LibreOffice writes, where it is installed."""
    made = WHOLES[kind](folder)
    if office and shutil.which("soffice"):
        for suffix in CONVERTED.get(kind, ()):
            source = _sheet(folder / "s") if kind == "sheet" else writers.docx(folder / "s.docx")
            made.append(writers.converted(source, suffix).read_bytes())
    return made
