import pytest

from index.formats.bidi import Placed, read_order, runs_right_to_left


def drawn(seen: str, mark_width: float = 0) -> list[Placed]:
    """Characters of width 10 as a reader sees them from the left; "_" is room without a space."""
    at, placed = 0.0, []
    for char in seen:
        if char != "_":
            placed.append(Placed(char, at, at if char == " " else at + 10))
        at += 5 if char in " _" else 10
    return placed


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ("abc", "abc"),
        ("גבא", "אבג"),
        (".דג בא", "אב גד."),
        (".1932 דג", "גד 1932."),
        ("50% דג 1,149", "1,149 גד 50%"),
        ("19-ב", "ב-19"),
        (".בא iPhone 15 דג", "גד iPhone 15 אב."),
        (".(בא) דג", "גד (אב)."),
        ("The בא דג end.", "The גד אב end."),
        ("See (בא) now.", "See (אב) now."),
        ("See [בא[ now.", "See [אב] now."),
        ("גב (א", "א) בג"),
    ],
)
def test_a_line_is_read_as_it_was_written(seen: str, text: str) -> None:
    assert read_order(drawn(seen)) == text


def test_the_order_of_drawing_does_not_matter() -> None:
    assert read_order(drawn(".דג 12 בא")[::-1]) == read_order(drawn(".דג 12 בא")) == "אב 12 גד."


def test_a_space_is_where_there_is_room_wherever_it_was_drawn() -> None:
    first, second, room = Placed("א", 20, 30), Placed("ב", 0, 10), Placed(" ", 30, 30)
    assert read_order([first, room, second]) == "א ב"


def test_a_line_of_two_pieces_has_a_space_between_words_and_none_within_one() -> None:
    assert read_order(drawn("הד_גב א"), joins=1) == "א בג דה"
    assert read_order(drawn("הדגב א"), joins=1) == "א בגדה"


def test_marks_stay_with_their_letter() -> None:
    on, beside = Placed("\u05b8", 12, 14), Placed("\u05b8", 6, 9)
    letter, other = Placed("ש", 10, 20), Placed("ל", -10, 0)
    assert read_order([on, other, letter]) == read_order([other, letter, beside]) == "ש\u05b8ל"


def test_recognised_words_keep_their_letters() -> None:
    assert read_order(drawn("גד אב"), recognised=True) == "אב גד"


def test_what_runs_from_the_right() -> None:
    assert [runs_right_to_left(text) for text in ("abc 1", "ab א", "مر", "")] == [False, True, True, False]
