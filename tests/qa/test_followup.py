from __future__ import annotations

import pytest

from qa.followup.choice import shipped_weights
from qa.followup.phrases import noun_phrases
from qa.followup.readings import Turn, is_fragment, readings, split_question, without_opener
from qa.history import standalone
from qa.types import NOT_IN_SOURCE


def texts(question: str, *turns: tuple[str, str], kind: str) -> list[str]:
    return [r.text for r in readings(question, [Turn(*turn) for turn in turns]) if r.kind == kind]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("When did the old bridge collapse?", ["the old bridge"]),
        ("Who is Ada Lovelace?", ["Ada Lovelace"]),
        ("Tell me about lung cancer.", ["lung cancer"]),
        ("Norway and Sweden", ["Norway", "Norway and Sweden", "Sweden"]),
        ("One of the guards left the hall.", ["One of the guards", "the guards", "the hall"]),
        ("He shouted that Iran lost the game.", ["Iran", "the game"]),
        ("When did the fourth round of talks end?", ["the fourth round", "the fourth round of talks", "talks"]),
        ("He was late. They met Dr. Ann Lee on a Monday.", ["Dr. Ann Lee", "a Monday"]),
        ("Was anybody there in May?", ["May"]),
        ("Did she report the leak?", ["the leak"]),
        ("Why did Pink Floyd's guitarist leave the band?", ["Pink Floyd's guitarist", "the band"]),
    ],
)
def test_noun_phrases_are_what_a_question_can_refer_to(text: str, phrases: list[str]) -> None:
    assert [phrase.text for phrase in noun_phrases(text)] == phrases


def test_names_and_plurals_are_told_apart() -> None:
    norway, both, _ = noun_phrases("Norway and Sweden")
    assert (norway.is_name, norway.is_plural) == (True, False)
    assert (both.is_name, both.is_plural) == (True, True)


@pytest.mark.parametrize("question", ["Why?", "For how long?", "Which ones?", "The experts?", "And in Oslo?"])
def test_a_question_without_a_verb_is_a_fragment(question: str) -> None:
    assert is_fragment(without_opener(question)[0])


@pytest.mark.parametrize("question", ["Who came?", "What is tea?", "Did they win?", "Who refuted that?"])
def test_a_question_with_a_verb_is_none(question: str) -> None:
    assert not is_fragment(question)


def test_a_question_is_split_into_what_it_asks_for_and_of_what() -> None:
    assert split_question("In how many towns will trams run?") == ("In how many towns", "will trams run")
    assert split_question("Who refuted the claim?") == ("Who", "refuted the claim")
    assert split_question("Is it open?") == ("", "Is it open")


def test_a_bare_question_word_asks_the_last_question_anew() -> None:
    assert texts("Why?", ("When did the bridge collapse?", "in 1940"), kind="swapped") == [
        "Why did the bridge collapse?"
    ]
    assert texts("Why not?", ("Can I cancel the order?", "No"), kind="swapped") == ["Why not can I cancel the order?"]
    assert texts("When?", ("Who found the leak?", "the guard"), kind="swapped") == ["When did the guard find the leak?"]


def test_what_was_asked_for_becomes_the_subject() -> None:
    counted = ("How many stops will be built?", "four")
    assert texts("And where?", counted, kind="swapped") == ["Where will the stops be built?"]
    assert texts("Why?", ("What will be built?", "a bridge"), kind="swapped") == ["Why will a bridge be built?"]


def test_he_is_who_did_what_was_asked_not_a_name_in_the_question() -> None:
    asked = ("Who called Norway a criminal?", "one of the guards")
    assert texts("What did he shout?", asked, kind="pronoun") == ["What did one of the guards shout?"]
    described = ("Who is Ann Lee?", "a poet")
    assert "Where does Ann Lee live?" in texts("Where does she live?", described, kind="pronoun")


def test_he_is_one_of_the_several_who_did_what_was_asked() -> None:
    asked = ("Who left the hall?", "two delegates")
    assert standalone("Where did he go?", [asked]) == "Where did two delegates go?"


def test_nothing_in_an_abstention_was_spoken_of() -> None:
    asked = ("Who refused to leave the ferry?", NOT_IN_SOURCE)
    assert standalone("Why?", [asked]) == "Why did somebody refuse to leave the ferry?"
    assert "source" not in standalone("How long did they stay on board?", [asked]).lower()
    half = ("Who sailed it and why?", f"Ann Lee {NOT_IN_SOURCE[:-1]}: Why?")
    assert "source" not in standalone("What do they know of it?", [half]).lower()


def test_it_is_nobody_whom_he_or_she_meant_or_who_has_a_title() -> None:
    history = [
        ("Why did the ferry stop?", "a leak"),
        ("Who is the captain?", "Ann Lee"),
        ("What did she say?", "Leave."),
    ]
    assert standalone("When was it built?", history) == "When was the ferry built?"
    asked = [("Who repaired the roof?", "Mr. Okafor")]
    assert standalone("When can he start?", asked) == "When can Mr. Okafor start?"
    assert "Okafor" not in standalone("How much will it cost?", asked)


def test_what_was_added_to_a_question_is_no_part_of_a_name() -> None:
    history = [
        ("Why did the ferry stop?", "a leak"),
        ("Who is the captain?", "Ann Lee"),
        ("What did she say?", "Leave."),
    ]
    history.append(("How many people were on board?", "21"))
    assert standalone("When was it built?", history) == "When was the ferry built?"


def test_the_one_last_asked_for_is_meant_though_a_name_was_understood_before() -> None:
    history = [
        ("Where did Ann Lee go?", "Oslo"),
        ("What did the city give her?", "a house"),
        ("Who built it?", "Bo Ek"),
    ]
    assert standalone("What did he become?", history) == "What did Bo Ek become?"


def test_days_months_and_what_is_two_things_are_no_it() -> None:
    assert texts("What does it cost?", ("Who came on Monday?", "Ann Lee"), kind="pronoun") != ["What does Monday cost?"]
    asked = ("Why do Tom and Alice wait?", "for a grant")
    assert "When is Tom and Alice decided?" not in texts("When is that decided?", asked, kind="pronoun")
    assert "When is a grant decided?" in texts("When is that decided?", asked, kind="pronoun")


def test_may_asks_and_what_follows_i_is_its_verb() -> None:
    asked = [("May I use the laser cutter?", "Yes.")]
    assert standalone("And the table saw?", asked) == "May I use the table saw?"


def test_which_ones_asks_for_what_was_counted() -> None:
    asked = ("In how many towns will trams run?", "four")
    assert texts("Which ones?", asked, kind="swapped") == ["In which towns will trams run?"]


def test_another_thing_takes_the_place_of_one_that_was_asked_about() -> None:
    found = texts("What about the ferries?", ("When do the trams run in Oslo?", "all day"), kind="replaced")
    assert found[0] == "When do the ferries run in Oslo?"


def test_a_preposition_that_opened_the_question_is_small_inside_it() -> None:
    found = texts("And on Monday?", ("Is the museum open on Sunday?", "yes"), kind="replaced")
    assert "Is the museum open on Monday?" in found


def test_a_pronoun_is_filled_with_each_thing_that_was_spoken_of() -> None:
    found = texts("When was it built?", ("Which tower stands in Pisa?", "the Leaning Tower"), kind="pronoun")
    assert "When was the Leaning Tower built?" in found
    assert "When was Pisa built?" in found


def test_that_as_a_conjunction_and_there_is_are_no_references() -> None:
    assert texts("Who said that trams are late?", ("Where is Oslo?", "Norway"), kind="pronoun") == []
    assert texts("Is there a tram?", ("Where is Oslo?", "Norway"), kind="pronoun") == []


def test_without_a_conversation_there_is_one_reading() -> None:
    assert [reading.text for reading in readings("And why?", [])] == ["And why?"]


@pytest.mark.parametrize(
    ("question", "history", "alone"),
    [
        ("Who is he?", [("Which inventor signed the patent?", "Nikola Tesla")], "Nikola Tesla"),
        ("Where was she born?", [("Who invented the compiler?", "Grace Hopper")], "Grace Hopper"),
        ("When was it founded?", [("Which company makes the router?", "Acme Networks")], "Acme Networks"),
        ("What are its symptoms?", [("Tell me about lung cancer.", "")], "lung cancer"),
        ("And on weekends?", [("When is the library open on weekdays?", "from 9 to 5")], "library open on weekends"),
        ("And for how long?", [("When does the strike start?", "May 6")], "how long does the strike start"),
    ],
)
def test_what_is_meant_is_named(question: str, history: list[tuple[str, str]], alone: str) -> None:
    assert alone in standalone(question, history)


def test_a_chain_of_follow_ups_reaches_back_to_what_it_is_about() -> None:
    history = [("Who discovered radium?", "Marie Curie"), ("Where was she born?", "Warsaw")]
    assert "Marie Curie" in standalone("When did she die?", history)


@pytest.mark.parametrize(
    "question",
    [
        "How many moons does Jupiter have?",
        "Who is Staffan de Mistura?",
        "What did Lavrentyev say about his plans?",
        "Which countries signed the Rome Treaty?",
    ],
)
def test_a_change_of_subject_is_left_alone(question: str) -> None:
    assert standalone(question, [("When did the bridge collapse?", "in 1940"), ("Why?", "wind")]) == question


@pytest.mark.parametrize("odd", ["?", "…", "he", "漢字は?", "It " * 200, "and", "What about", "the the the", "\n"])
def test_nothing_odd_breaks_it(odd: str) -> None:
    assert standalone(odd, [(odd, odd), ("Who is Ann?", odd), (odd, "Ann")])


def test_the_shipped_weights_say_what_english_does() -> None:
    weights = shipped_weights()
    assert weights["agrees: person name"] > weights["agrees: person thing"]
    assert weights["plain if named"] > 0 > weights["plain if pronoun"]
