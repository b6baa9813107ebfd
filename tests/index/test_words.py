import pytest

from index.words import content_words, grams, stems, terms, weight, words


def test_words_are_lower_case_without_possessive() -> None:
    assert words("Russia’s General Staff, Syria's 3 zones_a") == [
        "russia",
        "general",
        "staff",
        "syria",
        "3",
        "zones",
        "a",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who signed the memorandum?", ["signed", "memorandum"]),
        ("What did the US say?", ["us"]),
        ("WHAT DOES THE US OFFER?", ["offer"]),
        ("Who is it?", ["who", "is", "it"]),
        ("", []),
        ("\ud800 \0 🙂", []),
        ("停火", ["停火"]),
    ],
)
def test_content_words_are_those_that_tell_something(text: str, expected: list[str]) -> None:
    assert content_words(text) == expected


def test_stems_are_one_a_word() -> None:
    assert stems(["signed", "signing", "talks"]) == ["sign", "sign", "talk"]
    assert stems([]) == []


def test_a_rare_word_weighs_more_than_a_frequent_one_and_all_weigh_0_to_1() -> None:
    assert 0 <= weight("the") < weight("talks") < weight("memorandum") <= weight("lavrentyev") == 1
    assert all(0 <= weight(word) <= 1 for word in ("", "a", "\ud800", "\0", "中", "x" * 1000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("東京都 iPhone手機", "東京 京都 手機 iphone"),
        ("水", "水"),
        ("ที่นี่", "ที ี่ ่น นี ี่"),
        ("plain English, schönes Deutsch, Русский, עברית, 한국어", ""),
    ],
)
def test_scripts_without_spaces_are_searched_by_pairs_of_characters(text: str, expected: str) -> None:
    assert grams(text) == expected


def test_a_query_has_pairs_in_place_of_what_has_no_spaces() -> None:
    assert terms("Where is 東京都?") == ["東京", "京都"]
    assert terms("the red 車") == ["red", "車"]
