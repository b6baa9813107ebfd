from __future__ import annotations

import json

import pytest

from index import Index
from index.errors import QuestionEmpty, QuestionMalformed, QuestionTooLong
from index.store import Where
from qa import NOT_IN_SOURCE, Answer, Assistant
from qa.history import standalone
from qa.read.scripted import ScriptedReader
from qa.types import Draft, Part, Span

KEYS = [
    "question",
    "standalone_question",
    "answered",
    "answer",
    "confidence",
    "mode",
    "citations",
    "sentences",
    "nearest",
    "timings_ms",
]


def scripted(index: Index, question: str, quote: str) -> Assistant:
    """An assistant that answers `question` with `quote`."""
    source = next(document for document in index.documents() if quote in document.text)
    span = Span(source.id, source.text.index(quote), source.text.index(quote) + len(quote))
    return Assistant(index, ScriptedReader({question: Draft((Part(quote, (span,)),), 0.8)}))


def test_an_answer_is_the_quote_with_its_footnote(small_index: Index) -> None:
    answer = scripted(small_index, "How long?", "three minutes").ask("How long?")
    (citation,) = answer.citations
    assert (answer.answered, answer.text, answer.confidence, answer.mode) == (True, "three minutes", 0.8, "scripted")
    assert citation.quote == "three minutes" == citation.document.text[citation.start : citation.end]
    assert citation.context == "Tea is steeped for three minutes."


def test_abstaining_is_an_answer_with_the_nearest_passages_and_no_citation(small_index: Index) -> None:
    answer = Assistant(small_index, ScriptedReader({})).ask("Who won?")
    assert (answer.answered, answer.text, answer.citations) == (False, NOT_IN_SOURCE, ())
    assert 0 < len(answer.nearest) <= 3


def test_a_made_up_quote_never_reaches_the_user(small_index: Index) -> None:
    source = small_index.documents()[0]
    lie = Draft((Part("forty minutes", (Span(source.id, 0, 13),)),), 0.99)
    answer = Assistant(small_index, ScriptedReader({"How long?": lie})).ask("How long?")
    assert (answer.answered, answer.text) == (False, NOT_IN_SOURCE)


def test_the_json_is_the_contract(small_index: Index) -> None:
    told = scripted(small_index, "How long?", "three minutes").ask("How long?").to_dict()
    assert list(told) == KEYS
    assert list(told["citations"][0]) == [
        "number", "document", "start", "end", "quote", "context", "context_start", "page",
    ]  # fmt: skip
    assert list(told["citations"][0]["document"]) == ["id", "title", "path"]
    assert told["sentences"] == [{"text": "three minutes", "status": "quoted", "citations": [1]}]
    assert list(told["nearest"][0]) == ["document", "start", "end", "text", "score"]
    assert set(told["timings_ms"]) == {"search", "read", "total"}
    assert json.loads(json.dumps(told)) == told


def test_a_stream_ends_with_the_answer_that_ask_gives(small_index: Index) -> None:
    events = list(scripted(small_index, "How long?", "three minutes").stream("How long?"))
    assert [event.name for event in events] == ["standalone_question", "passages", "text", "citation", "answer"]
    assert isinstance(events[-1].data, Answer)
    assert events[-1].data.text == "three minutes"


def test_a_follow_up_is_searched_as_it_is_understood(small_index: Index) -> None:
    answer = Assistant(small_index, ScriptedReader({})).ask("And when?", [("Where did rain fall?", "…")])
    assert answer.standalone_question == "When did rain fall?"
    assert answer.question == "And when?"


def test_a_question_can_be_limited_to_documents(small_index: Index) -> None:
    rain = next(document for document in small_index.documents() if document.title == "Rain")
    answer = Assistant(small_index, ScriptedReader({})).ask("tea steeped?", where=Where(frozenset([rain.id])))
    assert {near.document.title for near in answer.nearest} == {"Rain"}


@pytest.mark.parametrize(
    ("question", "error"), [("", QuestionEmpty), ("y" * 2001, QuestionTooLong), ("\udfff", QuestionMalformed)]
)
def test_what_cannot_be_asked_is_refused(small_index: Index, question: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Assistant(small_index, ScriptedReader({})).ask(question)


def test_the_real_chain_answers_from_the_article(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries are the guarantors of the ceasefire?")
    assert answer.answered
    assert all(country in answer.text for country in ("Russia", "Iran", "Turkey"))
    for citation in answer.citations:
        assert citation.document.text[citation.start : citation.end] == citation.quote


def test_the_real_chain_abstains_on_what_the_article_never_touches(assistant: Assistant) -> None:
    answer = assistant.ask("How many moons does Jupiter have?")
    assert not answer.answered
    assert answer.nearest


@pytest.mark.parametrize(
    "question", ["?", "…", "漢字は何ですか", "the of and", "'\"; DROP TABLE passages; --", "*" * 50, "\0"]
)
def test_no_question_breaks_the_real_chain(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).to_dict()["answered"] in (True, False)


@pytest.mark.parametrize(("plain", "wider"), [(0.4, 0.3), (0.4, 0.4), (0.3, 0.4)])
def test_a_topic_is_added_only_where_the_sources_then_answer_more_surely(
    small_index: Index, plain: float, wider: float
) -> None:
    history = [("Who called Iran a criminal?", "one of the opposition members")]
    asked = "When does the ceasefire start?"
    with_topic = standalone(asked, history)
    assert with_topic != asked
    reader = ScriptedReader({asked: Draft((), plain), with_topic: Draft((), wider)})
    told = Assistant(small_index, reader).ask(asked, history).standalone_question
    assert told == (with_topic if wider > plain else asked)
