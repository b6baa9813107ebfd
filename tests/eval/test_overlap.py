from eval.overlap import citation_overlap, stands_in
from index.types import Document
from qa.types import Citation, Span

DOCUMENT = Document("d", "D", "d.txt", "x" * 100, "")
OTHER = Document("other", "O", "o.txt", "x" * 100, "")


def cited(start: int, end: int, document: Document = DOCUMENT) -> Citation:
    """A citation whose sentence is start:end and whose quote is its first character."""
    return Citation(1, document, start, start + 1, "x", "x" * (end - start), start, None)


def test_half_of_what_is_cited_is_evidence_and_a_quarter_of_the_evidence_is_cited() -> None:
    assert citation_overlap([cited(0, 20)], [(Span("d", 10, 50),)]) == (10 / 20, 10 / 40)


def test_two_citations_of_one_sentence_count_once() -> None:
    assert citation_overlap([cited(0, 10), cited(0, 10)], [(Span("d", 0, 10),)]) == (1.0, 1.0)


def test_any_place_of_the_evidence_will_do() -> None:
    assert citation_overlap([cited(60, 70)], [(Span("d", 0, 10), Span("d", 60, 70))]) == (1.0, 1.0)


def test_abstaining_cites_none_of_the_evidence() -> None:
    assert citation_overlap([], [(Span("d", 0, 10),)]) == (None, 0.0)


def test_without_evidence_there_is_nothing_to_compare() -> None:
    assert citation_overlap([cited(0, 10)], []) == (None, None)


def test_the_same_offsets_of_another_document_are_elsewhere() -> None:
    assert citation_overlap([cited(0, 10, OTHER)], [(Span("d", 0, 10),)]) == (0.0, 0.0)
    assert not stands_in([cited(0, 10, OTHER)], [(Span("d", 0, 10),)])


def test_a_quote_stands_in_the_evidence_when_they_share_a_character() -> None:
    assert stands_in([cited(9, 20)], [(Span("d", 0, 10),)])
    assert not stands_in([cited(10, 20)], [(Span("d", 0, 10),)])
