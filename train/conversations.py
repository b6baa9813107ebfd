"""Conversations with what each question means by itself: CANARD to fit on and to test on, TREC CAsT 2019 to test on.

CANARD: Elgohary, Peskov and Boyd-Graber, "Can You Unpack That?", EMNLP 2019. The page and section titles that its
histories begin with are the first turn, or left out: people who ask follow-ups have not always said what it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Followup(NamedTuple):
    """A question, what was said before (question, answer), oldest first, and what it means by itself."""

    dialogue: str
    question: str
    history: tuple[tuple[str, str], ...]
    meant: str


def read_canard(file: Path, titled: bool) -> list[Followup]:
    """All questions that have a turn before them; `titled`: page and section title as the first turn."""
    found = []
    for row in json.loads(file.read_text(encoding="utf-8")):
        said = row["History"] if titled else row["History"][2:]
        history = tuple(zip(said[::2], said[1::2], strict=True))
        if history:
            found.append(Followup(row["QuAC_dialog_id"], row["Question"], history, row["Rewrite"]))
    return found


def read_cast(topics: Path, resolved: Path) -> list[Followup]:
    """All turns but the first; nothing was answered."""
    meant = dict(line.split("\t", 1) for line in resolved.read_text(encoding="utf-8").splitlines() if line.strip())
    found = []
    for topic in json.loads(topics.read_text(encoding="utf-8")):
        before: list[tuple[str, str]] = []
        for turn in topic["turn"]:
            number, question = f"{topic['number']}_{turn['number']}", turn["raw_utterance"].strip()
            if before:
                found.append(Followup(str(topic["number"]), question, tuple(before), meant[number].strip()))
            before.append((question, ""))
    return found


def halves(followups: list[Followup]) -> tuple[list[Followup], list[Followup]]:
    """(to fit on, to test on): whole dialogues, by a hash of their names."""

    def tests(dialogue: str) -> bool:
        return hashlib.sha256(dialogue.encode()).digest()[0] % 2 == 1

    return [f for f in followups if not tests(f.dialogue)], [f for f in followups if tests(f.dialogue)]


def by_dialogue(followups: list[Followup]) -> Iterator[list[Followup]]:
    """The questions of each dialogue, in order of first appearance."""
    grouped: dict[str, list[Followup]] = {}
    for followup in followups:
        grouped.setdefault(followup.dialogue, []).append(followup)
    yield from grouped.values()
