from __future__ import annotations

from dataclasses import replace

import pytest

from index import Index
from index.types import Hit
from qa import Assistant
from qa.read.longer import MOST, asks_for_several, lengthened
from qa.read.scripted import ScriptedReader
from qa.read.summary import sentences_asked_for, summary, topic
from qa.read.twofold import joined, parts
from qa.types import Draft, Part, Span
from tests.qa.conftest import document, whole_hit


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who signed it and when does it start?", ["Who signed it?", "When does it start?"]),
        ("Who signed it and when?", ["Who signed it?", "When?"]),
        ("When and where will they meet?", ["When will they meet?", "Where will they meet?"]),
        ("What is tea? How is it made?", ["What is tea?", "How is it made?"]),
        ("Where is it, what does it cost, and who runs it?", ["Where is it?", "What does it cost?", "Who runs it?"]),
        ("Who signed and presented it?", ["Who signed and presented it?"]),
        ("When it rains, what is it called?", ["When it rains, what is it called?"]),
        ("What did he say about who pays and when it starts?", ["What did he say about who pays and when it starts?"]),
        ("What is the name of the group and of its leader?", ["What is the name of the group and of its leader?"]),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_for_two_things(question: str, asked: list[str]) -> None:
    assert parts(question) == asked


def test_the_part_that_has_no_answer_is_named_and_the_least_sure_part_counts() -> None:
    said = Part("hot", (Span("d", 0, 3),))
    draft = joined(
        ["Is it hot?", "Is it cold?", "Is it wet?"], [Draft((said,), 0.8), Draft((), 0.1), Draft((said,), 0.6)]
    )
    assert draft == Draft((said,), 0.6, lacks="The sources do not say: Is it cold?")


def test_no_part_answered_is_an_abstention() -> None:
    assert joined(["A?", "B?"], [Draft((), 0.3), Draft((), 0.1)]) == Draft((), 0.1)


def test_each_part_is_searched_and_cited_by_itself(small_index: Index) -> None:
    tea, rain = (next(d for d in small_index.documents() if quote in d.text) for quote in ("three minutes", "Monday"))
    script = {
        "How long is tea steeped?": Draft((Part("three minutes", (_span(tea, "three minutes"),)),), 0.9),
        "When did rain fall?": Draft((Part("Monday", (_span(rain, "Monday"),)),), 0.7),
    }
    answer = Assistant(small_index, ScriptedReader(script)).ask("How long is tea steeped and when did rain fall?")
    assert answer.standalone_question == "How long is tea steeped? When did rain fall?"
    assert [(s.text, s.citations) for s in answer.sentences] == [("three minutes", (1,)), ("Monday", (2,))]
    assert (answer.text, answer.confidence) == ("three minutes Monday", 0.7)


def test_what_is_left_unanswered_is_said_in_the_answer(small_index: Index) -> None:
    tea = next(d for d in small_index.documents() if "three minutes" in d.text)
    script = {"How long is tea steeped?": Draft((Part("three minutes", (_span(tea, "three minutes"),)),), 0.9)}
    answer = Assistant(small_index, ScriptedReader(script)).ask("How long is tea steeped, and who invented it?")
    assert answer.text == "three minutes The sources do not say: Who invented tea?"
    assert len(answer.sentences) == 1


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What is this about?", (2, 2)),
        ("What's the article about?", (2, 2)),
        ("What is this email about?", (2, 2)),
        ("Summarise the article", (3, 5)),
        ("Can you give me a short summary of the report?", (3, 5)),
        ("What are the main points?", (3, 5)),
        ("What is tea?", None),
        ("What did he say about tea?", None),
        ("Who wrote the summary?", None),
    ],
)
def test_a_summary_is_given_when_it_is_asked_for(question: str, asked: tuple[int, int] | None) -> None:
    assert sentences_asked_for(question) == asked


def test_what_a_summary_is_asked_of_is_what_is_left() -> None:
    assert topic("Please summarise the article") == ""
    assert topic("Give me an overview of the Krebs cycle") == "krebs cycle"


TEXT = (
    "Tea\n\nTea is a drink that is made from leaves. People steep tea leaves in hot water. Some drink it with milk and "
    "some with lemon. In Japan there is a ceremony for drinking tea. Rain fell on the harbour for a whole week.\n"
)


def test_a_summary_is_sentences_of_the_source_in_its_order_each_with_its_place() -> None:
    from index.embed import open_embedder

    source = document(TEXT)
    draft, _ = summary("Summarise the document", source, open_embedder("minilm"))
    spans = [part.spans[0] for part in draft.parts]
    assert len(draft.parts) == 3
    assert spans == sorted(spans, key=lambda span: span.start)
    assert [TEXT[span.start : span.end] for span in spans] == [part.text for part in draft.parts]
    assert "Rain" not in " ".join(part.text for part in draft.parts)


def test_a_summary_of_what_the_document_does_not_touch_is_an_abstention() -> None:
    from index.embed.word_length import WordLengthEmbedder

    draft, hits = summary("Summarise the moons of Jupiter", document(TEXT), WordLengthEmbedder())
    assert (draft.parts, hits) == ((), [])


def _span(source: object, quote: str) -> Span:
    at = source.text.index(quote)  # type: ignore[attr-defined]
    return Span(source.id, at, at + len(quote))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "question",
    [
        "What did Ann Lee say about the bridge?",
        "What does he think of it?",
        "Why was the bridge closed?",
        "List the stops.",
        "Name all the stops of the line.",
        "What are the main reasons for the strike?",
        "Tell me about the bridge.",
        "What happened in May?",
    ],
)
def test_a_question_that_one_phrase_seldom_answers_wants_several_sentences(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who said that?",
        "When did Ann Lee say it?",
        "What is the name of the line?",
        "What did he say Oslo may be, then?",
    ],
)
def test_a_question_that_a_phrase_answers_does_not(question: str) -> None:
    assert not asks_for_several(question)


class Spotting:
    """Answers with the whole of what it is given where that holds "because"; less surely where that is sad."""

    mode = "spotting"

    def read(self, question: str, hits: list[Hit], *, strictness: float | None = None) -> Draft:
        passage = hits[0].passage
        said = Part(passage.text, (Span(passage.document_id, passage.start, passage.end),))
        found = "because" in passage.text
        return Draft((said,) if found else (), 0.9 if "sadly" not in passage.text else 0.5)


REASONS = (
    "The bridge was closed because its ropes had rotted. Trams run elsewhere now. "
    "The council closed it because nobody had paid for repairs. People shrugged at all of this."
)


def test_what_else_answers_joins_in_the_source_s_order_each_sentence_with_its_own_place() -> None:
    bridge = document(REASONS)
    start = REASONS.index("nobody had paid for repairs")
    first = Draft((Part("nobody had paid for repairs", (Span("d", start, start + 27),)),), 0.7)
    draft = lengthened("Why was the bridge closed?", first, [whole_hit(bridge)], Spotting())
    assert [part.text for part in draft.parts] == [
        "The bridge was closed because its ropes had rotted.",
        "The council closed it because nobody had paid for repairs.",
    ]
    assert all(REASONS[span.start : span.end] == part.text for part in draft.parts for span in part.spans)
    assert draft.confidence == 0.7


def test_where_nothing_else_answers_and_where_one_thing_is_asked_nothing_is_added() -> None:
    bridge = document(REASONS.replace("because its ropes", "as its ropes"))
    start = bridge.text.index("nobody had paid")
    first = Draft((Part("nobody had paid", (Span("d", start, start + 15),)),), 0.7)
    assert lengthened("Why was the bridge closed?", first, [whole_hit(bridge)], Spotting()) == first
    assert lengthened("When was the bridge closed?", first, [whole_hit(document(REASONS))], Spotting()) == first


def test_what_answers_less_surely_is_not_added() -> None:
    bridge = document(REASONS.replace("because its ropes", "because sadly its ropes"))
    start = bridge.text.index("nobody had paid")
    first = Draft((Part("nobody had paid", (Span("d", start, start + 15),)),), 0.7)
    assert lengthened("Why was the bridge closed?", first, [whole_hit(bridge)], Spotting()) == first


def test_a_sentence_that_touches_nothing_of_what_is_asked_is_not_added() -> None:
    bridge = document(REASONS.replace("closed it because", "was late because"))
    start = bridge.text.index("its ropes had rotted")
    first = Draft((Part("its ropes had rotted", (Span("d", start, start + 20),)),), 0.7)
    assert lengthened("Why was the bridge closed?", first, [whole_hit(bridge)], Spotting()) == first


class Silent:
    """Finds nothing."""

    mode = "silent"

    def read(self, question: str, hits: list[Hit], *, strictness: float | None = None) -> Draft:
        return Draft((), 0.0)


def lengthened_by_none(question: str, text: str, span: str, section: str = "") -> list[str]:
    """The answer's parts where the reader says `span` and no other sentence answers; each is checked to be exact."""
    hit = whole_hit(document(text))
    hit = replace(hit, passage=replace(hit.passage, section=section))
    start = text.index(span)
    first = Draft((Part(span, (Span("d", start, start + len(span)),)),), 0.7)
    draft = lengthened(question, first, [hit], Silent())
    assert all(text[part.spans[0].start : part.spans[0].end] == part.text for part in draft.parts)
    return [part.text for part in draft.parts]


def test_one_of_several_things_gives_way_to_the_sentence_that_has_them_all() -> None:
    text = "The risks are energy, paper and the loss of two customers. All else is well."
    for one in ("energy", "paper", "the loss of two customers"):
        assert lengthened_by_none("What are the main risks?", text, one) == [text.partition(" All")[0]]


@pytest.mark.parametrize("after", ["", ", which is slow", " by train", ", but not today, and", ". And so on and on"])
def test_one_thing_that_is_all_is_left_as_it_is(after: str) -> None:
    text = f"He waits for the grant{after}."
    assert lengthened_by_none("Why does he wait?", text, "for the grant") == ["for the grant"]


LIST = "## Machines\n\n- The saw is loud.\n- The kiln is hot. Mind it.\n\nNobody sleeps here.\n- Beds"


def test_a_heading_gives_way_to_the_list_under_it_each_item_with_its_own_place() -> None:
    items = ["The saw is loud.", "The kiln is hot. Mind it."]
    assert lengthened_by_none("List the machines.", LIST, "Machines", section="Machines") == items
    assert lengthened_by_none("List the machines.", LIST, "##") == items
    colon = LIST.replace("## Machines", "These are our machines:")
    assert lengthened_by_none("List the machines.", colon, "machines") == items


def test_a_heading_without_a_list_stays() -> None:
    assert lengthened_by_none("List the machines.", "## Machines\n\nThe saw is loud.", "Machines") == ["Machines"]


def test_a_list_s_marks_are_no_part_of_a_sentence() -> None:
    text = "- Ann Lee said that the bridge is safe.\n- It fell."
    assert lengthened_by_none("What did Ann Lee say?", text, "the bridge is safe") == [
        "Ann Lee said that the bridge is safe."
    ]


def test_an_abstention_stays_one() -> None:
    nothing = Draft((), 0.2)
    assert lengthened("Why was the bridge closed?", nothing, [whole_hit(document(REASONS))], Spotting()) == nothing


def test_what_somebody_said_is_told_in_whole_sentences() -> None:
    bridge = document("Ann Lee said the bridge was safe. It fell on the same day.")
    first = Draft((Part("the bridge was safe", (Span("d", 13, 32),)),), 0.6)
    draft = lengthened("What did Ann Lee say about the bridge?", first, [whole_hit(bridge)], Spotting())
    assert [part.text for part in draft.parts] == ["Ann Lee said the bridge was safe."]


def test_what_says_the_same_again_is_left_out_and_there_is_an_end() -> None:
    places = "Oslo Bergen Lima Cairo Paris Rome Quito".split()
    told = [f"The {place} office was closed because of {place.lower()} floods." for place in places]
    text = " ".join([told[0], *told])
    first = Draft((Part(told[0], (Span("d", 0, len(told[0])),)),), 0.7)
    draft = lengthened("Why were offices closed?", first, [whole_hit(document(text))], Spotting())
    assert len(draft.parts) == MOST
    assert len({part.text for part in draft.parts}) == MOST
