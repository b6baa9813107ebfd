"""A language model of the user's choice, its sentences held to the sources."""

from __future__ import annotations

from index.embed import Embedder
from qa.llm.models import PROVIDERS, open_model, parse
from qa.llm.wire import Wire
from qa.llm.writer import LLMWriter
from qa.read import Reader
from qa.types import OnUnsupported


def open_writer(
    spec: str, embedder: Embedder, reader: Reader, on_unsupported: OnUnsupported, seconds: float
) -> LLMWriter:
    """The writer that asks the model named by `spec` (PROVIDER:MODEL[@URL]); `seconds` is for a whole answer.

    Nothing is sent before the first question. Raises LLMUnknown.
    """
    named = parse(spec)
    wire = Wire(open_model(named, seconds), named.model, seconds, PROVIDERS[named.provider].finished)
    return LLMWriter(wire, embedder, reader, on_unsupported)
