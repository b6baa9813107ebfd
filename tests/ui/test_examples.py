from __future__ import annotations

from index.types import Document, Heading
from ui_assets.examples import SHOWN, TRIED, examples


def document(number: int, text: str, *headings: str) -> Document:
    marks = tuple(Heading(text.index(heading), text.index(heading) + len(heading)) for heading in headings)
    return Document(str(number), "Title", f"{number}.txt", text, "0" * 64, headings=marks)


TEA = document(1, "Brewing\n\nThe leaves came with Robert Fortune's ship to the East India Company.", "Brewing")


def test_headings_come_before_names_and_possessives_are_dropped() -> None:
    assert examples([TEA], lambda _: True) == (
        "What is said about “Brewing”?",
        "What is said about Robert Fortune?",
        "What is said about East India Company?",
    )


def test_a_sentence_s_first_word_is_no_part_of_a_name() -> None:
    assert examples([document(1, "The Hague is far. In May Ann Smith came.")], lambda _: True) == ()


def test_only_what_the_sources_answer_is_shown() -> None:
    assert examples([TEA], lambda question: "Fortune" in question) == ("What is said about Robert Fortune?",)


def test_documents_take_turns_and_few_are_shown() -> None:
    many = [document(n, f"He met Ann Number{n} and Bob Number{n}.") for n in range(9)]
    assert examples(many, lambda _: True) == tuple(f"What is said about Ann Number{n}?" for n in range(SHOWN))


def test_no_more_than_a_few_are_tried() -> None:
    tried: list[str] = []

    def never(question: str) -> bool:
        tried.append(question)
        return False

    assert examples([document(n, f"He met Ann Number{n} and Bob Number{n}.") for n in range(99)], never) == ()
    assert len(tried) == TRIED


def test_without_documents_there_are_none() -> None:
    assert examples([], lambda _: True) == ()
