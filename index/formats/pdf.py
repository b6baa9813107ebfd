"""PDF, through PDFium (Chromium's engine): pages, paragraphs told from where lines stand, headings from their size."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from statistics import median, quantiles

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from index.formats import Limits, Reading, Refused
from index.formats.bidi import Placed, read_order, runs_right_to_left
from index.formats.text import LIGATURES, TextBuilder, is_number, is_wide, names_columns
from index.words import weight

HEADING_SIZE = 1.15
"""A heading's letters are at least this many times as high as the body's."""
PARAGRAPH_GAP = 1.3
"""A line that stands further below the last than this many times the usual distance begins a paragraph."""
FULL = 0.85
"""A line this share of the page's usual line length goes on in the next; a shorter one ends where its author meant."""
FEW = 8
"""So many lines do not tell how long lines usually are on a page."""
BESIDE = 2
"""What stands this many points higher or lower at most may be of the same line."""
MAX_HEADING = 150
FREQUENT = 0.85
"""A word of less weight (`index.words`) is among English's few thousand most frequent."""
CELL_GAP = 0.9
"""Cells of a row stand at least this many times their letters' height apart."""
ROW_STEP = 5
"""A row stands below the last one by at most this many times its letters' height."""
FEWEST_ROWS = 3
TRIMMED = 2
"""So many lines above and below a table may look like rows and be none."""
MOST_COLUMNS = 50
LONGEST_CELL = 60
"""Characters that a table's cells have at most, on average; columns of running text have more."""
EDGE_LINES = 2
"""How many lines at the top and the bottom of a page may be running heads."""

_DIVIDED = re.compile(r"([^\W\d]+)[-\u00ad\u2010]$")
_HYPHEN = re.compile(r"\w[-\u00ad\u2010]$")
# PDFium puts one of these where a line ends in a hyphen, and the next line, whatever it is, behind it.
_HYPHENS_OF_PDFIUM = "\ufffe\x02"
_UP_TO_HYPHEN = re.compile(f"[^{_HYPHENS_OF_PDFIUM}]+[{_HYPHENS_OF_PDFIUM}]?")
_WORD = re.compile(r"[^\W\d]+")
_REST_OF_WORD = re.compile(r"([^\W\d]+)[^\w\s]*\s*")
# Ligatures, the bullets of symbol fonts, and hyphens as above.
_SIGNS = {**LIGATURES, **str.maketrans({"\uf0b7": "•", "\uf0a7": "•", **dict.fromkeys(_HYPHENS_OF_PDFIUM, "-")})}
# TeX's older fonts draw an accent and then its letter.
_ACCENTS = {
    "`": "\u0300", "´": "\u0301", "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "¯": "\u0304",
    "˘": "\u0306", "˙": "\u0307", "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327",
}  # fmt: skip
_DOTLESS = {"ı": "i", "ȷ": "j"}
_MARKER = re.compile(r"(?:[•·▪◦‣–—*-]|\(?\w{1,4}[.)])$")
_ENDS = re.compile(r"[.!?:;。！？؟۔।]['\"”’»)\]]*$")
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands by itself on a line."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, its font's size, and where it stands (points; `bottom` from the page's foot).
    `cells` are its pieces with much room between them, `font` is that of its first character."""

    text: str
    size: float
    left: float
    right: float
    bottom: float
    cells: tuple[Cell, ...] = ()
    font: str = ""


Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level, a table (its first row may be `headed`), or else running text."""

    text: str = ""
    level: int | None = None
    table: Table | None = None
    headed: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it is text that ends within a sentence."""
        return self.level is None and not self.table and _ENDS.search(self.text) is None


def read(path: Path, limits: Limits) -> Reading:
    with _opened(path) as pdf:
        if len(pdf) > limits.pages:
            raise Refused(f"it has {len(pdf):,} pages; {limits.pages:,} are read at most. Split it.")
        pages = [list(_lines(pdf[number])) for number in range(len(pdf))]
        title = pdf.get_metadata_dict().get("Title")
    if not any(pages):
        raise Refused(
            f"none of its {len(pages)} pages has text: it is a scan, or made of pictures. "
            "Run text recognition on it (for one: ocrmypdf in.pdf out.pdf) and index the result."
        )
    return _reading(_without_running_heads(pages), title)


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise Refused("it is protected by a password. Save it without one.") from exc
        raise Refused("it is no whole PDF. Was it copied or downloaded whole?") from exc


def _lines(page: pdfium.PdfPage) -> Iterator[Line]:
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        if len(text) != textpage.count_chars():  # characters and boxes do not belong together
            yield from (Line(line.strip().translate(_SIGNS), 0, 0, 0, 0) for line in text.split("\n") if line.strip())
            return
        at = 0
        drawn: list[_Drawn] = []
        for line in text.split("\n"):
            for piece in _UP_TO_HYPHEN.finditer(line):
                bare = piece[0].strip()
                if bare:
                    first = at + piece.start() + piece[0].index(bare)
                    drawn.append(_Drawn(textpage, range(first, first + len(bare)), bare))
            at += len(line) + 1
        for parts in _on_one_line(drawn):
            yield _line(textpage, parts)
    finally:
        textpage.close()
        page.close()


class _Drawn:
    """What PDFium takes for a line: it divides one that is written from right to left where the direction changes."""

    def __init__(self, textpage: pdfium.PdfTextPage, places: range, text: str) -> None:
        self.places = places
        self.text = text
        self.bottom: float = textpage.get_charbox(places[0], loose=True)[1]
        self.right_to_left = runs_right_to_left(text)


def _on_one_line(drawn: Sequence[_Drawn]) -> Iterator[list[_Drawn]]:
    """What stands side by side as one, where anything of it is written from right to left."""
    run: list[_Drawn] = []
    for one in drawn:
        beside = run and abs(run[-1].bottom - one.bottom) < BESIDE
        if run and not (beside and (one.right_to_left or any(part.right_to_left for part in run))):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _line(textpage: pdfium.PdfTextPage, parts: Sequence[_Drawn]) -> Line:
    text = "".join(part.text for part in parts)
    places = [place for part in parts for place in part.places]
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, places[0], matrix)
    size = round(raw.FPDFText_GetFontSize(textpage, places[0]) * math.hypot(matrix.c, matrix.d), 1)
    cells: tuple[Cell, ...] = ()
    if any(part.right_to_left for part in parts):
        boxes = [textpage.get_charbox(place, loose=True) for place in places]
        placed = [Placed(char, box[0], box[2]) for char, box in zip(text, boxes, strict=True)]
        text = read_order(placed, len(parts) - 1, recognised=_is_invisible(textpage, places[0]))
    else:
        text, places = _with_accents(textpage, text, places)
        boxes = [textpage.get_charbox(place, loose=True) for place in (places[0], places[-1])]
        cells = _cells(textpage, text, places, size * CELL_GAP)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    return Line(text.translate(_SIGNS), size, left, right, boxes[0][1], cells, _font(textpage, places[0]))


def _with_accents(textpage: pdfium.PdfTextPage, text: str, places: list[int]) -> tuple[str, list[int]]:
    """Accents that are drawn over the letter behind them, and not before it, put on it."""
    kept, at = list(text), list(places)
    for i in range(len(kept) - 2, -1, -1):
        if kept[i] in _ACCENTS and kept[i + 1].isalpha():
            letter = _DOTLESS.get(kept[i + 1], kept[i + 1])
            whole = unicodedata.normalize("NFC", letter + _ACCENTS[kept[i]])
            accent, under = (textpage.get_charbox(at[j], loose=True) for j in (i, i + 1))
            if len(whole) == 1 and under[0] <= (accent[0] + accent[2]) / 2 <= under[2]:
                kept[i : i + 2], at[i : i + 2] = [whole], [at[i + 1]]
    return "".join(kept), at


def _cells(textpage: pdfium.PdfTextPage, text: str, places: Sequence[int], gap: float) -> tuple[Cell, ...]:
    """The pieces of a line that stand further apart than `gap` points."""
    box = raw.FS_RECTF()  # the same for all: there are as many as words
    at = ctypes.byref(box)

    def edge(place: int, of: str) -> float:
        raw.FPDFText_GetLooseCharBox(textpage, place, at)
        return float(getattr(box, of))

    cells: list[Cell] = []
    begins = 0
    left = edge(places[0], "left")
    for space in _SPACES.finditer(text):
        right = edge(places[space.start() - 1], "right")
        next_left = edge(places[space.end()], "left")
        if next_left - right > gap > 0:
            cells.append(Cell(text[begins : space.start()].translate(_SIGNS), left, right))
            begins, left = space.end(), next_left
    return (*cells, Cell(text[begins:].translate(_SIGNS), left, edge(places[-1], "right")))


def _font(textpage: pdfium.PdfTextPage, place: int) -> str:
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(textpage, place, name, len(name), None)
    return name.value.decode("utf-8", "replace")


def _is_invisible(textpage: pdfium.PdfTextPage, place: int) -> bool:
    """Whether a character is drawn without ink, as text recognition lays it over the picture of a page."""
    mode = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(textpage, place))
    return bool(mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE)


def _without_running_heads(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without the lines at their edges that most pages have at the same height (numbers apart)."""
    if len(pages) < 3:
        return list(pages)
    seen = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    running = {key for key, count in seen.items() if count > len(pages) / 2}
    kept = []
    for page in pages:
        edges = {id(line) for line in _edges(page) if _key(line) in running}
        kept.append([line for line in page if id(line) not in edges])
    return kept if any(kept) else list(pages)


def _edges(page: list[Line]) -> list[Line]:
    """The lines that stand highest and lowest, whatever their order in the file."""
    by_height = sorted(page, key=lambda line: line.bottom)
    return by_height if len(page) <= 2 * EDGE_LINES else by_height[:EDGE_LINES] + by_height[-EDGE_LINES:]


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text), round(line.bottom)


def _reading(pages: Sequence[Sequence[Line]], title: str | None) -> Reading:
    sizes: Counter[float] = Counter()
    every = [line for page in pages for line in page]
    for line in every:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    larger = sorted({size for size in sizes if size >= body * HEADING_SIZE}, reverse=True)
    words = Counter(word for line in every for word in re.findall(r"\w+(?:-\w+)*", line.text.lower()))
    read = []
    for page in pages:
        usual = _usual_length(page if len(page) > FEW else every)
        blocks = []
        step = _usual_step(page)
        for part, rows in _parts(page):
            if rows:
                blocks.append(Block(table=rows, headed=_is_headed(part, rows)))
                continue
            for lines, is_heading in _paragraphs(part, body, step):
                text = _flowing(lines, 0 if is_heading else usual, words)
                blocks.append(Block(text, 1 + larger.index(lines[0].size) if is_heading else None))
        read.append(blocks)
    return _built(_with_whole_words(read, words), title)


def _with_whole_words(pages: Sequence[list[Block]], words: Counter[str]) -> Sequence[list[Block]]:
    """The pages' blocks; a word that is divided over two pages stands on the first."""
    written = [blocks for blocks in pages if blocks]
    for above, below in pairwise(written):
        before, after = above[-1], below[0]
        divided, rest = _DIVIDED.search(before.text), _REST_OF_WORD.match(after.text)
        if divided and rest and before.goes_on and after.level is None:
            whole = _rejoined(divided[1], rest[1], words) + rest[0][len(rest[1]) :].rstrip()
            above[-1] = replace(before, text=before.text[: divided.start()] + whole)
            below[0] = replace(after, text=after.text[rest.end() :])
    return pages


def _built(pages: Sequence[Sequence[Block]], title: str | None) -> Reading:
    builder = TextBuilder(paged=True)
    before = Block(".")
    for blocks in pages:
        builder.page()
        for number, block in enumerate(blocks):
            if block.table:
                builder.table(block.table, headed=block.headed)
            elif block.level is not None:
                builder.heading(block.text, block.level)
            elif number == 0 and before.goes_on and not block.text[:1].isupper():
                builder.continued(block.text)
            else:
                builder.paragraph(block.text)
            before = block
    return builder.reading(_sane(title))


def _parts(page: Sequence[Line]) -> Iterator[tuple[Sequence[Line], Table]]:
    """The page's lines, in order, with the rows where they are those of a table."""
    rest = 0
    for first, last in _runs_of_cells(page):
        for above, below in product(range(TRIMMED + 1), repeat=2):
            begins, end = first + above, last - below
            if end - begins >= FEWEST_ROWS and (rows := _table(page[begins:end])):
                yield page[rest:begins], []
                yield page[begins:end], rows
                rest = end
                break
    yield page[rest:], []


def _runs_of_cells(page: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """From where to where lines below each other have several cells each."""
    begins = 0
    for i, line in enumerate([*page, Line("", 0, 0, 0, 0)]):
        below = i > begins and 0 < page[i - 1].bottom - line.bottom < ROW_STEP * line.size
        if len(line.cells) > 1 and (below or i == begins):
            continue
        if i - begins >= FEWEST_ROWS:
            yield begins, i
        begins = i if len(line.cells) > 1 else i + 1


def _table(lines: Sequence[Line]) -> Table:
    """The rows of a table, a cell a column; none where lines are running text or a list. Between columns there is room
    on every line."""
    most = max(len(line.cells) for line in lines)
    if most > MOST_COLUMNS:
        return []
    edges: list[list[float]] = []
    for cell in sorted((cell for line in lines for cell in line.cells), key=lambda cell: cell.left):
        if edges and cell.left < edges[-1][1]:
            edges[-1][1] = max(edges[-1][1], cell.right)
        else:
            edges.append([cell.left, cell.right])
    if len(edges) != most:
        return []
    rows = [["" for _ in edges] for _ in lines]
    for row, line in zip(rows, lines, strict=True):
        for cell in line.cells:
            column = next(i for i, edge in enumerate(edges) if cell.left < edge[1])
            if row[column]:
                return []
            row[column] = cell.text
    if all(_MARKER.match(row[0]) for row in rows):
        return []
    filled = [len(cell) for row in rows for cell in row if cell]
    return rows if sum(filled) <= LONGEST_CELL * len(filled) else []


def _is_headed(lines: Sequence[Line], rows: Table) -> bool:
    """Whether the first row names the columns: by its letters' font, or as it is in words and a column in numbers."""
    if not names_columns(rows):
        return False
    columns = list(zip(*rows[1:], strict=True))
    numbers = any(all(map(is_number, filter(None, column))) and any(column) for column in columns)
    return numbers or all(line.font != lines[0].font for line in lines[1:])


def _usual_length(page: Sequence[Line]) -> float:
    """How wide the page's long lines are, in points."""
    widths = [line.right - line.left for line in page]
    return quantiles(widths, n=10)[-1] if len(widths) > FEW else max(widths, default=0)


def _flowing(lines: Sequence[Line], usual: float, words: Counter[str]) -> str:
    """Lines as running text: a full line goes on in the next, a short one (of a list, a table, a poem) ends there."""
    text = lines[0].text
    for above, line in pairwise(lines):
        if _HYPHEN.search(text[-2:]):
            if (divided := _DIVIDED.search(text)) and (follows := _WORD.match(line.text)):
                text = text[: divided.start()] + _rejoined(divided[1], follows[0], words) + line.text[follows.end() :]
            else:
                text += line.text
        elif above.right - above.left >= usual * FULL or _has_no_room(above, line, usual):
            wide = text[-1:] and line.text and is_wide(text[-1]) and is_wide(line.text[0])
            text += line.text if wide else f" {line.text}"
        else:
            text += f"\n{line.text}"
    return text


def _has_no_room(above: Line, line: Line, usual: float) -> bool:
    """Whether a line ended because the next one's first word did not fit on it."""
    first = line.text.partition(" ")[0]
    return (above.right - above.left) + (line.right - line.left) * (len(first) + 1) / len(line.text) > usual > 0


def _paragraphs(lines: Sequence[Line], body: float, step: float) -> Iterator[tuple[list[Line], bool]]:
    """Runs of lines that belong together, each with whether it is a heading."""
    run: list[Line] = []
    for line in lines:
        if run and _begins(run[-1], line, step):
            yield run, _is_heading(run, body)
            run = []
        run.append(line)
    if run:
        yield run, _is_heading(run, body)


def _usual_step(page: Sequence[Line]) -> float:
    steps = [above.bottom - below.bottom for above, below in pairwise(page) if above.bottom - below.bottom > 1]
    return median(steps) if steps else 0.0


def _begins(above: Line, line: Line, step: float) -> bool:
    if above.size and line.size and max(above.size, line.size) / min(above.size, line.size) >= HEADING_SIZE:
        return True
    down = above.bottom - line.bottom
    if down < -1:  # a new column: a sentence may go on in it
        return _ENDS.search(above.text) is not None or line.text[:1].isupper()
    return bool(step) and down > step * PARAGRAPH_GAP


def _is_heading(lines: Sequence[Line], body: float) -> bool:
    text = " ".join(line.text for line in lines)
    return bool(body) and lines[0].size >= body * HEADING_SIZE and len(text) <= MAX_HEADING and text[-1:] not in ".,;"


def _rejoined(before: str, after: str, words: Counter[str]) -> str:
    """A word that was divided at a line's end, whole. Its hyphen stays where the document has it elsewhere too, and
    between two frequent words ("well-known")."""
    joined, hyphened = f"{before}{after}", f"{before}-{after}"
    if not after[:1].islower():
        return hyphened
    if words[joined.lower()] or words[hyphened.lower()]:
        return hyphened if words[hyphened.lower()] > words[joined.lower()] else joined
    return hyphened if _frequent(before) and _frequent(after) and not _frequent(joined) else joined


def _frequent(word: str) -> bool:
    return weight(word.lower()) < FREQUENT


def _sane(title: str | None) -> str | None:
    """A title as people write them, not what a program left behind."""
    title = (title or "").strip()
    bad = title.lower() in ("", "untitled", "(anonymous)") or re.search(r"\.\w{2,4}$|^microsoft word", title, re.I)
    return None if bad else title
