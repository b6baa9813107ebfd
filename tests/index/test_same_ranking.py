"""Every store ranks as SQLite does: the same passages in the same order with the same scores, to the last bit."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from index.store import EVERYWHERE, Store, Where, open_store
from index.store.analysis import passage_words, query_words
from index.store.bm25 import LEAST_IDF, Figures, counted, scores, sizes
from index.store.ranking import cosines
from index.types import Document, Passage
from tests.index.conftest import make_document
from tests.index.stores import MANIFEST, NEEDS, STORES_UNDER_TEST

DIMENSION = 16
STEMS = ["run", "running", "runs", "négocié", "negocie", "東京都", "กรุงเทพ", "it's", "x1", "İstanbul", "ﬁne", "straße"]
WORDS = [*STEMS, *(f"word{number}" for number in range(400))]


class Corpus:
    """Documents of frequent and rare words; many passages, titles and vectors are alike."""

    def __init__(self, seed: int) -> None:
        self.chosen = np.random.default_rng(seed)
        self.share = 1 / np.arange(1, len(WORDS) + 1)
        self.share /= self.share.sum()
        self.units = self.chosen.standard_normal((12, DIMENSION)).astype(np.float32)
        self.units /= np.linalg.norm(self.units, axis=1, keepdims=True)

    def words(self, least: int, most: int) -> str:
        count = int(self.chosen.integers(least, most + 1))
        return " ".join(self.chosen.choice(WORDS, count, p=self.share))

    def document(self, id_: str) -> tuple[Document, list[Passage], np.ndarray]:
        lines = [self.words(0, 30) for _ in range(int(self.chosen.integers(1, 12)))]
        lines += lines[:2] * int(self.chosen.integers(0, 3))
        document = make_document("\n".join(lines), id_, self.words(0, 3))
        passages, at = [], 0
        for number, line in enumerate(lines):
            section = self.words(0, 2) if number % 3 == 0 else ""
            passages.append(Passage(f"{id_}:{number}", id_, at, at + len(line), line, section, document.title))
            at += len(line) + 1
        return document, passages, self.units[self.chosen.integers(0, len(self.units), len(passages))]


@pytest.fixture(params=[name for name in STORES_UNDER_TEST if name != "sqlite"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """A SQLite store, and another."""
    pytest.importorskip(NEEDS[request.param], reason="needs another store's package: make test-stores")
    manifest = {**MANIFEST, "dimension": str(DIMENSION)}
    with ExitStack() as closed:
        stores = [open_store(STORES_UNDER_TEST[name](tmp_path / name), manifest) for name in ("sqlite", request.param)]
        for store in stores:
            closed.callback(store.close)
        yield stores[0], stores[1]


def assert_same(both: tuple[Store, Store], corpus: Corpus, documents: int, questions: int) -> None:
    sqlite, other = both
    if other.uri.startswith("milvus"):
        questions //= 6  # Milvus Lite takes a third of a second for each
    compared = 0
    for number in range(questions):
        query = corpus.words(1, 6)
        few = Where(frozenset(f"d{n}" for n in corpus.chosen.integers(0, documents, 4)))
        for where in (EVERYWHERE, few) if number % 5 == 0 else (EVERYWHERE,):
            for k in (50, 3):
                expected = sqlite.text(query, k, where)
                assert other.text(query, k, where) == expected, query
                compared += len(expected)
            wanted = corpus.units[number % len(corpus.units)] + np.float32(0.1) * corpus.units[0]
            assert other.dense(wanted, 50, where) == sqlite.dense(wanted, 50, where)
    assert compared > 10 * questions


@pytest.mark.timeout(600)
def test_300_questions_over_600_passages_rank_alike_also_after_changes(both: tuple[Store, Store]) -> None:
    corpus = Corpus(1)
    contents = [corpus.document(f"d{number}") for number in range(90)]
    for store in both:
        store.replace_documents(contents)
        assert store.counts()[1] > 600
    assert_same(both, corpus, 90, 150)
    both[1].maintain()
    changed = [corpus.document(f"d{number}") for number in range(60, 110)]
    gone = [f"d{number}" for number in range(0, 40, 8)]
    for store in both:
        store.replace_document(*changed[0])
        store.replace_documents(changed[1:])
        for id_ in gone:
            store.delete_document(id_)
    assert_same(both, corpus, 110, 100)
    both[1].maintain()
    assert_same(both, corpus, 110, 50)


def test_where_more_passages_tie_than_are_proposed_the_first_in_document_order_are_found(
    both: tuple[Store, Store],
) -> None:
    units = np.eye(DIMENSION, dtype=np.float32)
    for store in both:
        for id_ in ("c", "a", "b"):
            document = make_document("\n".join(["apple pie"] * 500), id_)
            passages = [Passage(f"{id_}:{n}", id_, 10 * n, 10 * n + 9, "apple pie") for n in range(500)]
            store.replace_document(document, passages, units[[0] * 500])
    expected = [f"a:{n}" for n in range(50)]
    for store in both:
        assert [id_ for id_, _ in store.text("apple", 50)] == expected
        assert [id_ for id_, _ in store.dense(units[0], 50)] == expected


def test_a_word_in_many_titles_does_not_hide_it_in_a_few_texts(both: tuple[Store, Store]) -> None:
    units = np.eye(DIMENSION, dtype=np.float32)
    for store in both:
        titled = [Passage(f"t:{n}", "t", n, n + 1, "bread", "orchard", "orchard orchard orchard") for n in range(900)]
        store.replace_document(make_document("bread " * 900, "t"), titled, units[[0] * 900])
        text = "an orchard of many other things, " + "and more of them " * 3
        plain = [Passage(f"p:{n}", "p", n, n + 1, text) for n in range(60)]
        store.replace_document(make_document(text * 60, "p"), plain, units[[0] * 60])
    assert both[1].text("orchard", 50) == both[0].text("orchard", 50)


def test_scores_are_those_of_fts5(tmp_path: Path) -> None:
    corpus = Corpus(3)
    contents = [corpus.document(f"d{number}") for number in range(30)]
    ids = [passage.id for _, passages, _ in contents for passage in passages]
    written = [words for _, passages, _ in contents for words in passage_words(passages)]
    figures = Figures(len(written), int(sizes(written).sum()))
    store = open_store(str(tmp_path / "storage"), {**MANIFEST, "dimension": str(DIMENSION)})
    store.replace_documents(contents)
    compared = 0
    for _ in range(100):
        query = corpus.words(1, 6)
        words = query_words(query)
        idfs = [figures.idf(sum(f" {word} " in passage for passage in written)) for word in words]
        ours = dict(zip(ids, scores(counted(written, words)[0], idfs, sizes(written), figures).tolist(), strict=True))
        ranked = store.text(query, 1000)
        compared += len(ranked)
        assert ranked == [(id_, ours[id_]) for id_, _ in ranked]
    assert compared > 1000
    store.close()


def test_words_are_those_of_fts5(tmp_path: Path) -> None:
    passage = Passage("p", "d", 0, 9, "It's Jordan's, RUNNING; é 東京", "Runs", "The title")
    text, section, title, grams = passage_words([passage])[0].split("\n")
    assert sorted(text.split()) == sorted(["it", "s", "jordan", "s", "run", "e", "東京"])
    assert (section, title.split(), grams.split()) == (" run ", ["the", "titl"], ["東京"])
    assert sizes(passage_words([passage])).tolist() == [11]
    assert query_words("runs, Running? É") == ["run", "run", "e"]


def test_bm25_by_hand() -> None:
    figures = Figures(passages=3, words=12)
    assert figures.idf(1) == pytest.approx(np.log(2.5 / 1.5))
    assert figures.idf(2) == figures.idf(3) == LEAST_IDF
    weighted, plain = counted([" a  a \n a \n a  a \n", " b \n\n\n a "], ["a", "b"])
    assert weighted.tolist() == [[3.0, 0.0], [1.0, 1.0]]
    assert plain.tolist() == [[5.0, 0.0], [1.0, 1.0]]
    # f = 3, size 5 of mean 4: 3 · 2.2 / (3 + 1.2 · (.25 + .75 · 1.25))
    assert scores(weighted[:1, :1], [2.0], np.array([5.0]), figures) == pytest.approx(2 * 6.6 / 4.425)


def test_equal_vectors_have_equal_cosines_wherever_they_stand() -> None:
    chosen = np.random.default_rng(0)
    vectors = chosen.standard_normal((101, 384)).astype(np.float32)
    wanted, same = chosen.standard_normal((2, 384)).astype(np.float32)
    vectors[::10] = same
    assert len(set(cosines(vectors, wanted)[::10])) == 1
    assert cosines(vectors[:1], wanted)[0] == cosines(vectors, wanted)[0]


def test_no_letter_takes_a_word_of_a_query_apart() -> None:
    """FTS5 would search for the pieces as a phrase, which no other store does."""
    letters = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000 and chr(point).isalnum()]
    passages = [Passage(letter, "d", 0, 3, f"q{letter}q") for letter in letters]
    assert len(letters) > 100_000
    assert set(sizes([words.partition("\n")[0] for words in passage_words(passages)])) == {1}
