import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.normalise import contains, exact_match, normalise, token_f1


def test_case_punctuation_and_articles_do_not_count() -> None:
    assert normalise("The  Idlib province, and an “East” Ghouta!") == "idlib province and east ghouta"


def test_a_curly_and_a_straight_apostrophe_are_the_same_word() -> None:
    assert normalise("Syria’s") == normalise("Syria's") == "syrias"


def test_an_article_within_a_word_stays() -> None:
    assert normalise("Theresa and Anna") == "theresa and anna"


def test_any_of_the_expected_answers_is_an_exact_match() -> None:
    assert exact_match("may 6", ["from May 6", "May 6"]) == 1.0
    assert exact_match("May 7", ["from May 6", "May 6"]) == 0.0


def test_two_of_three_words_against_two_are_an_f1_of_four_fifths() -> None:
    # precision 2/3, recall 2/2: 2 · 2/3 / (2/3 + 1)
    assert token_f1("the big red car", ["red car"]) == pytest.approx(4 / 5)


def test_a_word_said_twice_is_shared_once() -> None:
    # precision 1/2, recall 1/1
    assert token_f1("May May", ["May"]) == pytest.approx(2 / 3)


def test_the_best_expected_answer_gives_the_f1() -> None:
    assert token_f1("six months", ["six", "six months"]) == 1.0


def test_where_the_sources_do_not_say_only_silence_is_right() -> None:
    assert (exact_match("", []), token_f1("", [])) == (1.0, 1.0)
    assert (exact_match("Bob", []), token_f1("Bob", [])) == (0.0, 0.0)


def test_silence_is_wrong_where_the_sources_say() -> None:
    assert (exact_match("", ["Bob"]), token_f1("", ["Bob"])) == (0.0, 0.0)


def test_a_sentence_contains_whole_words_only() -> None:
    assert contains("It starts on May 16.", ["May 16"])
    assert not contains("It starts on May 16.", ["May 1", "6"])


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(), st.lists(st.text().filter(normalise), min_size=1, max_size=3))
def test_an_f1_is_a_share_and_no_less_than_the_exact_match(text: str, answers: list[str]) -> None:
    assert exact_match(text, answers) <= token_f1(text, answers) + 1e-9 <= 1 + 2e-9
