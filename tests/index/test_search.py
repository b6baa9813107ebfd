import pytest

from index.embed.word_length import WordLengthEmbedder
from index.errors import DocumentUnknown
from index.passages import split
from index.search import Index, fuse
from index.store import Where, open_store
from tests.index.conftest import make_document


def test_scores_are_shares_of_cosine_and_of_the_best_bm25() -> None:
    """a: .7 · .5; b: .7 · 1 + .3 · 2/4; c: .3 · 4/4."""
    fused = fuse([("b", 1.0), ("a", 0.5)], [("c", 4.0), ("b", 2.0)], share=0.7)
    assert [id_ for id_, _ in fused] == ["b", "a", "c"]
    assert [score for _, score in fused] == pytest.approx([0.85, 0.35, 0.3])


def test_a_search_that_found_nothing_leaves_the_other() -> None:
    assert fuse([("a", 0.5)], [], share=0.5) == [("a", 0.25)]
    assert fuse([], [("a", 3.0), ("b", 1.5)], share=0.5) == [("a", 0.5), ("b", 0.25)]
    assert fuse([], []) == []


def test_ties_keep_the_dense_searchs_order_and_then_the_lexical() -> None:
    fused = fuse([("b", 0.0), ("a", 0.0)], [("d", 0.0), ("c", 0.0)])
    assert [id_ for id_, _ in fused] == ["b", "a", "d", "c"]


def test_a_cosine_is_cut_to_0_and_1() -> None:
    assert fuse([("a", 1.5), ("b", -0.5)], [], share=0.5) == [("a", 0.5), ("b", 0.0)]


@pytest.fixture
def index(tmp_path) -> Index:  # type: ignore[no-untyped-def]
    embedder = WordLengthEmbedder()
    store = open_store(str(tmp_path), create={"embedder": "word-length"})
    for id_, text in (("tea", "Hot tea for two."), ("rain", "Steady rain poured down.")):
        document = make_document(text, id_)
        passages = split(document)
        store.replace_document(document, passages, embedder.embed_passages([passage.text for passage in passages]))
    return Index(store, embedder)


def test_a_hit_says_what_each_search_thought_of_it(index: Index) -> None:
    """ "rain?" and "Steady rain poured down.": word lengths 5 against 6, 4, 6, 5: cosine 1/√6; tea has no word of 5."""
    first, second = index.search("rain?")
    assert (first.passage.text, first.dense_rank, first.lexical_rank) == ("Steady rain poured down.", 1, 1)
    assert first.cosine == pytest.approx(6**-0.5)
    assert (second.passage.text, second.lexical_rank, second.cosine) == ("Hot tea for two.", None, 0.0)
    assert first.score > second.score == 0.0


def test_a_search_can_be_limited_in_number_and_to_documents(index: Index) -> None:
    assert [hit.passage.document_id for hit in index.search("rain?", k=1)] == ["rain"]
    assert [hit.passage.document_id for hit in index.search("rain?", where=Where(frozenset({"tea"})))] == ["tea"]
    assert index.search("rain?", where=Where(frozenset())) == []
    assert index.search("rain?", k=0) == []


def test_documents_are_listed_by_path_and_given_by_id(index: Index) -> None:
    assert [document.id for document in index.documents()] == ["rain", "tea"]
    assert index.document("tea").text == "Hot tea for two."
    with pytest.raises(DocumentUnknown, match="No document has the id 'milk'"):
        index.document("milk")


@pytest.mark.parametrize("question", ["", " ", "?", "\ud800", "\0", "🙂", "x" * 2000])
def test_any_question_is_searched(index: Index, question: str) -> None:
    assert len(index.search(question)) == 2
