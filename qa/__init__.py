"""Questions → answers with exact citations."""

from qa.assistant import Assistant, Event, open_assistant
from qa.types import NOT_IN_SOURCE, Answer, Citation

__all__ = ["NOT_IN_SOURCE", "Answer", "Assistant", "Citation", "Event", "open_assistant"]
