import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.index.formats import writers
from tests.index.formats.conftest import Read, headings

PAGE = """<!DOCTYPE html><html lang=de><head><meta charset=utf-8><title>Die Brücke – Tageblatt</title>
<style>p { color: red }</style></head><body>
<header class=site><a href=/>Tageblatt</a><nav><ul><li><a href=/a>World</a><li><a href=/b>Sport</a></ul></nav></header>
<div class="cookie-banner">We use cookies.</div>
<main><article><h1>Die Brücke wurde eröffnet</h1>
<p>Sie wurde am 19. März 1932 <b>er&ouml;ffnet</b>.
Viele kamen.</p>
<div class="share-buttons"><a href=#>Tweet</a></div>
<h2>Zahlen</h2>
<table><caption>Maße</caption><thead><tr><th>Größe<th>Wert</tr></thead><tr><td>Länge<td>1.149 m</tr></table>
<table><tr><th>Höhe</th><td>134 m</td></tr><tr><th>Spuren</th><td>8</td></tr></table>
<ul><li>Rad<li>Bahn und <a href=x>Auto</a></ul>
<pre>x  = 1
y  = 2</pre>
<p>שלום עולם. 東京は日本の首都です。</p>
<script>alert("script")</script>
</article></main>
<aside>Related: <a href=q>Ten more bridges</a></aside>
<footer>© Tageblatt</footer></body></html>"""
ARTICLE = """Die Brücke wurde eröffnet

Sie wurde am 19. März 1932 eröffnet. Viele kamen.

Zahlen

Größe: Länge; Wert: 1.149 m

Höhe: 134 m

Spuren: 8

• Rad

• Bahn und Auto

x  = 1
y  = 2

שלום עולם. 東京は日本の首都です。"""


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_pages_article_is_kept_and_what_stands_around_it_dropped(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path / "a.html", PAGE))
    assert reading.text == ARTICLE
    assert reading.title == "Die Brücke wurde eröffnet"
    assert headings(reading) == [("Die Brücke wurde eröffnet", 1), ("Zahlen", 2)]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>The key is under the mat.</p>", "The key is under the mat."),
        ("<nav><a href=1>Home</a></nav><div>One<br>two<div>three</div>four</div>", "One\ntwo\n\nthree\n\nfour"),
        ("<nav><a href=1>Home</a></nav>", "Home"),
        ("<div class=menu>Soup<div>Bread</div></div><p>x</p>", "x"),
        ("<table><tr><td><h2>Layout</h2><p>Text.</td><td>More.</td></tr></table>", "Layout\n\nText.\n\nMore."),
        ("a&nbsp;b\u200bc&shy;d o\ufb03ce", "a bcd office"),
        (
            "<table><tr><td>City<td>Year<td>People</tr><tr><td rowspan=2>Oslo<td>2023<td>709,000</tr>"
            "<tr><td>2024<td>717,000</tr><tr><td colspan=2>Both<td>1,426,000</tr></table>",
            "City: Oslo; Year: 2023; People: 709,000\n\nCity: Oslo; Year: 2024; People: 717,000\n\n"
            "City: Both; People: 1,426,000",
        ),
        (
            "<table><tr><td><td>2023<td>2024</tr><tr><td>Roads<td>1,200<td>1,350</tr></table>",
            "Roads; 2023: 1,200; 2024: 1,350",
        ),
        ("<table><tr><td>Ada<td>1815</tr><tr><td>Bob<td>1920</tr></table>", "Ada | 1815\n\nBob | 1920"),
        ("<p hidden>no</p><p style='display: none'>no</p>yes", "yes"),
        (
            "<article><p>Story.</p></article><div><a href=1>One</a> <a href=2>Two</a> <a href=3>Three</a></div>",
            "Story.",
        ),
    ],
)
def test_pages_of_any_build(tmp_path: Path, read: Read, body: str, text: str) -> None:
    assert read(write(tmp_path / "a.html", f"<html><body>{body}</body></html>")).text == text


@pytest.mark.parametrize(
    ("charset", "encoding"), [("iso-8859-1", "cp1252"), ("windows-1251", "cp1251"), ("shift_jis", "shift_jis")]
)
def test_a_pages_own_character_set_is_believed(tmp_path: Path, read: Read, charset: str, encoding: str) -> None:
    word = {"cp1252": "Grüße – ja", "cp1251": "Привет", "shift_jis": "東京"}[encoding]
    page = f"<html><meta charset={charset}><p>{word}</p></html>"
    assert read(write(tmp_path / "a.html", page.encode(encoding))).text == word


def test_a_page_that_is_not_what_it_says_is_refused(tmp_path: Path, read: Read) -> None:
    assert read.refused(write(tmp_path / "a.html", b"<p>\xff</p>")).startswith("byte 3 is not UTF-8")
    assert "nobody knows" in read.refused(write(tmp_path / "b.html", b"<meta charset=klingon><p>x</p>"))


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><meta charset=utf-8><title>T</title><nav><a href=/>x</a></nav><main><h1>One</h1><p>Two.</main>",
        "<title>T</title><main><h1>One</h1><p>Two.</p></main><footer>foot</footer>",
        "<html><head><title>T</title></head><main><h1>One</h1><p>Two.</p></main></html>",
        "<!DOCTYPE html><title>T</title><header>top</header><article><h1>One</h1><p>Two.</p></article>",
        "<html><head><meta name=a><section><h1>One</h1></section>Two.",
    ],
)
def test_a_page_that_does_not_say_where_its_body_begins(tmp_path: Path, read: Read, page: str) -> None:
    assert read(write(tmp_path / "a.html", page)).text == "One\n\nTwo."


def test_deep_nesting_is_read(tmp_path: Path, read: Read) -> None:
    assert read(write(tmp_path / "a.html", "<div>" * 1000 + "deep" + "</div>" * 1000)).text == "deep"


def test_tables_within_each_other_are_said_once(tmp_path: Path, read: Read) -> None:
    """Each was a row of all tables around it, too: 500 of them took longer than a file may take."""
    opened = "<table><tr><th>City</th><th>A bridge "
    path = tmp_path / "page.html"
    path.write_text(f"<html><body>{opened * 500}</body></html>", encoding="utf-8")
    assert read(path).text.count("bridge") == 500


def test_a_book(tmp_path: Path, read: Read) -> None:
    chapters = ["<h1>One</h1><p>It begins.</p>", "<h1>Two</h1><p>Grüße, שלום.</p>"]
    reading = read(writers.epub(tmp_path / "a.epub", chapters))
    assert reading.text == "One\n\nIt begins.\n\nTwo\n\nGrüße, שלום."
    assert reading.title == "The book"
    assert headings(reading) == [("One", 2), ("Two", 2)]


def test_a_book_that_libreoffice_wrote(tmp_path: Path, read: Read) -> None:
    text = read(writers.converted(writers.docx(tmp_path / "a.docx"), "epub")).text
    assert "Die Brücke wurde am 19. März 1932 eröffnet. שלום עולם. 東京は日本の首都です。" in text
    assert "City: Oslo; People: 700,000" in text


def mail(text: str = "Hello,\n\nwe meet at noon.\n", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Jürgen <j@example.org>"
    message["To"] = "a@example.org"
    message["Subject"] = "Treffen am Dienstag – Grüße"
    message["Date"] = "Mon, 06 May 2024 10:00:00 +0000"
    if html is None:
        message.set_content(text)
    else:
        message.set_content(html, subtype="html")
    message.add_attachment(b"PK", maintype="application", subtype="zip", filename="plan.zip")
    return message


LETTER = """Treffen am Dienstag – Grüße

From: Jürgen <j@example.org>
To: a@example.org
Date: Mon, 06 May 2024 10:00:00 +0000

Hello,

we meet at noon.

Attachments: plan.zip"""


@pytest.mark.parametrize("html", [None, "<p>Hello,</p><p>we meet at noon.</p><script>x</script>"])
def test_an_e_mail(tmp_path: Path, read: Read, html: str | None) -> None:
    reading = read(write(tmp_path / "a.eml", mail(html=html).as_bytes()))
    assert reading.text == LETTER
    assert reading.title == "Treffen am Dienstag – Grüße"


def test_what_is_no_e_mail_is_refused(tmp_path: Path, read: Read) -> None:
    assert "no e-mail" in read.refused(write(tmp_path / "a.eml", "Just a text."))


def test_an_e_mail_of_a_day_that_cannot_be_is_read(tmp_path: Path, read: Read) -> None:
    date = "Mon, 06 May 99999999999 10:00:00 +0200"
    text = read(write(tmp_path / "a.eml", f"Subject: Bridge\nDate: {date}\n\nIt was opened.\n")).text
    assert text == f"Bridge\n\nDate: {date}\n\nIt was opened."


def test_an_e_book_with_an_empty_chapter_is_read(tmp_path: Path, read: Read) -> None:
    path = writers.epub(tmp_path / "a.epub", ["<p>One.</p>", "<p>Two.</p>"])
    with zipfile.ZipFile(path) as book:
        entries = {name: book.read(name) for name in book.namelist()}
    writers.archive(path, {**entries, "OEBPS/c0.xhtml": b" <!-- nothing --> "})
    assert read(path).text == "Two."
