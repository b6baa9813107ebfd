import pytest
from hypothesis import given

from index.sentences import sentence_spans, sentences_between, trimmed
from index.types import Heading
from tests.index.conftest import any_text


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_spans_are_offsets_into_the_text() -> None:
    assert sentence_spans("  One.  Two?\n") == [(2, 6), (8, 12)]


def test_a_part_of_a_text_has_spans_in_the_whole() -> None:
    assert sentence_spans("One. Two. Three.", 5, 9) == [(5, 9)]


@pytest.mark.parametrize(
    "sentence",
    [
        "ASTANA, May 5. /TASS/. The fourth round of talks on Syria ended by an unexpected breakthrough.",
        "LONDON, Jan 3 (Reuters) - Shares fell.",
        "MOSCOW (AP) — The talks ended.",
        "Dr. J. R. Smith met Mr. Jones at 5 p.m. on Jan. 3.",
        "J. K. Rowling wrote to St. Petersburg.",
        "Президент В. В. Путин приехал.",
        "The U.S. delegation and the U.N. Special Envoy stayed.",
        "See Fig. 3 and pp. 4-5 of Vol. 2, no. 7.",
        "It cost $3.50 vs. 2.7 before, e.g. in May.",
        "They waited... and then left.",
        "Nobody knew… why it happened.",
        "Yahoo! was bought.",
        '"Stop!" she cried.',
        "“This work will be continued,” he added.",
        "Visit www.example.com or mail a.b@c.org.",
        "This paragraph is hard-wrapped at\nseventy columns, and Mr.\nSmith does not end it.",
    ],
)
def test_this_is_one_sentence(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Talks are expected to be completed by late May. Negotiators will meet in mid-July.",
            ["Talks are expected to be completed by late May.", "Negotiators will meet in mid-July."],
        ),
        (
            "ASTANA, May 5. /TASS/. The round ended. It was long.",
            ["ASTANA, May 5. /TASS/. The round ended.", "It was long."],
        ),
        (
            '"Iran is a criminal, it has no place here." Then they left.',
            ['"Iran is a criminal, it has no place here."', "Then they left."],
        ),
        ("“Yes.” “No.”", ["“Yes.”", "“No.”"]),
        ("He lives in the U.S. He likes it.", ["He lives in the U.S.", "He likes it."]),
        ("He said it.[1] Then he left.[2][3]", ["He said it.[1]", "Then he left.[2][3]"]),
        ("Well... Perhaps.", ["Well...", "Perhaps."]),
        ("What?! No way!! Really?", ["What?!", "No way!!", "Really?"]),
        ("会议举行。各方签署了备忘录！停火开始？是的。", ["会议举行。", "各方签署了备忘录！", "停火开始？", "是的。"]),
        ("今日は晴れです。明日は雨でしょう。", ["今日は晴れです。", "明日は雨でしょう。"]),
        ("Он сказал: «Да». Потом уехал.", ["Он сказал: «Да».", "Потом уехал."]),
    ],
)
def test_these_are_several_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_list_item_is_a_sentence_with_its_marker() -> None:
    assert sentences("To do:\n- apples\n• pears\n1. Mix it.\n2. Bake it.\n3) Eat.") == [
        "To do:",
        "- apples",
        "• pears",
        "1. Mix it.",
        "2. Bake it.",
        "3) Eat.",
    ]


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert sentences("A line\nand its second\n \nA new one") == ["A line\nand its second", "A new one"]


@pytest.mark.parametrize("space", ["\xa0", "\u3000", "\u2028", "\u2029", "\x85"])
def test_a_wide_space_before_a_stop_is_survived(space: str) -> None:
    """sentencex by itself panics: "byte index is not a char boundary"."""
    assert sentences(f"This is plan A{space}. It works.") == [f"This is plan A{space}.", "It works."]


def test_headings_are_sentences_of_their_own() -> None:
    text = "Before it. The heading\nAfter it."
    assert sentences_between(text, (Heading(11, 22),), 0, len(text)) == [(0, 10), (11, 22), (23, 32)]
    assert sentences_between(text, (Heading(11, 22),), 12, len(text)) == [(12, 32)]


def test_trimming_drops_white_space_at_both_sides() -> None:
    assert trimmed(" \n a b\t", 0, 7) == (3, 6)
    assert trimmed("a   ", 1, 4) == (4, 4)


@given(any_text)
def test_sentences_are_in_order_trimmed_and_leave_out_only_white_space(text: str) -> None:
    at = 0
    for start, end in sentence_spans(text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()
