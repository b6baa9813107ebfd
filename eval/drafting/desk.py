"""Drafts on a desk: one in front, decided one by one, each decision written at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eval.drafting.files import append_case, read_drafts, write_drafts
from eval.drafting.questions import Draft
from eval.types import Case


class Desk:
    """The drafts of `file`; what is accepted goes to the cases in `out`. Raises CasesError for a file of others."""

    def __init__(self, file: Path, out: Path) -> None:
        self.file, self.out = file, out
        self._waiting = read_drafts(file)
        self._later: list[Draft] = []
        self.accepted = 0
        self._count = len(self._waiting)

    @property
    def current(self) -> Draft | None:
        """The draft in front; None when all were seen."""
        return self._waiting[0] if self._waiting else None

    @property
    def place(self) -> str:
        """Where in the drafts: "3 of 40"."""
        return f"{self._count - len(self._waiting) + 1} of {self._count}"

    @property
    def left(self) -> int:
        """How many are still to be decided, those put off among them."""
        return len(self._waiting) + len(self._later)

    def accept(self, case: Case) -> None:
        """The draft in front, as the person changed it, becomes a case. Raises CasesError where it is none; then it
        stays in front."""
        append_case(self.out, replace(case, tags=tuple(tag for tag in case.tags if tag != "draft")))
        self.accepted += 1
        self.throw_away()

    def throw_away(self) -> None:
        self._waiting.pop(0)
        write_drafts(self.file, [*self._later, *self._waiting])

    def put_off(self) -> None:
        """To be asked again another time."""
        self._later.append(self._waiting.pop(0))


def with_answers(case: Case, answers: list[str]) -> Case:
    """The case with other answers; without any, evidence would be a contradiction."""
    given = tuple(filter(None, (answer.strip() for answer in answers)))
    return replace(case, answers=given, evidence=case.evidence if given else ())
