from __future__ import annotations

import pytest

from qa.llm.sentences import Claim, Unfinished, claims

WRITTEN = [
    "It rained [2]. It was cold. [1] Nobody came [1, 3].",
    "<think>The user wants [9]. I think so.</think>It rained [1]. It was cold [2].",
    "- It rained **hard** [1].\n- It was cold [2][3].\n\nThat is all.",
    "The U.S. left in 1999 [1]! Did it? “Yes,” he said. [2]",
    'See ![map](https://example.invalid/?q=(1)) or [this](http://example.invalid "t") [1]. And 3.5 more [2].',
    "Half a mark is no mark [1",
    "",
]


def test_each_sentence_has_the_numbers_that_stand_in_it_or_follow_it() -> None:
    assert claims(WRITTEN[0]) == [
        Claim("It rained.", (2,)), Claim("It was cold.", (1,)), Claim("Nobody came.", (1, 3)),
    ]  # fmt: skip


def test_what_a_model_thinks_aloud_is_no_part_of_its_answer() -> None:
    assert [claim.text for claim in claims(WRITTEN[1])] == ["It rained.", "It was cold."]


def test_bullets_and_bold_type_are_not_text() -> None:
    assert claims(WRITTEN[2]) == [
        Claim("It rained hard.", (1,)), Claim("It was cold.", (2, 3)), Claim("That is all.", ()),
    ]  # fmt: skip


def test_of_links_and_pictures_only_the_words_stay() -> None:
    assert claims(WRITTEN[4]) == [Claim("See map or this.", (1,)), Claim("And 3.5 more.", (2,))]


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 200])
def test_however_it_is_cut_into_pieces_the_sentences_are_the_same(text: str, size: int) -> None:
    unfinished = Unfinished()
    given = [claim for at in range(0, len(text), size) for claim in unfinished.add(text[at : at + size])]
    assert [*given, *unfinished.rest()] == claims(text)


def test_a_sentence_is_given_when_the_next_one_begins() -> None:
    unfinished = Unfinished()
    assert unfinished.add("It rained [1]. ") == []
    assert unfinished.add("It was c") == [Claim("It rained.", (1,))]
    assert unfinished.add("old") == []
