from collections.abc import Callable
from pathlib import Path

import pytest

from index.config import Settings
from index.errors import SourceUnreadable
from index.reading import SourceReader
from tests.index.conftest import make_document
from tests.index.formats import writers
from tests.index.formats.conftest import Read, headings, pages

pytestmark = pytest.mark.timeout(600)
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
        from reportlab.platypus import Paragraph

        return [Paragraph(f"{LONG}. " * 12, styles["Normal"]), Paragraph("First line<br/>Second<br/>Third line")]

    text = read(writers.pdf_story(tmp_path / "a.pdf", story)).text
    assert list(filter(None, text.split("\n")))[-3:] == ["First line", "Second", "Third line"]


def table_pdf(path: Path, rows: list[list[str]], *, bold: bool = False) -> Path:
    def story(styles: dict[str, object]) -> list[object]:
        from reportlab.platypus import Paragraph, Table

        style = [("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")] if bold else []
        return [Paragraph(f"{LONG}. " * 12, styles["Normal"]), Table(rows, colWidths=90, style=style)]

    return writers.pdf_story(path, story)


@pytest.mark.parametrize(
    ("rows", "bold", "expected"),
    [
        (
            [["City", "2023", "2024"], ["Oslo", "700,000", "709,000"], ["Bergen", "", "290,000"]],
            False,
            ["City: Oslo; 2023: 700,000; 2024: 709,000", "City: Bergen; 2024: 290,000"],
        ),
        (
            [["Name", "Work"], ["Ada Byron", "Writes code"], ["Bob", "Reads it"]],
            True,
            ["Name: Ada Byron; Work: Writes code", "Name: Bob; Work: Reads it"],
        ),
        (
            [["Name", "Ada Byron"], ["Work", "Writes code"], ["Place", "London"]],
            False,
            ["Name | Ada Byron", "Work | Writes code", "Place | London"],
        ),
    ],
    ids=["numbers below words", "a first row in another font", "no names of columns"],
)
def test_a_tables_rows_carry_their_columns_names(
    tmp_path: Path, read: Read, rows: list[list[str]], bold: bool, expected: list[str]
) -> None:
    text = read(table_pdf(tmp_path / "a.pdf", rows, bold=bold)).text
    assert text.split("\n\n")[-len(expected) :] == expected


def test_what_stands_above_a_table_is_no_row_of_it(tmp_path: Path, read: Read) -> None:
    rows = [["City", "People"], ["Oslo", "700,000"], ["Bergen", "290,000"]]
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 720, "•")
    canvas.drawString(92, 720, "Built by Dorman Long, opened in 1932")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            canvas.drawString(72 + 110 * column, 700 - 14 * number, cell)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.split("\n\n")[-2:] == [
        "City: Oslo; People: 700,000",
        "City: Bergen; People: 290,000",
    ]


def test_a_list_with_its_signs_far_from_it_is_no_table(tmp_path: Path, read: Read) -> None:
    text = read(table_pdf(tmp_path / "a.pdf", [["1.", "Salt"], ["2.", "Pepper"], ["3.", "Oil"]])).text
    assert list(filter(None, text.split("\n")))[-3:] == ["1. Salt", "2. Pepper", "3. Oil"]


def test_a_word_divided_over_two_pages_is_whole_and_the_pages_number_is_not_in_it(tmp_path: Path, read: Read) -> None:
    """PDFium puts what comes behind a hyphen at a line's end into the same line, whatever it is."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"))
    for number, lines in enumerate(
        [[LONG, f"{LONG} from 1930-", "1932 as was in-"], ["ternationally, and rightly, praised.", LONG], [LONG, LONG]]
    ):
        for row, line in enumerate(lines):
            canvas.drawString(72, 120 - 14 * row, line)
        canvas.drawString(290, 40, f"{number + 1}")
        canvas.showPage()
    canvas.save()
    reading = read(tmp_path / "a.pdf")
    assert pages(reading)[0].endswith(f"{LONG} from 1930-1932 as was internationally,")
    assert pages(reading)[1].startswith("and rightly, praised.")
    assert not any(f"{number}\n" in f"{reading.text}\n" for number in (1, 3))


def test_accents_that_are_drawn_over_their_letters_are_on_them(tmp_path: Path, read: Read) -> None:
    """As TeX does with its older fonts. An accent for an apostrophe stands beside its letter and stays."""
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"))
    left = 72.0
    for piece in ("J", "¨u", "rgen and Zo", "¨e", " Lef", "`e", "vre saw John´s caf", "´e", "."):
        accent, letters = (piece[0], piece[1:]) if piece[0] in "¨`´" else ("", piece)
        if accent:
            canvas.drawString(left - 0.5, 700, accent)
        canvas.drawString(left, 700, letters)
        left += stringWidth(letters, "Helvetica", 12)
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "Jürgen and Zoë Lefèvre saw John´s café."


def test_a_ragged_line_goes_on_where_the_next_word_had_no_room(tmp_path: Path, read: Read) -> None:
    ragged = [
        LONG,
        "It was the work of",
        "internationally-acknowledged engineers of whom some had come from afar",
        "The end",
    ]
    text = read(writers.pdf(tmp_path / "a.pdf", [[*[LONG] * 9, *ragged]])).text
    assert "It was the work of\ninternationally" in text  # a word of that length had room
    ragged[1] = "It was the work of many people and of many years, and it was done by"
    text = read(writers.pdf(tmp_path / "b.pdf", [[*[LONG] * 9, *ragged]])).text
    assert "done by internationally-acknowledged engineers" in text


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
    assert "City: Oslo; People: 700,000" in reading.text
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
