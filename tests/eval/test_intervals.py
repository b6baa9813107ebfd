import numpy as np
import pytest

from eval.columns import columns
from eval.intervals import intervals
from eval.types import Score
from tests.eval.test_measures import result


def of(*rights: float) -> list[Score]:
    return [result(right=right) for right in rights]


def test_the_interval_of_a_share_is_as_wide_as_its_binomial() -> None:
    found = intervals(columns(of(*[1.0] * 60, *[0.0] * 40)))["exact_match"]
    assert found is not None
    half = 1.96 * np.sqrt(0.6 * 0.4 / 100)
    assert found == pytest.approx((0.6 - half, 0.6 + half), abs=0.02)


def test_what_never_changes_has_no_width() -> None:
    assert intervals(columns(of(1.0, 1.0, 1.0)))["f1"] == (1.0, 1.0)


def test_the_same_scores_have_the_same_intervals() -> None:
    scores = columns(of(1.0, 0.0, 0.5, 1.0, 0.0))
    assert intervals(scores) == intervals(scores)


def test_a_measure_without_questions_has_no_interval() -> None:
    assert intervals(columns(of(1.0)))["abstention_recall"] is None
    assert intervals(columns([]))["f1"] is None
