"""A document as HTML, read back with an HTML parser: untrusted text comes out as the text it was."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import HOSTILE, document

from index.types import Heading
from ui_assets import frame, render

# HTML can hold neither NUL nor half a surrogate pair; a stand-in of the same length is shown.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))

unhurried = settings(deadline=None)  # how long one example takes says more of the machine


class Read(HTMLParser):
    """The text of a fragment, its tags, and the attributes of each tag."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.by_tag: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("input", "link", "meta"):  # these have no end
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.by_tag.append((self._open[-1] if self._open else "", data))

    def attributes(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@unhurried
@given(texts)
def test_literal_text_reads_back_as_itself_in_an_element_and_in_an_attribute(text: str) -> None:
    read = Read(f'<p title="{render.literal(text)}">{render.literal(text)}</p>')
    assert read.text == text
    assert read.attributes("title") == [text]
    assert [tag for tag, _ in read.tags] == ["p"]


@unhurried
@given(texts)
def test_literal_text_holds_nothing_that_html_could_read(text: str) -> None:
    escaped = render.literal(text)
    rest = escaped.replace("&#", "").replace(";", "")
    assert not set(rest) & set("\\`*_{}[]<>()#+-.!|~$\"'=:/&\n\r\t")


def test_characters_that_html_cannot_hold_are_replaced_one_for_one() -> None:
    assert render.literal("a\0b\ud800c") == "a\ufffdb\ufffdc"


@unhurried
@given(
    texts,
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9)), max_size=4),
    st.lists(st.integers(0, 40), max_size=5).map(lambda pages: tuple(sorted(pages))),
)
def test_the_text_of_a_source_is_the_text_of_its_document(
    text: str, spans: list[tuple[int, int, int]], pages: tuple[int, ...]
) -> None:
    headings = tuple(Heading(start, end, level) for start, end, level in spans)
    read = Read(render.source(replace(document("d", text), headings=headings, pages=pages)))
    assert read.text == text
    assert read.attributes("aria-label") == [f"Page {n}" for n, at in enumerate(pages, 1) if at < len(text)]


@unhurried
@given(st.text("a \n\t\r\u2028", max_size=30))
def test_white_space_of_a_source_is_kept(text: str) -> None:
    assert Read(render.source(document("d", text))).text == text


def test_headings_become_headings_and_blank_lines_part_paragraphs() -> None:
    text = "Title\nFirst line\nof one.\n\n \nSecond.\n\nPart\n\n  Indented.\n"
    headings = (Heading(0, 5, 1), Heading(text.index("Part"), text.index("Part") + 4, 2))
    read = Read(render.source(replace(document("d", text), headings=headings)))
    assert read.by_tag == [
        ("h2", "Title"),
        ("article", "\n"),
        ("p", "First line\nof one."),
        ("article", "\n\n \n"),
        ("p", "Second."),
        ("article", "\n\n"),
        ("h3", "Part"),
        ("article", "\n\n"),
        ("p", "  Indented."),
        ("article", "\n"),
    ]


def test_the_marks_of_a_markdown_heading_stand_in_it_and_are_not_shown() -> None:
    text = "Before.\n\n## Part\n\nText."
    read = Read(
        render.source(replace(document("d", text), headings=(Heading(text.index("Part"), text.index("\n\nText"), 2),)))
    )
    assert [(tag, data) for tag, data in read.by_tag if data.strip()] == [
        ("p", "Before."),
        ("span", "## "),
        ("h3", "Part"),
        ("p", "Text."),
    ]


TABLE = "| Year | Cod \\| t |\n|---:|:--|\n| 1900 | 120 |\n|  | a\\|b |  \n"


def test_a_table_between_bars_is_shown_as_one_and_stays_the_text() -> None:
    text = f"Before.\n\n{TABLE}\nAfter | this."
    shown = render.source(document("d", text))
    read = Read(shown)
    assert read.text == text
    cells = [(tag, data) for tag, data in read.by_tag if tag in ("th", "td", "p")]
    assert cells == [
        ("p", "Before."),
        *(("th", one) for one in ("Year ", "Cod \\| t ")),
        *(("td", one) for one in ("---:", ":--")),
        *(("td", one) for one in ("1900 ", "120 ")),
        ("td", "a\\|b "),
        ("p", "After | this."),
    ]
    assert shown.count('<tr class="markup">') == 1


@unhurried
@given(st.text("|a \\-:\n\t\r\u2028", max_size=40))
def test_whatever_stands_between_bars_stays_the_text(text: str) -> None:
    rows = "\n".join(f"|{line}|" for line in text.split("\n"))
    for written in (text, rows, f"a\n\n{rows}\n\nb"):
        assert Read(render.source(document("d", written))).text == written


def test_a_page_is_named_where_it_starts_in_the_middle_of_a_paragraph_too() -> None:
    text = "One two.\n\nThree four."
    shown = render.source(replace(document("d", text), pages=(0, text.index("four"))))
    assert (
        shown.index("Page 1") < shown.index("One") < shown.index("Three") < shown.index("Page 2") < shown.index("four")
    )


def test_a_source_is_named_by_its_id_its_title_and_its_hash() -> None:
    read = Read(render.source(document('a"b', "text", "<T>")))
    assert read.tags[0] == (
        "article",
        {"class": "source", "data-document": 'a"b', "data-sha": 'sha-a"b', "data-title": "<T>"},
    )


def test_hostile_text_adds_no_tag() -> None:
    def tags(text: str) -> list[str]:
        return [tag for tag, _ in Read(render.source(replace(document("d", text, title=text), path=text))).tags]

    assert tags(HOSTILE.replace("\n", " ")) == tags("harmless " * 60)


def test_the_frame_is_one_line_a_part_so_that_markdown_leaves_it_alone() -> None:
    for part in (frame.TOP, frame.THREAD, frame.BELOW, frame.SOURCE):
        assert "\n" not in part
        assert not Read(part)._open
