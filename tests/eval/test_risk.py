import math

import numpy as np
import pytest
from numpy.typing import NDArray

from eval import risk
from eval.risk import Bin, reliability

CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.6])
RIGHT = np.array([1.0, 1.0, 0.0, 1.0])
Floats = NDArray[np.float64]


def once(values: Floats) -> Floats:
    """Weights that count every question once."""
    return np.ones((1, len(values)))


def risk_curve(confidence: Floats, right: Floats) -> Floats:
    return risk.risk_curve(confidence, right, once(right)).risk[0]


def risk_at(confidence: Floats, right: Floats, coverage: float) -> float:
    return float(risk.risk_at(risk.risk_curve(confidence, right, once(right)), coverage)[0])


def coverage_at_precision(confidence: Floats, right: Floats, precision: float) -> float:
    return float(risk.coverage_at_precision(risk.risk_curve(confidence, right, once(right)), precision)[0])


def calibration_error(confidence: Floats, right: Floats) -> float:
    return float(risk.expected_calibration_error(confidence, right, once(right))[0])


def test_the_risk_is_the_share_of_wrong_answers_among_the_surest() -> None:
    assert risk_curve(CONFIDENCE, RIGHT) == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_the_order_of_the_questions_does_not_matter() -> None:
    mixed = [2, 0, 3, 1]
    assert risk_curve(CONFIDENCE[mixed], RIGHT[mixed]) == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_among_equally_sure_answers_the_wrong_come_first() -> None:
    assert risk_curve(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == pytest.approx([1, 1 / 2])


def test_a_question_that_failed_comes_last_and_is_wrong() -> None:
    curve = risk_curve(np.array([np.nan, 0.0]), np.array([0.0, 1.0]))
    assert curve == pytest.approx([0, 1 / 2])


def test_a_best_answer_that_is_not_known_ends_the_curve() -> None:
    curve = risk_curve(np.array([0.9, 0.2, 0.1]), np.array([1.0, np.nan, 1.0]))
    assert curve[0] == 0
    assert np.isnan(curve[1:]).all()


@pytest.mark.parametrize(
    ("coverage", "expected"), [(0.25, 0.0), (0.5, 0.0), (0.51, 1 / 3), (0.75, 1 / 3), (1.0, 1 / 4)]
)
def test_the_risk_at_a_coverage_answers_at_least_that_share(coverage: float, expected: float) -> None:
    assert risk_at(CONFIDENCE, RIGHT, coverage) == pytest.approx(expected)


def test_coverage_at_precision_is_the_widest_that_keeps_it() -> None:
    assert coverage_at_precision(CONFIDENCE, RIGHT, 0.95) == 2 / 4
    assert coverage_at_precision(CONFIDENCE, RIGHT, 0.75) == 1  # though three of them would be too bad
    assert coverage_at_precision(np.array([0.9]), np.array([0.0]), 0.95) == 0


def test_a_question_that_weighs_two_is_as_good_as_two_questions() -> None:
    confidence, right = np.array([0.9, 0.8, 0.7]), np.array([1.0, 0.0, 1.0])
    weighed = risk.risk_curve(confidence, right, np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 1.0]]))
    twice = np.array([0.9, 0.8, 0.8]), np.array([1.0, 0.0, 0.0])
    first = np.array([0.9, 0.9, 0.8, 0.7]), np.array([1.0, 1.0, 0.0, 1.0])
    for coverage in (0.3, 0.5, 0.6, 0.75, 1.0):
        expected = [risk_at(*twice, coverage), risk_at(*first, coverage)]
        assert risk.risk_at(weighed, coverage) == pytest.approx(expected)


def test_calibration_compares_each_tenth_with_its_share_of_right_answers() -> None:
    confidence, right = np.array([0.92, 0.98, 0.31, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    assert reliability(confidence, right) == [
        Bin(0.3, 0.4, 1, pytest.approx(0.31), 0.0),
        Bin(0.9, 1.0, 3, pytest.approx(2.9 / 3), pytest.approx(2 / 3)),
    ]
    assert calibration_error(confidence, right) == pytest.approx((0.31 + 3 * (2.9 - 2) / 3) / 4)


def test_nothing_measured_is_nothing() -> None:
    empty = np.array([])
    assert math.isnan(risk_at(empty, empty, 0.9))
    assert math.isnan(coverage_at_precision(empty, empty, 0.95))
    assert math.isnan(calibration_error(empty, empty))
