from collections.abc import Callable
from pathlib import Path

import pytest

from index.config import Settings
from index.errors import SourceUnreadable
from index.reading import SourceReader
from tests.index.conftest import make_document
from tests.index.formats import writers
from tests.index.formats.conftest import Read, headings, pages

LONG = "The bridge was opened on a cold morning and many people came to see it"


def test_every_page_has_its_place_also_one_without_text(tmp_path: Path, read: Read) -> None:
    path = writers.pdf(tmp_path / "a.pdf", [["Alpha is first."], [], ["Gamma is third."]])
    reading = read(path)
    assert reading.text == "Alpha is first.\n\nGamma is third."
    assert reading.pages == (0, 17, 17)
    document = make_document(reading.text, pages=reading.pages)
    assert [document.page_at(reading.text.index(word)) for word in ("Alpha", "first.", "Gamma", "third.")] == [
        1,
        1,
        3,
        3,
    ]


def test_running_heads_and_page_numbers_are_dropped(tmp_path: Path, read: Read) -> None:
    lines = [[f"{LONG}, says sheet {number}.", "And it ends."] for number in ("one", "two", "three")]
    reading = read(writers.pdf(tmp_path / "a.pdf", lines, head="Annual report"))
    assert "Annual report" not in reading.text
    assert "Page 2" not in reading.text
    assert [number in page for number, page in zip(("one", "two", "three"), pages(reading), strict=True)] == [True] * 3


def test_a_sentence_goes_on_over_the_end_of_its_page(tmp_path: Path, read: Read) -> None:
    path = writers.pdf(tmp_path / "a.pdf", [[LONG, LONG], ["because it was the longest of all.", "Nobody left."]])
    reading = read(path)
    assert f"{LONG}\nbecause it was the longest" in reading.text
    assert pages(reading)[1].startswith("because")


def test_columns_headings_paragraphs_and_divided_words(tmp_path: Path, read: Read) -> None:
    def story(styles: dict[str, object]) -> list[object]:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.platypus import Paragraph, Spacer

        pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
        body = ParagraphStyle("Body", parent=styles["Normal"], fontName="Vera")
        flow: list[object] = [Paragraph("A paper in two columns", styles["Title"])]
        flow += [Paragraph("Method", styles["Heading2"])]
        for number in range(30):
            flow += [Paragraph(f"Paragraph {number} begins. {LONG} {number}. " * 3, body), Spacer(1, 6)]
        text = "Grüße: a para-<br/>graph in a well-<br/>known state-<br/>Federal and ﬁnal ﬂow."
        return [*flow, Paragraph("Results", styles["Heading2"]), Paragraph(text, body)]

    reading = read(writers.pdf_story(tmp_path / "a.pdf", story, columns=2))
    assert reading.title == "A paper in two columns"
    assert headings(reading) == [("A paper in two columns", 1), ("Method", 2), ("Results", 2)]
    # Column by column, in order, each paragraph whole and on one line.
    numbers = [reading.text.index(f"Paragraph {number} begins. {LONG} {number}.") for number in range(30)]
    assert numbers == sorted(numbers)
    assert f"{LONG} 7. Paragraph 7 begins." in reading.text
    assert "Grüße: a paragraph in a well-known state-Federal and final flow." in reading.text


def test_short_lines_stay_lines(tmp_path: Path, read: Read) -> None:
    def story(styles: dict[str, object]) -> list[object]:
        from reportlab.platypus import Paragraph, Table

        rows = [["City", "People"], ["Oslo", "700,000"], ["Bergen", "290,000"]]
        return [Paragraph(f"{LONG}. " * 12, styles["Normal"]), Table(rows)]

    text = read(writers.pdf_story(tmp_path / "a.pdf", story)).text
    assert list(filter(None, text.split("\n")))[-3:] == ["City People", "Oslo 700,000", "Bergen 290,000"]


HEBREW_FONTS = [
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"),
    Path("/usr/share/fonts/truetype/freefont/FreeSans.ttf"),
]
SCRIPTS = "<!DOCTYPE html><meta charset=utf-8><title>Scripts</title>{}"


FROM_RIGHT = [
    "שלום עולם, זהו מסמך בעברית. הוא נכתב ב-19 במרץ 1932 (בערך).",
    "מחירו הוא 1,149 שקלים ו-50% הנחה על iPhone 15 Pro החדש.",
    'כל הזכויות שמורות © 2024 לחברת "Footnote" בע"מ, רח\' הרצל 19/3 תל-אביב!',
    "מחיר: 5-7 ₪, טל' 03-1234567, שעה 10:30.",
    "השם Dorman Long מופיע כאן.",
]
FROM_LEFT = [
    "Grüße aus Köln, efficient office.",
    "Привет, мир.",
    "αβγ Ελλάδα.",
    "The word שלום עולם (hello) means hello world in Hebrew.",
    "He said (שלום) and [בית].",
]
ARABIC = [
    "مرحبا بالعالم، هذه وثيقة باللغة العربية. كُتبت في 19 مارس 1932.",
    "الأولى لا إله في الإسلام: النسخة ١٩٣٢، و50% من 1,149 (تقريبا) هنا.",
]


def test_what_a_browser_prints(tmp_path: Path, read: Read) -> None:
    lines = [*(f"<p dir=rtl>{text}</p>" for text in (*FROM_RIGHT, *ARABIC)), *(f"<p>{text}</p>" for text in FROM_LEFT)]
    page = SCRIPTS.format(f"<h1>Scripts</h1>{''.join(lines)}")
    text = " ".join(read(writers.printed(tmp_path / "a.pdf", page)).text.split())
    has_arabic = any("\u0620" <= char <= "\u06ff" for char in text)  # else no font has the letters
    for expected in (*FROM_RIGHT, *FROM_LEFT, *(ARABIC if has_arabic else ())):
        assert expected in text


def test_a_layer_of_recognised_text_keeps_its_words(tmp_path: Path, read: Read) -> None:
    """As text recognition writes it: without ink, each word in its place, its letters from left to right."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    font = next((path for path in HEBREW_FONTS if path.is_file()), None)
    if font is None:
        pytest.skip("no font with Hebrew letters")
    pdfmetrics.registerFont(TTFont("Hebrew", str(font)))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    right = 500.0
    for word in ("שלום", "עולם,", "1932", "בעברית."):
        width = pdfmetrics.stringWidth(word, "Hebrew", 12)
        written = canvas.beginText(right - width, 700)
        written.setFont("Hebrew", 12)
        written.setTextRenderMode(3)
        written.textOut(word)
        canvas.drawText(written)
        right -= width + 5
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "שלום עולם, 1932 בעברית."


def test_chinese_and_japanese_lines_are_joined_without_a_space(tmp_path: Path, read: Read) -> None:
    text = "東京は日本の首都です。" * 12
    page = SCRIPTS.format(f"<p style='font-family: Noto Sans CJK JP'>{text}</p>")
    reading = read(writers.printed(tmp_path / "a.pdf", page))
    if "東" not in reading.text:
        pytest.skip("no font with Chinese characters")
    assert text in reading.text


def test_what_libreoffice_exports(tmp_path: Path, read: Read) -> None:
    reading = read(writers.converted(writers.docx(tmp_path / "a.docx"), "pdf"))
    assert reading.title == "The harbour bridge"
    assert ("Facts", 2) in headings(reading)
    assert "Die Brücke wurde am 19. März 1932 eröffnet." in reading.text
    assert "• Built by Dorman Long" in reading.text
    assert "Oslo 700,000\n" in reading.text
    assert reading.pages == (0,)


def test_a_scan_says_so(tmp_path: Path, read: Read) -> None:
    message = read.refused(writers.picture_pdf(tmp_path / "a.pdf"))
    assert message.startswith("none of its 1 pages has text: it is a scan")
    assert "ocrmypdf" in message


def test_a_password_is_asked_for_nowhere(tmp_path: Path, read: Read) -> None:
    path = writers.pdf(tmp_path / "a.pdf", [["Secret."]], encrypt="password")
    assert read.refused(path) == "it is protected by a password. Save it without one."


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 3], lambda b: b[:9] + b"x" * 5000])
def test_half_a_pdf_is_refused(tmp_path: Path, read: Read, damage: Callable[[bytes], bytes]) -> None:
    path = writers.pdf(tmp_path / "a.pdf", [["Whole."]])
    path.write_bytes(damage(path.read_bytes()))
    assert "Was it copied or downloaded whole?" in read.refused(path)


def test_more_pages_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = writers.pdf(tmp_path / "a.pdf", [["x"]] * 12)
    monkeypatch.setenv("FOOTNOTE_MAX_PAGES", "11")
    with (
        SourceReader(Settings()) as reader,
        pytest.raises(SourceUnreadable, match="it has 12 pages; 11 are read at most"),
    ):
        reader.read(path)
