import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Hit, Passage
from qa.read.span import SpanReader
from qa.read.tables import spelled_out

TABLE = """Hours of the shop.

| Day | Opens | Closes |
|:----|------:|--------|
| Monday | 9:00 | 17:00 |
| Sunday |  | never \\| shut |

After it."""


def spelled(text: str) -> str:
    made = spelled_out(text)
    assert made is not None
    return made.text


def test_rows_are_spelled_out_with_their_columns_names() -> None:
    assert spelled(TABLE).split("\n") == [
        "Hours of the shop.",
        "",
        "",
        "",
        "Day: Monday; Opens: 9:00; Closes: 17:00",
        "Day: Sunday; Closes: never \\| shut",
        "",
        "After it.",
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Day | Opens\n--- | ---\nMonday | 9:00", ["Day: Monday; Opens: 9:00"]),
        ("| Day |\n|---|\n| Monday | 9:00 |", ["Day: Monday; 9:00"]),
        ("| Day | Opens |\n|---|---|\n| Monday |", ["Day: Monday"]),
        ("| Monday | 9:00 |\n| Sunday | 10:00 |", ["Monday; 9:00", "Sunday; 10:00"]),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n\nA line.\n| 3 | 4 |", ["A: 1; B: 2", "A line.", "3; 4"]),
        ("| |\n|---|\n| 1 |", ["1"]),
    ],
)
def test_a_table_may_be_ragged_or_have_lost_its_names(text: str, rows: list[str]) -> None:
    assert [line for line in spelled(text).split("\n") if line] == rows


@pytest.mark.parametrize("text", ["It is either a || b or a | b.", "No table.", "", "---\nA rule."])
def test_what_is_no_table_stays(text: str) -> None:
    assert spelled_out(text) is None


@given(st.text("|-: aé\n\\", max_size=60))
def test_every_character_that_was_not_put_in_is_the_passages_own(text: str) -> None:
    made = spelled_out(text)
    if made is None:
        return
    assert len(made.text) == len(made.places)
    kept = [(char, place) for char, place in zip(made.text, made.places, strict=True) if place >= 0]
    assert all(text[place] == char for char, place in kept)
    assert [place for _, place in kept] == sorted({place for _, place in kept})
    assert set(made.cells) <= {place for _, place in kept}
    lost = set(range(len(text))) - {place for _, place in kept}
    assert all(made.span(at, at + 1) == (place, place + 1) for at, place in enumerate(made.places) if place >= 0)
    if "-" not in text:
        assert all(text[place] in "| \n" for place in lost)


CODES = """| Code | Meaning | What to do |
|------|---------|------------|
| F1 | Ignition failed three times | Press reset, wait 30 seconds |
| F2 | Low water pressure | Refill to 1.5 bar |
| F5 | Flue blocked | Call an engineer |"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [("What does F5 mean?", "Flue blocked"), ("What does code F2 mean?", "Low water pressure")],
)
def test_what_a_row_says_is_answered_from_its_cell(question: str, answer: str) -> None:
    passage = Passage("d:0", "d", 100, 100 + len(CODES), CODES, "Error codes", "Boiler")
    found = SpanReader.shipped().spans(question, [Hit(passage, 1.0, 1, 1)])[0].span
    assert CODES[found.start - 100 : found.end - 100] == answer


def test_a_table_in_which_nothing_is_said_holds_no_answer() -> None:
    """Its one cell numbers a line, and its column's name was put in."""
    text = "No. | Name\n--- | ---\n1. |"
    passage = Passage("d:0", "d", 0, len(text), text)
    assert SpanReader.shipped().spans("What is the name?", [Hit(passage, 1.0, 1, 1)]) == []
