"""An evaluation against a baseline: has a measure fallen further than chance would let it?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from eval.measures import MEASURES, Measure
from index.errors import CasesError

GATED = tuple(row for row in MEASURES if row.unit == "share" and row.better)
"""Times are another machine's business, and a share of answered questions is neither good nor bad."""


class Verdict(NamedTuple):
    """`limit` is the side of the baseline's interval that must not be passed."""

    measure: Measure
    baseline: float
    limit: float
    now: float | None

    @property
    def fallen(self) -> bool:
        if self.now is None:
            return True
        return self.now < self.limit if self.measure.better == "more" else self.now > self.limit


def judged(metrics: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[Verdict]:
    """A verdict for each gated measure that the baseline has. Raises CasesError when the two were asked other
    questions."""
    if hashes(metrics) != baseline["cases"]:
        raise CasesError("The baseline was made with other cases. Make a new one by adding --write.")
    verdicts = []
    for row in GATED:
        value, interval = baseline["measures"].get(row.key), baseline["intervals"].get(row.key)
        if value is not None and interval is not None:
            limit = interval[0] if row.better == "more" else interval[1]
            verdicts.append(Verdict(row, value, limit, metrics["measures"][row.key]))
    return verdicts


def baseline_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What a baseline file holds of a run's metrics. Raises CasesError for a run that did not ask everything."""
    if not metrics["complete"] or metrics["errors"]:
        raise CasesError("A baseline needs a whole run without errors.")
    return {
        "cases": hashes(metrics),
        "questions": metrics["counts"]["asked"],
        "measures": {row.key: metrics["measures"][row.key] for row in GATED},
        "intervals": {row.key: metrics["intervals"][row.key] for row in GATED},
    }


def hashes(metrics: Mapping[str, Any]) -> list[str]:
    """What was asked, of what: the sha256 of the cases and of every document, in a fixed order."""
    settings = metrics["settings"]
    cases = settings["cases"] if isinstance(settings["cases"], list) else [settings["cases"]]
    return sorted(row["sha256"] for row in (*cases, *settings["documents"]))


def read_baseline(file: Path) -> dict[str, Any]:
    """Raises CasesError."""
    try:
        baseline: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not {"cases", "measures", "intervals"} <= baseline.keys():
            raise ValueError("its keys are missing")
    except (OSError, ValueError, AttributeError) as exc:
        raise CasesError(f"{file} is no baseline ({exc}). Make one by adding --write.") from exc
    return baseline
