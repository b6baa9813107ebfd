"""The name of a language model → a llama-index LLM, as `qa ask --llm` takes it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from eval.systems.options import Options
from index.errors import FootnoteError


def open_language_model(chosen: Options, wanted_by: str) -> Any:
    """Nothing is sent yet. Raises FootnoteError where none is named or it cannot be had."""
    if chosen.llm is None:
        raise FootnoteError(f"{wanted_by} needs a language model. Name one with --llm, as for qa ask.")
    try:
        models = import_module("qa.llm.models")
    except ImportError as exc:
        raise FootnoteError("This version of Footnote knows no language models.") from exc
    return models.open_model(models.parse(chosen.llm), chosen.seconds)
