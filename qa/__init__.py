"""Questions → answers with exact citations."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.assistant import Assistant, Event, open_assistant
    from qa.types import NOT_IN_SOURCE, Answer, Citation

__all__ = ["NOT_IN_SOURCE", "Answer", "Assistant", "Citation", "Event", "open_assistant"]


def __getattr__(name: str) -> Any:
    """What is asked for is imported then: the command line has the models opening before it imports the rest."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "qa.types" if name in ("NOT_IN_SOURCE", "Answer", "Citation") else "qa.assistant"
    return getattr(import_module(home), name)
