from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.passages import Splitter, split
from index.pieces import encodable, word_pieces
from index.sentences import sentence_spans
from index.structure import markdown_structure, plain_structure
from index.types import Document
from tests.conftest import ARTICLE
from tests.index.conftest import STRUCTURES, any_text, count_words, make_document, structured


def texts(document: Document, max_pieces: int = 6, overlap: int = 1) -> list[str]:
    return [passage.text for passage in split(document, Splitter(max_pieces, overlap), count_words)]


def test_whole_sentences_fill_a_passage_and_the_last_is_repeated() -> None:
    """Sentences of 3, 2, 3 and 1 words into 6: 3+2, then 2+3+1 with the 2 repeated."""
    document = make_document("One two three. Four five. Six seven eight. Nine.")
    assert texts(document) == ["One two three. Four five.", "Four five. Six seven eight. Nine."]


def test_a_repeated_sentence_that_leaves_no_room_is_not_repeated() -> None:
    """4 repeated with 3 would be 7 words."""
    document = make_document("One two. Three four five six. Seven eight nine.")
    assert texts(document) == ["One two. Three four five six.", "Seven eight nine."]


def test_a_passage_of_one_sentence_is_not_repeated_whole() -> None:
    document = make_document("One two three four five. Six. Seven eight nine ten eleven.")
    assert texts(document) == ["One two three four five. Six.", "Six. Seven eight nine ten eleven."]
    assert texts(document, max_pieces=5) == ["One two three four five.", "Six.", "Seven eight nine ten eleven."]


def test_overlap_can_be_two_sentences_or_none() -> None:
    document = make_document("One. Two. Three. Four.")
    assert texts(document, max_pieces=3, overlap=2) == ["One. Two. Three.", "Two. Three. Four."]
    assert texts(document, max_pieces=3, overlap=0) == ["One. Two. Three.", "Four."]


def test_no_passage_crosses_a_heading_and_each_knows_its_own() -> None:
    text = "The title here\n\nOne two.\n\nFirst part\n\nThree four.\n\nSecond part\n\nFive six.\n"
    passages = split(structured(text), Splitter(100), count_words)
    assert [(passage.section, passage.text) for passage in passages] == [
        ("", "The title here\n\nOne two."),
        ("First part", "First part\n\nThree four."),
        ("Second part", "Second part\n\nFive six."),
    ]


def test_a_heading_without_text_goes_with_the_section_below_it() -> None:
    passages = split(structured("# Doc\n\n## A\n\n### B\n\nText b.\n", markdown_structure), Splitter(100), count_words)
    assert [(passage.section, passage.text) for passage in passages] == [
        ("A › B", "# Doc\n\n## A\n\n### B\n\nText b."),
    ]


def test_a_passage_is_named_by_its_place() -> None:
    (passage,) = split(make_document("  One two.\n"), count=count_words)
    assert (passage.id, passage.start, passage.end, passage.section) == ("d:2-10", 2, 10, "")


def test_a_sentence_of_3000_words_is_split_and_nothing_lost() -> None:
    """3,000 words halved until 100 fit: 2^5 = 32 pieces of about 94."""
    document = make_document(" ".join(["word"] * 3000) + ".")
    passages = texts(document, max_pieces=100)
    assert len(passages) == 32
    assert max(count_words(passages)) <= 100
    assert sum(count_words(passages)) == 3000


def test_a_long_sentence_is_split_at_a_semicolon_or_comma_near_its_middle() -> None:
    document = make_document("one two three, four; five six seven eight.")
    assert texts(document, max_pieces=4) == ["one two three, four;", "five six seven eight."]
    document = make_document("one two three four, five six seven eight.")
    assert texts(document, max_pieces=4) == ["one two three four,", "five six seven eight."]


def test_a_megabyte_without_white_space_is_split() -> None:
    document = make_document("a" * 1_000_000)
    passages = split(document)
    assert "".join(passage.text for passage in passages) == document.text
    assert max(word_pieces([passage.text for passage in passages])) <= 130


def test_ten_thousand_sections_take_no_longer_than_their_text() -> None:
    text = "Heading\n\nBody text is here.\n\n" * 10_000
    assert len(split(structured(text))) == 10_000


def test_an_empty_document_has_no_passages() -> None:
    assert split(make_document(" \n ")) == []


def test_the_articles_passages_are_as_the_defaults_promise() -> None:
    document = structured(ARTICLE.read_text(encoding="utf-8"))
    passages = split(document)
    lengths = word_pieces([passage.text for passage in passages])
    assert (len(passages), max(lengths)) == (16, 130)
    assert [passage.section for passage in passages[::4]] == [
        "",
        "De-escalation zones",
        "De-escalation zones",
        "Lack of diplomatic experience",
    ]
    sentences = {document.text[start:end] for start, end in sentence_spans(document.text)}
    for before, after in pairwise(passages):
        shared = document.text[after.start : before.end]
        assert shared == "" or shared in sentences


def check(document: Document, splitter: Splitter, words: bool) -> None:
    text = document.text
    passages = split(document, splitter, count_words if words else None)
    lengths = (count_words if words else word_pieces)([passage.text for passage in passages])
    covered = [False] * len(text)
    for passage, length in zip(passages, lengths, strict=True):
        assert passage.text == text[passage.start : passage.end] != ""
        assert length <= splitter.max_pieces or len(passage.text) == 1
        covered[passage.start : passage.end] = [True] * (passage.end - passage.start)
    assert all(inside or char.isspace() for inside, char in zip(covered, text, strict=True))
    for before, after in pairwise(passages):
        assert before.start < after.start
        assert before.end < after.end
    assert len({passage.id for passage in passages}) == len(passages)


@given(any_text, st.integers(1, 12), st.integers(0, 2))
def test_passages_cover_any_text_in_order_and_within_the_size_in_words(text: str, size: int, overlap: int) -> None:
    for structure in STRUCTURES:
        check(structured(text, structure), Splitter(size, overlap), words=True)


@given(any_text, st.integers(2, 30))
@example("000000", 2)  # a word piece for every half of it, three for the whole
def test_passages_cover_any_text_in_order_and_within_the_size_in_word_pieces(text: str, size: int) -> None:
    check(structured(text), Splitter(size), words=False)


@given(any_text)
def test_no_passage_holds_text_of_two_sections(text: str) -> None:
    document = structured(text, markdown_structure)
    for before, heading in pairwise(document.headings):
        between = text[before.end : heading.start].strip(" \t\n=-#")
        if between:
            for passage in split(document, Splitter(8), count_words):
                assert not passage.start < heading.start < passage.end


def test_the_masthead_belongs_to_the_first_section() -> None:
    text = "All news\n\nThe talks ended\n\nThey ended on Friday.\n"
    (passage,) = split(structured(text, plain_structure), count=count_words)
    assert passage.text == text.strip()


@pytest.mark.parametrize(("text", "pieces"), [("", 0), ("peace talks", 2), ("de-escalation", 5), ("x" * 101, 11)])
def test_pieces_are_the_tokenizers_or_a_tenth_of_the_characters(text: str, pieces: int) -> None:
    assert word_pieces([text]) == [pieces]


def test_counting_no_texts_gives_no_counts() -> None:
    assert word_pieces([]) == []


def test_encodable_text_keeps_its_length() -> None:
    assert encodable("a\ud800b\udfff🙂") == "a\ufffdb\ufffd🙂"
