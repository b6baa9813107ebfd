from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index.pieces import whole_tokenizer
from index.types import Hit, Passage
from qa.read.span import (
    EVIDENCE,
    LONGEST_ANSWER,
    MAX_LENGTH,
    MAX_QUESTION_PIECES,
    Calibration,
    Found,
    Point,
    SpanReader,
    _inputs,
    answer_span,
    best_first,
    best_span,
    evidence,
)
from qa.types import Span

TEXT = "It costs 3 euros, says Mr. Smith. Nobody buys it."


def hit(text: str = TEXT, start: int = 0, document: str = "d", cosine: float = 0.5) -> Hit:
    return Hit(Passage(f"{document}:{start}", document, start, start + len(text), text), 1.0, 1, 1, cosine)


class Scripted:
    """Stands in for the model, which is asked of each passage by itself: `wanted` tokens of each get a score, in the
    order of the passages, all else little."""

    def __init__(self, *wanted: tuple[int, int, float], nowhere: float = 0.0) -> None:
        self.wanted, self.nowhere = wanted, nowhere

    def run_each(self, feeds: Sequence[dict[str, np.ndarray]]) -> list[np.ndarray]:
        self.lengths = [feed["input_ids"].shape[1] for feed in feeds]
        return [self.logits(row, feed) for row, feed in enumerate(feeds)]

    def logits(self, row: int, feed: dict[str, np.ndarray]) -> np.ndarray:
        logits = np.full((*feed["input_ids"].shape, 2), -30.0, np.float32)
        logits[:, 0] = self.nowhere
        if row < len(self.wanted):
            first, last, score = self.wanted[row]
            text = int(np.argmax(feed["token_type_ids"][0]))
            logits[0, text + first, 0] = logits[0, text + last, 1] = score
        return logits


def reader(*wanted: tuple[int, int, float], threshold: float = 0.5, nowhere: float = 0.0) -> SpanReader:
    by_margin = tuple(float(name == "margin") for name in EVIDENCE)
    return SpanReader(Scripted(*wanted, nowhere=nowhere), Calibration((*by_margin, 0.0), threshold))  # type: ignore[arg-type]


def test_the_best_span_has_the_greatest_sum_of_start_and_end_in_the_right_order() -> None:
    scores = np.array([[0, 5], [4, 0], [0, 1], [1, 3]], np.float32)
    assert best_span(scores) == (7.0, 1, 3)  # 4 + 3; the end before the start, 5 at token 0, does not count


def test_no_answer_is_longer_than_forty_tokens() -> None:
    scores = np.zeros((60, 2), np.float32)
    scores[0, 0], scores[59, 1], scores[30, 1] = 5, 5, 4
    assert best_span(scores) == (9.0, 0, 30)


class Ending(Scripted):
    """As Scripted for the first passage, with an end at token `after` that scores better."""

    def __init__(self, wanted: tuple[int, int, float], after: int) -> None:
        super().__init__(wanted)
        self.after = after

    def logits(self, row: int, feed: dict[str, np.ndarray]) -> np.ndarray:
        logits = super().logits(row, feed)
        logits[0, int(np.argmax(feed["token_type_ids"][0])) + self.after, 1] = 7.0
        return logits


@pytest.mark.parametrize("gap", ["\n\n", ". "])
def test_an_answer_stays_in_its_sentence(gap: str) -> None:
    read = SpanReader(Ending((3, 4, 6.0), 6), reader()._calibration)  # type: ignore[arg-type]
    assert read.read("When?", [hit(f"It starts on May 6{gap}ASTANA said so")]).parts[0].text == "May 6"


def test_what_numbers_a_line_is_no_answer() -> None:
    read = SpanReader(Ending((2, 3, 6.0), 1), reader()._calibration)  # type: ignore[arg-type]
    assert read.read("How long?", [hit("2. Autumn ride: 62 kilometres")]).parts[0].text == "Autumn ride"
    alone = reader((0, 1, 6.0)).read("How much?", [hit("2.")])
    assert alone.parts[0].text in ("2", "2.")  # where nothing else is there


def test_the_answer_is_the_characters_of_its_tokens() -> None:
    draft = reader((2, 3, 6.0)).read("How much?", [hit()])  # It costs [3 euros]
    assert draft.parts[0].text == "3 euros"
    assert draft.parts[0].spans == (Span("d", 9, 16),)


def test_offsets_count_from_the_start_of_the_document() -> None:
    assert reader((2, 3, 6.0)).read("How much?", [hit(start=100)]).parts[0].spans == (Span("d", 109, 116),)


def test_the_margin_is_the_log_odds_against_nowhere_in_all_passages() -> None:
    one = reader((2, 3, 6.0), nowhere=1.0).spans("How much?", [hit()])[0]
    assert one.margin == pytest.approx(12 - 2)
    two = reader((2, 3, 6.0), (0, 0, 0.0), nowhere=1.0).spans("How much?", [hit(), hit(document="e")])[0]
    assert two.margin == pytest.approx(12 - 2 * (1 + np.log(2)))


def test_a_long_passage_is_read_in_parts_that_overlap_by_the_longest_answer() -> None:
    text = " ".join(f"w{i}" for i in range(100))  # 190 word pieces: "w", "##0" …, 10 of which are whole
    pieces = whole_tokenizer().encode(text, add_special_tokens=False)
    first = MAX_LENGTH - 3 - 3  # [CLS] How much ? [SEP] … [SEP]
    asked = reader((0, 0, 1.0), (2, 2, 6.0))
    best = asked.spans("How much?", [hit(text, start=1000)])[0].span
    assert asked._session.lengths == [MAX_LENGTH, 6 + len(pieces.ids) - (first - LONGEST_ANSWER)]  # type: ignore[attr-defined]
    assert (best.start - 1000, best.end - 1000) == pieces.offsets[first - LONGEST_ANSWER + 2]


@pytest.mark.parametrize("pieces", [1, 50, 120, 150, 155, 200, 400])
@pytest.mark.parametrize("asked", [1, 20, 90])
def test_nothing_longer_than_was_learnt_is_read_and_nothing_left_out(pieces: int, asked: int) -> None:
    text = "word " * pieces
    long_title = Passage("d:0", "d", 0, len(text), text, "a section " * 30, "a title " * 30)
    asked_ids = min(asked, MAX_QUESTION_PIECES)
    inputs = _inputs([7] * asked_ids, Hit(long_title, 1.0, 1, 1, 0.5))
    assert max(len(one.ids) for one in inputs) <= MAX_LENGTH
    assert {offset for one in inputs for offset in one.offsets} == set(
        whole_tokenizer().encode(text, add_special_tokens=False).offsets
    )
    assert len(inputs) == 1 or pieces > MAX_LENGTH - asked_ids - 3


def test_it_abstains_when_nowhere_wins() -> None:
    draft = reader((2, 3, 2.0), nowhere=3.0).read("How much?", [hit()])
    assert draft.parts == ()
    assert draft.confidence == pytest.approx(1 / (1 + np.exp(2)))  # margin 4 - 6


def test_passages_compete_and_the_best_comes_first() -> None:
    found = reader((2, 3, 4.0), (0, 0, 6.0)).spans("How much?", [hit(), hit(document="e")])
    assert [one.span.document_id for one in found] == ["e", "d"]


@pytest.mark.parametrize(
    ("weights", "first"),
    [
        ((1.0, 0.0, 0.0, 0.0), "e"),  # margins 8 and 12
        ((0.0, 1.0, 0.0, 0.0), "e"),
        ((1.0, 0.0, 9.0, 0.0), "d"),  # 8 + 9 * .95, 12 + 9 * .5
        ((1.0, 0.0, 0.0, 9.0), "d"),  # "Smith" and "buy" are in TEXT
    ],
)
def test_search_has_a_say_in_which_passage_answers(weights: tuple[float, ...], first: str) -> None:
    hits = [hit(cosine=0.95), hit("Bread is 9 euros. He has none.", document="e")]
    found = reader((2, 3, 4.0), (2, 3, 6.0)).candidates("Did Smith buy it?", hits)
    assert [one.span.document_id for one in found] == ["d", "e"]
    best = best_first("Did Smith buy it?", found, weights)
    assert [one.span.document_id for one in best] == [first, "e" if first == "d" else "d"]


def test_a_span_is_weighed_against_nowhere_in_its_own_passage_too() -> None:
    """The second passage says itself that it does not answer, as loudly as it says 3 euros."""
    unsure = Scripted((2, 3, 4.0), (2, 3, 6.0))
    logits = unsure.logits
    unsure.logits = lambda row, feed: (
        logits(row, feed) + (np.arange(feed["input_ids"].shape[1]) == 0)[:, None] * 6.0 * row
    )  # type: ignore[method-assign]
    by_own = SpanReader(unsure, Calibration((), 0.5, choice=(0.0, 1.0, 0.0, 0.0)))  # type: ignore[arg-type]
    found = by_own.spans("How much?", [hit(), hit(document="e")])
    assert [(one.span.document_id, one.own) for one in found] == [("d", 8.0), ("e", 0.0)]


def test_the_same_place_found_in_two_passages_counts_once() -> None:
    overlapping = hit(TEXT[3:], start=3)  # begins at "costs"
    found = reader((2, 3, 6.0), (1, 2, 5.0)).spans("How much?", [hit(), overlapping])
    assert [one.span for one in found] == [Span("d", 9, 16)]


def test_a_yes_or_no_question_is_answered_with_the_sentence_that_settles_it() -> None:
    assert reader((2, 3, 6.0)).read("Does it cost money?", [hit()]).parts[0].text == "It costs 3 euros, says Mr. Smith."
    assert reader((2, 3, 6.0)).read("Is it 3 euros or 4?", [hit()]).parts[0].text == "3 euros"


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("in Kazakhstan’s capital", 3, 7, "Kazakhstan"),
        ("costs 3 euros, he says", 6, 14, "3 euros"),
        ("(Daraa and Quneitra) and", 0, 19, "Daraa and Quneitra"),
        ("south (Daraa) and", 0, 13, "south (Daraa)"),
        ('said "no, never" to', 5, 14, "no, never"),
        ("on May 6.", 3, 9, "May 6."),
        ("guarantors - Russia, Iran and Turkey - signed", 21, 36, "Russia, Iran and Turkey"),
        ("guarantors - Russia, the Isle of Man, Iran and Turkey", 38, 53, "Russia, the Isle of Man, Iran and Turkey"),
        ("seen by Ann Lee, Bob, Carl, and Dora Mae Smith.", 8, 20, "Ann Lee, Bob, Carl, and Dora Mae Smith"),
        ("seen by Ann Lee, Bob, Carl and Dora", 8, 15, "Ann Lee"),
        ("seen by a king, Ann and Bob", 16, 27, "Ann and Bob"),
        ("...", 0, 3, "..."),
    ],
)
def test_a_span_ends_at_word_edges_without_loose_punctuation(text: str, start: int, end: int, said: str) -> None:
    span = answer_span("What?", Found(Span("d", start, end), hit(text), (0.0, 0.0), (1.0, 1.0), 0.0))
    assert text[span.start : span.end] == said


def test_what_the_confidence_is_told_from() -> None:
    found = reader((2, 3, 6.0), (0, 0, 4.0)).spans("How much are euros?", [hit(cosine=0.25), hit(document="e")])
    margin, own, probability, lead, cosine, overlap, beside, unnamed = evidence("How much are euros?", found)
    assert margin == pytest.approx(12 - 2 * np.log(2))
    assert own == 12
    assert probability == pytest.approx((np.e**6 / (np.e**6 + np.e**4 + 2)) ** 2, rel=1e-3)
    assert lead == pytest.approx(4.0)  # 12 - 8
    assert (cosine, overlap, beside, unnamed) == (0.25, 1.0, 1.0, 0.0)


def test_words_beside_the_answer_and_names_that_are_missing_are_evidence() -> None:
    found = reader((2, 3, 6.0)).spans("Where did Mr. Brown pay 3 or 4 euros?", [hit()])
    told = dict(zip(EVIDENCE, evidence("Where did Mr. Brown pay 3 or 4 euros?", found), strict=True))
    assert told["unnamed"] == 0.5  # Mr and 3 are there, Brown and 4 are not
    assert 0 < told["beside"] <= told["overlap"] < 1


def test_a_source_that_says_it_twice_is_surer() -> None:
    again = "The price is 3 euros."  # the same words in another document
    once = reader((2, 3, 6.0), (0, 0, 4.0)).spans("How much?", [hit(), hit(again, document="e")])
    twice = reader((2, 3, 6.0), (3, 4, 5.0)).spans("How much?", [hit(), hit(again, document="e")])
    (margin, _, probability, lead, *_), (margin_2, _, probability_2, lead_2, *_) = (
        evidence("?", found) for found in (once, twice)
    )
    assert margin_2 == pytest.approx(2 * np.logaddexp(6, 5) - 2 * np.log(2))
    assert margin_2 > margin
    assert probability_2 > probability
    assert (lead, lead_2) == (pytest.approx(4.0), 10.0)


def test_without_passages_or_text_it_abstains() -> None:
    assert reader().read("What?", []).parts == ()
    assert reader((0, 0, 9.0)).read("What?", [hit("\u200b")]).confidence <= 1.0


def test_an_astral_character_before_the_answer_moves_nothing() -> None:
    text = "😀 𝒹 It costs 3 euros."
    found = reader((0, 0, -9.0)).spans("What?", [hit(text)])
    assert all(0 <= one.span.start < one.span.end <= len(text) for one in found)


CURVE = (Point(0.1, 0.9, 0.7), Point(0.4, 0.6, 0.8), Point(0.7, 0.3, 0.95))


def test_strictness_reads_the_threshold_whose_answers_were_right_that_often() -> None:
    calibration = Calibration((), 0.25, CURVE)
    asked = (None, 0.0, 0.5, 0.7, 0.75, 0.95, 1.0)
    assert [calibration.threshold_for(strictness) for strictness in asked] == [0.25, 0.0, 0.1, 0.1, 0.4, 0.7, 0.7]


def test_without_a_curve_strictness_changes_nothing() -> None:
    assert Calibration((), 0.25).threshold_for(0.9) == 0.25


def test_a_stricter_reader_refuses_what_a_laxer_one_answers() -> None:
    by_margin = tuple(float(name == "margin") for name in EVIDENCE)
    strict = SpanReader(Scripted((2, 3, 0.2)), Calibration((*by_margin, 0.0), 0.5, CURVE))  # type: ignore[arg-type]
    confidence = strict.read("How much?", [hit()]).confidence
    assert 0.4 < confidence < 0.7
    assert strict.read("How much?", [hit()], strictness=0.8).parts
    assert not strict.read("How much?", [hit()], strictness=0.95).parts
