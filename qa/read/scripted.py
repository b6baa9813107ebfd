"""A reader that says what it was told to: for tests of everything around a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.types import Hit
from qa.types import Draft

ABSTAIN = Draft((), confidence=0.0)


class ScriptedReader:
    """Gives each question its draft from `script`, and abstains on any other."""

    mode = "scripted"

    def __init__(self, script: Mapping[str, Draft]) -> None:
        self._script = script

    def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
        return self._script.get(question, ABSTAIN)
