from __future__ import annotations

import pytest

pytest.importorskip("scipy", reason="make train-setup installs it")

from train.decisions import Decision, auroc, best_threshold, calibration_error, choice_regression, curve

MADE = [
    Decision(0.9, right=True, answerable=True),
    Decision(0.7, right=True, answerable=True),
    Decision(0.5, right=False, answerable=False),
    Decision(0.3, right=False, answerable=True),
]


def test_the_curve_tells_how_much_is_answered_and_how_much_of_it_is_right() -> None:
    points = {point["threshold"]: point for point in curve(MADE, fewest=1)}
    assert points[0.0] == {"threshold": 0.0, "coverage": 1.0, "right": 0.5}
    assert points[0.4] == {"threshold": 0.4, "coverage": 0.6667, "right": 0.6667}
    assert points[0.6] == {"threshold": 0.6, "coverage": 0.6667, "right": 1.0}
    assert max(points) == 0.9


def test_a_threshold_that_leaves_too_few_answers_is_no_point_of_the_curve() -> None:
    assert max(point["threshold"] for point in curve(MADE, fewest=3)) == 0.5


def test_the_best_threshold_refuses_what_is_wrong_and_gives_what_is_right() -> None:
    assert 0.5 < best_threshold(MADE) <= 0.7


def test_auroc_counts_a_tie_as_half() -> None:
    assert auroc([0.9, 0.5, 0.5], [True, True, False]) == 0.75


def test_the_calibration_error_is_the_gap_of_confidence_and_truth() -> None:
    assert calibration_error([Decision(0.75, True, True), Decision(0.75, False, True)]) == pytest.approx(0.25)


def test_the_choice_weighs_what_tells_right_ones_from_wrong_ones() -> None:
    """The first feature tells them apart, the second is noise; a question without a right one says nothing."""
    standing = [[(1.0, 0.3), (0.0, 0.4)], [(0.2, 0.9), (0.9, 0.8)], [(0.1, 0.5), (0.4, 0.5)], [(9.0, 0.0), (0.0, 9.0)]]
    right = [[True, False], [False, True], [False, True], [False, False]]
    telling, noise = choice_regression(standing, right)
    assert telling > 3
    assert abs(noise) < telling / 10
