from __future__ import annotations

from dataclasses import replace

import pytest

from index.embed.word_length import WordLengthEmbedder
from index.errors import FootnoteError
from qa.read import open_reader
from qa.read.candidates import FEATURES, QuestionWords, candidates
from qa.read.extractive import ExtractiveReader, Fitted, logistic, rank
from tests.qa.conftest import document, whole_hit

TEXT = "Tea\n\nTea is steeped for three minutes. Nobody knows why."


def test_the_candidates_are_the_sentences_and_headings_are_none() -> None:
    hit = whole_hit(document(TEXT))
    hit = replace(hit, passage=replace(hit.passage, section="Tea"))
    found = candidates("How long is tea steeped?", [hit], WordLengthEmbedder())
    assert [c.text for c in found] == ["Tea is steeped for three minutes.", "Nobody knows why."]
    assert [TEXT[c.span.start : c.span.end] for c in found] == [c.text for c in found]


def test_a_sentence_that_two_passages_share_is_one_candidate() -> None:
    hit = whole_hit(document(TEXT))
    assert len(candidates("Tea?", [hit, hit], WordLengthEmbedder())) == 3


def test_overlap_weighs_words_by_how_telling_they_are() -> None:
    asked = QuestionWords.of("How is the tea steeped?")
    assert asked.overlap("Steeped tea.") == 1.0
    assert asked.overlap("Nothing of it.") == 0.0
    assert asked.overlap("It was steeped.") > asked.overlap("It was tea.") > 0.0


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("How many came?", "Forty came.", (1, 0)),
        ("How many came?", "Some came.", (0, 1)),
        ("When did it end?", "It ended in late May.", (1, 0)),
        ("Who is Ann?", "She met Ann.", (0, 1)),
        ("Who is Ann?", "She met Ann, wife of Bob.", (1, 0)),
        ("What is tea?", "Tea is hot.", (0, 0)),
    ],
)
def test_what_the_question_word_asks_for_is_looked_for(question: str, text: str, found: tuple[float, float]) -> None:
    assert QuestionWords.of(question).kind_found(text) == found


def test_the_best_sentence_has_the_greatest_weighted_sum_and_its_lead_is_over_the_others_mean() -> None:
    ranking = rank([(1.0, 0.0), (0.5, 1.0), (0.0, 0.0)], (2.0, 3.0))
    assert ranking.best == 1
    assert ranking.evidence == (0.5, 1.0, 3.0)  # 0.5·2 + 1·3 = 4 leads (2 + 0) / 2


def test_the_earlier_of_two_equal_sentences_wins() -> None:
    assert rank([(1.0,), (1.0,)], (1.0,)).best == 0


def test_confidence_is_the_logistic_function_of_the_evidence() -> None:
    assert logistic((2.0, -1.0), (0.5,)) == pytest.approx(0.5)
    assert logistic((1.0, 0.0), (1.0986,)) == pytest.approx(0.75, abs=1e-4)


def reader(threshold: float) -> ExtractiveReader:
    """One that goes by overlap alone: confidence is logistic(overlap)."""
    by_overlap = tuple(float(name == "overlap") for name in FEATURES)
    return ExtractiveReader(WordLengthEmbedder(), Fitted(by_overlap, (*by_overlap, 0.0, 0.0), threshold))


def test_it_answers_at_the_threshold_and_abstains_under_it() -> None:
    hits = [whole_hit(document(TEXT))]
    answered = reader(0.73).read("Tea steeped?", hits)
    assert [part.text for part in answered.parts] == ["Tea is steeped for three minutes."]
    assert answered.confidence == pytest.approx(0.7311, abs=1e-4)  # overlap 1 → logistic(1)
    assert reader(0.74).read("Tea steeped?", hits).parts == ()


def test_a_misspelt_name_still_overlaps_with_the_right_one() -> None:
    assert QuestionWords.of("Who is Lavrentiev?").overlap("Alexander Lavrentyev spoke.") == 1.0
    assert QuestionWords.of("Who is Lavrentiev?").overlap("Alexander Larionov spoke.") == 0.0


def test_without_a_sentence_it_abstains() -> None:
    assert reader(0.0).read("Tea?", []).parts == ()


def test_the_shipped_numbers_are_whole_and_sane() -> None:
    fitted = Fitted.load()
    assert 0.0 < fitted.threshold < 1.0
    assert fitted.ranking[0] > 0
    assert fitted.ranking[1] > 0


def test_an_unknown_reader_is_refused_with_those_that_there_are(small_index) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FootnoteError, match="span, sentence"):
        open_reader("oracle", small_index)
