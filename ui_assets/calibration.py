"""What the page tells about confidence: the figures that the shipped reader's calibration published."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from statistics import mean
from typing import Any


@cache
def calibration() -> dict[str, Any]:
    """`calibration_error`: by how much confidence and the share of right answers differ, on average over the held-out
    sets (0…1). `threshold`: the confidence from which the reader answers by itself. `curve`: how many questions are
    answered, and how many answers are right, by threshold; [] where none was published."""
    published = json.loads(files("qa.read.minilm").joinpath("reader.json").read_text(encoding="utf-8"))
    held_out = published.get("held_out", {}).values()
    return {
        "calibration_error": round(mean(one["calibration_error"] for one in held_out), 3) if held_out else 0.0,
        "threshold": published["threshold"],
        "curve": published.get("curve", []),
    }
