"""Score → what became of the question, and the order in which a person wants to read them: worst first."""

from __future__ import annotations

from eval.evaluation import Evaluation
from eval.types import Prediction, Score

OUTCOMES = {
    "failed": "Failed",
    "invented": "Answered, though the sources do not say",
    "wrong": "Wrong",
    "missed": "Not answered, though the sources say",
    "near": "Other words, but the cited sentence holds the answer",
    "right": "Right",
}
"""What may become of a question, worst first: saying something false is worse than saying nothing."""


def outcome(score: Score) -> str:
    """Which of `OUTCOMES` a question came to."""
    if score.error is not None:
        return "failed"
    if not score.case.answerable:
        return "right" if score.abstained else "invented"
    if score.abstained:
        return "missed"
    if score.exact_match == 1 or (score.case.long_form and score.best is not None and score.best.right):
        return "right"
    return "near" if score.cited_answer else "wrong"


def worst_first(evaluation: Evaluation) -> list[tuple[Prediction, Score]]:
    """By outcome, then by F1; among equals the surest first, and in the end the cases' own order."""
    places = {name: place for place, name in enumerate(OUTCOMES)}

    def place(pair: tuple[Prediction, Score]) -> tuple[int, float, float]:
        _, score = pair
        return places[outcome(score)], score.f1, -(score.confidence or 0.0)

    return sorted(zip(evaluation.predictions, evaluation.scores, strict=True), key=place)
