from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.cite import cite, context_of
from qa.types import Draft, Part, Span
from tests.qa.conftest import document, whole_hit

TEXT = "Tea is hot. It costs 3 euros, says Mr. Smith.\n\nNobody drinks it."


def cited(*parts: Part, text: str = TEXT, pages: tuple[int, ...] | None = None):  # type: ignore[no-untyped-def]
    source = document(text, pages)
    return cite(Draft(parts, 0.9), [whole_hit(source)], {source.id: source})


def test_a_quote_is_the_very_characters_of_the_document_and_its_context_the_whole_sentence() -> None:
    start = TEXT.index("3 euros")
    sentences, (citation,) = cited(Part("3 euros", (Span("d", start, start + 7),)))
    assert (citation.number, citation.quote, citation.context) == (1, "3 euros", "It costs 3 euros, says Mr. Smith.")
    assert TEXT[citation.context_start :].startswith("It costs")
    assert sentences[0].citations == (1,)


def test_a_part_that_says_what_its_span_does_not_is_dropped() -> None:
    assert cited(Part("4 euros", (Span("d", TEXT.index("3 euros"), TEXT.index("3 euros") + 7),))) == ((), ())


def test_spans_outside_the_document_or_empty_are_dropped() -> None:
    for span in (Span("d", -1, 3), Span("d", 5, 5), Span("d", 9, 4), Span("d", 0, 10_000), Span("other", 0, 3)):
        assert cited(Part("Tea", (span,))) == ((), ())


def test_a_span_outside_the_retrieved_passages_is_dropped() -> None:
    source = document(TEXT)
    assert cite(Draft((Part("Tea", (Span("d", 0, 3),)),), 0.9), [], {"d": source}) == ((), ())


def test_a_passage_that_no_longer_reads_as_its_document_is_not_cited() -> None:
    old, new = document(TEXT), document("Milk" + TEXT[3:])
    draft = Draft((Part("Tea", (Span("d", 0, 3),)),), 0.9)
    assert cite(draft, [whole_hit(old)], {"d": new}) == ((), ())


def test_the_same_span_keeps_its_number_and_a_new_one_gets_the_next() -> None:
    tea, nobody = Span("d", 0, 3), Span("d", TEXT.index("Nobody"), TEXT.index("Nobody") + 6)
    sentences, citations = cited(Part("Tea", (tea,)), Part("Nobody", (nobody,)), Part("Tea", (tea,)))
    assert [sentence.citations for sentence in sentences] == [(1,), (2,), (1,)]
    assert [citation.quote for citation in citations] == ["Tea", "Nobody"]


def test_a_sentence_of_an_llm_may_say_it_in_other_words_but_cites_real_characters() -> None:
    sentences, citations = cited(Part("A hot drink.", (Span("d", 0, 11), Span("d", 0, 999)), status="supported"))
    assert sentences[0].citations == (1,)
    assert [citation.quote for citation in citations] == ["Tea is hot."]


def test_the_page_is_the_one_that_holds_the_first_character() -> None:
    _, (first, second) = cited(Part("Tea", (Span("d", 0, 3),)), Part("It", (Span("d", 12, 14),)), pages=(0, 12))
    assert (first.page, second.page) == (1, 2)


@given(st.text(max_size=300), st.integers(-5, 310), st.integers(-5, 310))
def test_every_citation_is_exact_whatever_a_reader_claims(text: str, start: int, end: int) -> None:
    source = document(text)
    draft = Draft((Part(text[max(start, 0) : max(end, 0)], (Span("d", start, end),)),), 0.5)
    _, citations = cite(draft, [whole_hit(source)], {"d": source})
    for citation in citations:
        assert source.text[citation.start : citation.end] == citation.quote != ""
        after = citation.context_start + len(citation.context)
        assert source.text[citation.context_start : after] == citation.context
        assert citation.context_start <= citation.start
        assert citation.end <= after


def test_a_context_does_not_leave_its_paragraph() -> None:
    text = "One two\n\nthree four\n\nfive"
    start, end = context_of(document(text), text.index("three"), text.index("three") + 5)
    assert text[start:end] == "three four"
