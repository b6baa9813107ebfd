"""A line of scores.jsonl: one question's numbers, from which every measure can be taken again."""

from __future__ import annotations

from typing import Any

from eval.columns import row
from eval.outcomes import outcome
from eval.questions import question_type
from eval.types import Score


def score_line(score: Score) -> dict[str, Any]:
    """`guess` is the best answer, given or not."""
    return {
        "id": score.case.id,
        "question": score.case.question,
        "type": question_type(score.case.question),
        "tags": list(score.case.tags),
        "outcome": outcome(score),
        "guess": None if score.best is None else score.best.text,
        **row(score),
        "error": score.error,
    }
