"""What a person may choose about the systems that are asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """`reader`: a folder with model.onnx and reader.json, the shipped one where it is None; `llm`: a language model's
    name, as `qa ask --llm` takes it; `seconds`: for one of its answers."""

    reader: Path | None = None
    llm: str | None = None
    seconds: float = 60.0
