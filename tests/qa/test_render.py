from __future__ import annotations

from rich.console import Console

from qa.render import answer_view, plain
from qa.types import NOT_IN_SOURCE, Answer, Citation, Nearest, Sentence
from tests.qa.conftest import document, whole_hit

TEXT = "It costs 3 euros, says Mr. Smith."


def printed(answer: Answer, width: int = 200) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        console.print(answer_view(answer))
    return capture.get()


def answer(**changes: object) -> Answer:
    told = {
        "question": "What?",
        "standalone_question": "What?",
        "answered": True,
        "text": "3 euros",
        "confidence": 0.87,
    }
    return Answer(**{**told, "mode": "extractive", "timings_ms": {"total": 12.3}, **changes})  # type: ignore[arg-type]


def test_a_footnote_shows_the_quote_in_its_sentence_and_where_it_stands() -> None:
    citation = Citation(1, document(TEXT), 9, 16, "3 euros", TEXT, 0, page=2)
    shown = printed(answer(citations=(citation,), sentences=(Sentence("3 euros", "quoted", (1,)),)))
    assert shown.splitlines()[0].strip() == "3 euros [1]"
    assert "[1] Title, p. 2" in shown
    assert "“It costs 3 euros, says Mr. Smith.”" in shown
    assert "d.txt, characters 9–16" in shown
    assert "right about 87 times in 100" in shown


def test_a_whole_sentence_is_not_printed_twice() -> None:
    citation = Citation(1, document(TEXT), 0, len(TEXT), TEXT, TEXT, 0, page=None)
    shown = printed(answer(citations=(citation,), sentences=(Sentence(TEXT, "quoted", (1,)),), text=TEXT))
    assert shown.count("3 euros") == 1


def test_not_in_the_source_lists_what_came_nearest_as_no_answer() -> None:
    near = Nearest(document(TEXT), whole_hit(document(TEXT)))
    shown = printed(answer(answered=False, text=NOT_IN_SOURCE, nearest=(near,)))
    assert shown.startswith(f"Not in the source. {NOT_IN_SOURCE}")
    assert "no answer was found in it" in shown
    assert TEXT in shown


def test_how_a_follow_up_was_understood_is_shown() -> None:
    assert "understood as: Why X? Why?" in printed(answer(standalone_question="Why X? Why?"))


def test_markup_and_control_characters_are_text() -> None:
    shown = printed(answer(answered=False, text="[bold]x[/bold] \x1b[31m \u202e"))
    assert "[bold]x[/bold]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert plain("a\n\tb\x07c") == "a b\ufffdc"
