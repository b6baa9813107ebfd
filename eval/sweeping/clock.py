"""How long a question takes under each setting.

The settings take turns: each question is asked under all of them before the next one, and every time another goes
first. What else the machine does meanwhile slows them all alike, so what lies between them holds on a busy machine too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from eval.progress import watched
from eval.types import Asks, Case
from index.store import Where

FILE = "times.json"
WARM_UP = 3
"""Questions asked under every setting before the first that is timed."""

Times = dict[str, list[float]]
"""A setting's name → the milliseconds of each question."""


def take_turns(cases: Sequence[Case], assistants: Mapping[str, Asks]) -> Times:
    """In the order of `cases`; a question that cannot be answered takes as long as it takes to say so."""
    names = list(assistants)
    for case in cases[:WARM_UP]:
        for assistant in assistants.values():
            _milliseconds(case, assistant)
    took: Times = {name: [] for name in names}
    for number, case in enumerate(watched(cases, len(cases), "Timing")):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            took[name].append(_milliseconds(case, assistants[name]))
    return took


def _milliseconds(case: Case, assistant: Asks) -> float:
    where = Where(frozenset(case.documents) or None)
    begun = time.perf_counter()
    with suppress(Exception):  # its evaluation lists it as failed
        assistant.ask(case.question, case.history, where)
    return (time.perf_counter() - begun) * 1000


def read_times(folder: Path, made_with: Mapping[str, Any], names: Sequence[str]) -> Times | None:
    """What was timed in one go with the same files, weights and settings; None where that is not there for all of
    `names`."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        same = _undated(kept["made_with"]) == _undated(json.loads(json.dumps(made_with)))
        times = {name: [float(one) for one in kept["times"][name]] for name in names}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return times if same else None


def write_times(folder: Path, made_with: Mapping[str, Any], times: Times) -> None:
    rounded = {name: [round(one, 2) for one in took] for name, took in times.items()}
    told = json.dumps({"made_with": dict(made_with), "times": rounded}, ensure_ascii=False)
    (folder / FILE).write_text(told + "\n", encoding="utf-8")


def _undated(made_with: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made_with.items() if key != "date"}
