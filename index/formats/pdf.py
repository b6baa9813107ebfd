"""PDF, through PDFium (Chromium's engine): pages, paragraphs told from where lines stand, headings from their size."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from index.formats import Limits, Reading, Refused
from index.formats.bidi import Placed, read_order, runs_right_to_left
from index.formats.text import TextBuilder, is_wide
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
EDGE_LINES = 2
"""How many lines at the top and the bottom of a page may be running heads."""

_DIVIDED = re.compile(r"([^\W\d]+)[-\u00ad\u2010]$")
_DIVIDED_BY_PDFIUM = re.compile(r"([^\W\d]+)[\ufffe\x02]([^\W\d]+)")
_WORD = re.compile(r"[^\W\d]+")
# Ligatures, and the bullets of symbol fonts.
_SIGNS = str.maketrans(
    {"\uf0b7": "•", "\uf0a7": "•", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_ENDS = re.compile(r"[.!?:;。！？؟۔।]['\"”’»)\]]*$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, its font's size, and where it stands (points; `bottom` from the page's foot)."""

    text: str
    size: float
    left: float
    right: float
    bottom: float


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
            bare = line.strip()
            if bare:
                first = at + line.index(bare)
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
    if any(part.right_to_left for part in parts):
        boxes = [textpage.get_charbox(place, loose=True) for place in places]
        placed = [Placed(char, box[0], box[2]) for char, box in zip(text, boxes, strict=True)]
        text = read_order(placed, len(parts) - 1, recognised=_is_invisible(textpage, places[0]))
    else:
        boxes = [textpage.get_charbox(place, loose=True) for place in (places[0], places[-1])]
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(textpage, places[0], matrix)
    size = raw.FPDFText_GetFontSize(textpage, places[0]) * math.hypot(matrix.c, matrix.d)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    return Line(text.translate(_SIGNS), round(size, 1), left, right, boxes[0][1])


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
    builder = TextBuilder(paged=True)
    open_end = False
    for page in pages:
        builder.page()
        usual = _usual_length(page if len(page) > FEW else every)
        for number, (lines, heading) in enumerate(_paragraphs(page, body)):
            text = _flowing(lines, 0 if heading else usual, words)
            if heading:
                builder.heading(text, 1 + larger.index(lines[0].size))
            elif number == 0 and open_end and not text[:1].isupper():
                builder.continued(text)
            else:
                builder.paragraph(text)
            open_end = not heading and _ENDS.search(text) is None
    return builder.reading(_sane(title))


def _usual_length(page: Sequence[Line]) -> float:
    """How wide the page's long lines are, in points."""
    widths = [line.right - line.left for line in page]
    return quantiles(widths, n=10)[-1] if len(widths) > FEW else max(widths, default=0)


def _flowing(lines: Sequence[Line], usual: float, words: Counter[str]) -> str:
    """Lines as running text: a full line goes on in the next, a short one (of a list, a table, a poem) ends there."""
    text = lines[0].text
    for above, line in pairwise(lines):
        if (divided := _DIVIDED.search(text)) and (follows := _WORD.match(line.text)):
            text = text[: divided.start()] + _rejoined(divided[1], follows[0], words) + line.text[follows.end() :]
        elif above.right - above.left >= usual * FULL:
            wide = text[-1:] and line.text and is_wide(text[-1]) and is_wide(line.text[0])
            text += line.text if wide else f" {line.text}"
        else:
            text += f"\n{line.text}"
    return _DIVIDED_BY_PDFIUM.sub(lambda match: _rejoined(match[1], match[2], words), text)


def _paragraphs(page: Sequence[Line], body: float) -> Iterator[tuple[list[Line], bool]]:
    """Runs of lines that belong together, each with whether it is a heading."""
    step = _usual_step(page)
    run: list[Line] = []
    for line in page:
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
