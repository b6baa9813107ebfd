"""What the page shows, read back with an HTML parser: untrusted text comes out as the text it was."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import ARTICLE, HOSTILE, answer, cite, document, not_answered

from index.types import Heading
from qa.types import NOT_IN_SOURCE, Answer, Sentence
from ui_assets import render

# HTML can hold neither NUL nor half a surrogate pair; a stand-in of the same length is shown.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


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
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.by_tag.append((self._open[-1] if self._open else "", data))

    def attributes(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@given(texts)
def test_literal_text_reads_back_as_itself_in_an_element_and_in_an_attribute(text: str) -> None:
    read = Read(f'<p title="{render.literal(text)}">{render.literal(text)}</p>')
    assert read.text == text
    assert read.attributes("title") == [text]
    assert [tag for tag, _ in read.tags] == ["p"]


@given(texts)
def test_literal_text_holds_nothing_that_markdown_or_html_could_read(text: str) -> None:
    escaped = render.literal(text)
    rest = escaped.replace("&#", "").replace(";", "")
    assert not set(rest) & set("\\`*_{}[]<>()#+-.!|~$\"'=:/&\n\r\t")


def test_characters_that_html_cannot_hold_are_replaced_one_for_one() -> None:
    assert render.literal("a\0b\ud800c") == "a\ufffdb\ufffdc"


@given(texts, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9)), max_size=4))
def test_the_text_of_a_source_is_the_text_of_its_document(text: str, spans: list[tuple[int, int, int]]) -> None:
    headings = tuple(Heading(start, end, level) for start, end, level in spans)
    shown = render.source(replace(document("d", text), headings=headings))
    assert Read(shown).text == text


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


def test_a_source_is_named_by_its_id_its_title_and_its_hash() -> None:
    read = Read(render.source(document('a"b', "text", "<T>")))
    assert read.tags[0] == (
        "article",
        {"class": "source", "data-document": 'a"b', "data-sha": 'sha-a"b', "data-title": "<T>"},
    )


def test_every_footnote_carries_the_place_it_cites() -> None:
    source = document("d", ARTICLE)
    shown = Read(render.answer(answer("q", cite(source, "May 6"), cite(source, "four areas", 2))))
    places = [(a["data-document"], a["data-start"], a["data-end"]) for _, a in shown.tags if "data-start" in a]
    may, four = ARTICLE.index("May 6"), ARTICLE.index("four areas")
    once = [("d", str(may), str(may + 5)), ("d", str(four), str(four + 10))]
    assert places == once + once
    assert shown.attributes("aria-label")[0] == "Footnote 1: May 6"


def test_footnotes_follow_the_sentences_that_claim_them_and_the_text_is_whole() -> None:
    source = document("d", ARTICLE)
    one, two = cite(source, "May 6"), cite(source, "four areas", 2)
    text = "It starts on May 6.  There are\nfour areas. So they say."
    sentences = (
        Sentence("It starts on May 6.", "supported", (1,)),
        Sentence("There are\nfour areas.", "supported", (2, 1)),
        Sentence("So they say.", "unsupported", ()),
    )
    shown = render.answer(Answer("q", "q", True, text, 0.7, "llm", (one, two), sentences))
    line = Read(shown[shown.index('<p class="answer') : shown.index("<ol")]).text
    assert line == "It starts on May 6.1  There are\nfour areas.21 So they say.no footnote supports this"


@pytest.mark.parametrize("sentences", [(), (Sentence("Not in the text.", "quoted", (1,)),)])
def test_a_footnote_that_no_sentence_claims_comes_last(sentences: tuple[Sentence, ...]) -> None:
    found = cite(document("d", ARTICLE), "May 6")
    shown = render.answer(Answer("q", "q", True, "May 6", 0.9, "extractive", (found,), sentences))
    assert Read(shown[: shown.index("<ol")]).text == "May 61"


def test_a_footnote_quotes_its_sentence_with_the_cited_words_in_it() -> None:
    source = document("d", ARTICLE)
    found = cite(source, "May 6")
    sentence = "The ceasefire starts on May 6."
    note = replace(found, context=sentence, context_start=ARTICLE.index(sentence), page=3)
    read = Read(render.answer(answer("q", note)))
    assert ("strong", "May 6") in read.by_tag
    assert "“The ceasefire starts on May 6.” d, page 3" in read.text


def test_what_is_not_in_the_source_says_so_and_offers_what_came_nearest() -> None:
    read = Read(render.answer(not_answered("q", (document("d", ARTICLE), "There are four areas."))))
    assert ("h2", "Not in the source") in read.by_tag
    assert NOT_IN_SOURCE in read.text
    assert "No answer was found in it." in read.text
    start = ARTICLE.index("There are")
    assert read.attributes("data-start") == [str(start)]
    assert not [attributes for _, attributes in read.tags if attributes.get("class") == "footnote"]


def test_what_came_nearest_is_named_where_it_comes_from_several_documents() -> None:
    one, two = document("a", "Part\n\nFirst.\n\nMore.", "A title"), document("b", "Other.", "B title")
    alone = Read(render.answer(not_answered("q", (one, one.text))))
    both = Read(render.answer(not_answered("q", (one, one.text), (two, two.text))))
    assert [data for tag, data in alone.by_tag if tag in ("span", "cite")] == ["Part — First. More."]
    assert [data for tag, data in both.by_tag if tag == "cite"] == ["A title", "B title"]


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "quite sure"), (0.85, "quite sure"), (0.6, "likely"), (0, "unsure")]
)
def test_confidence_is_a_word_and_its_number_is_explained(confidence: float, word: str) -> None:
    read = Read(render.answer(replace(answer("q", cite(document("d", ARTICLE), "May 6")), confidence=confidence)))
    assert ("summary", word) in read.by_tag
    assert ("p", f"Of a hundred answers held this sure, about {round(confidence * 100)} are right.") in read.by_tag


def test_a_follow_up_shows_how_it_was_read_only_where_that_differs() -> None:
    source = document("d", ARTICLE)
    assert (
        "When does it start?"
        in Read(render.answer(answer("When?", cite(source, "May 6"), standalone="When does it start?"))).text
    )
    assert "Read as" not in render.answer(answer("When?", cite(source, "May 6")))


@given(texts, texts)
def test_an_error_keeps_the_question_and_shows_its_message_as_text(question: str, message: str) -> None:
    read = Read(render.error(question, message))
    assert read.attributes("data-restore") == [question]
    assert read.attributes("data-question") == [question]
    assert message in read.text


@given(texts)
def test_a_conversation_is_one_line_whatever_was_asked_so_that_markdown_leaves_it_alone(question: str) -> None:
    turns = (render.Turn(question, render.error(question, question)),)
    shown = render.conversation(turns, pending=question)
    assert "\n" not in shown
    assert shown == shown.expandtabs()
    assert Read(shown).text.count(question) >= 3 or not question


def test_hostile_text_adds_no_tag_anywhere() -> None:
    def tags(text: str) -> list[str]:
        source = replace(document("d", text, title=text), path=text)
        shown = [
            render.source(source),
            render.source_pane([source, source]),
            render.first_run([text]),
            render.answer(answer(text, cite(source, text), standalone=text + text)),
            render.answer(not_answered(text, (source, text))),
            render.error(text, text),
        ]
        return [tag for fragment in shown for tag, _ in Read(fragment).tags]

    assert tags(HOSTILE.replace("\n", " ")) == tags("harmless " * 60)


def test_a_switch_among_documents_is_there_when_there_are_several() -> None:
    one, two = document("a", "x", "A"), document("b", "y", "B")
    assert "select" not in [tag for tag, _ in Read(render.source_pane([one])).tags]
    assert Read(render.source_pane([one, two])).attributes("value") == ["a", "b"]
    assert "qa index" in Read(render.source_pane([])).text
