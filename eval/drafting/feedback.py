"""What people said about answers (feedback.jsonl) → drafted cases.

An answer that was right is a case as it stands; of a wrong one the expected answer is the case's. Where nothing was
expected, the answers are left empty for the person who reviews to fill, and the draft says so. A follow-up becomes the
question that it was understood as; the draft tells how it was asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.drafting.questions import Draft
from eval.public.types import json_lines
from eval.types import Case
from index.errors import CasesError

VERDICTS = ("right", "wrong_answer", "wrong_evidence", "in_the_source")


def from_feedback(file: Path) -> list[Draft]:
    """One draft a question, the last word on it. Raises CasesError."""
    made: dict[str, Draft] = {}
    for row in json_lines(file):
        try:
            draft = _draft(row)
        except (KeyError, TypeError, AttributeError) as exc:
            raise CasesError(f"{file} is not a feedback file ({exc!r}).") from exc
        made[draft.case.question] = draft
    return list(made.values())


def _draft(row: dict[str, Any]) -> Draft:
    verdict, answer, expected = row["verdict"], row["answer"], row.get("expected", "").strip()
    if verdict not in VERDICTS:
        raise KeyError(verdict)
    given = [answer["answer"]] if verdict in ("right", "wrong_evidence") and answer["answered"] else []
    answers = tuple([expected] if expected else given)
    evidence = tuple(dict.fromkeys(one["context"] for one in answer["citations"])) if verdict == "right" else ()
    paths = sorted({one["document"]["path"] for one in answer["citations"]})
    said = f"{verdict.replace('_', ' ')}: {answer['answer']}"
    alone = answer.get("standalone_question") or answer["question"]
    asked = f" – asked as: {answer['question']}" if alone != answer["question"] else ""
    comment = f" – {row['comment']}" if row.get("comment") else ""
    missing = " – what is the right answer?" if not answers and verdict != "right" else ""
    case = Case(
        f"feedback-{row['id']}",
        alone,
        answers,
        evidence if answers else (),
        (),
        ("feedback", verdict.replace("_", " ")),
    )
    return Draft(case, said + asked + comment + missing, ", ".join(paths))
