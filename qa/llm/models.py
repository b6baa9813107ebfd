"""A name like `ollama:llama3.2` → a llama-index language model, by a table. The only place that knows providers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from index.errors import LLMUnknown

OLLAMA = "http://127.0.0.1:11434"
CONTEXT = 8192
"""Tokens that a model is taken to have room for: the passages need about two thousand."""
_TAKES_A_TEMPERATURE = re.compile(r"(?:gpt-[34]|chatgpt|ft:)")
"""OpenAI's models that reason refuse every temperature but their own, 1."""


@dataclass(frozen=True, slots=True)
class Spec:
    """`--llm` taken apart: PROVIDER:MODEL or PROVIDER:MODEL@URL."""

    provider: str
    model: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """`module` and `cls` are imported when the provider is chosen; `extra` installs them; `key` is the environment
    variable that must hold the key, "" where none is needed; `finished` tells of a raw piece whether with it the model
    came to its end."""

    module: str
    cls: str
    extra: str
    arguments: Callable[[Spec, float], dict[str, Any]]
    finished: Callable[[Any], bool]
    key: str = ""


def _openai(spec: Spec, seconds: float) -> dict[str, Any]:
    temperature = 0.0 if spec.url or _TAKES_A_TEMPERATURE.match(spec.model) else 1.0
    told = {"model": spec.model, "timeout": seconds, "max_retries": 0, "temperature": temperature}
    return told | ({"api_base": spec.url} if spec.url else {})


def _openai_like(spec: Spec, seconds: float) -> dict[str, Any]:
    # A server of one's own seldom wants a key; the client insists on a word.
    key = os.environ.get("FOOTNOTE_LLM_KEY") or "none"
    return _openai(spec, seconds) | {"api_key": key, "is_chat_model": True, "context_window": CONTEXT}


def _ollama(spec: Spec, seconds: float) -> dict[str, Any]:
    url = spec.url or os.environ.get("OLLAMA_HOST", "") or OLLAMA
    url = url if "://" in url else f"http://{url}"
    return {
        "model": spec.model, "base_url": url, "request_timeout": seconds, "temperature": 0.0, "context_window": CONTEXT,
    }  # fmt: skip


def _anthropic(spec: Spec, seconds: float) -> dict[str, Any]:
    told = {"model": spec.model, "timeout": seconds, "max_retries": 0, "temperature": 0.0, "max_tokens": 1024}
    return told | ({"base_url": spec.url} if spec.url else {})


_CUT_SHORT = ("length", "content_filter", "error")


def _openai_finished(raw: Any) -> bool:
    choices = getattr(raw, "choices", None) or []
    # "stop" is what OpenAI says; other servers have words of their own for an end, and these for what is none.
    return any(getattr(choice, "finish_reason", None) not in (None, "", *_CUT_SHORT) for choice in choices)


def _ollama_finished(raw: Any) -> bool:
    told = raw if isinstance(raw, Mapping) else getattr(raw, "__dict__", {})
    return bool(told.get("done")) and told.get("done_reason") in (None, "stop")


def _anthropic_finished(raw: Any) -> bool:
    told = raw if isinstance(raw, Mapping) else {}
    return getattr(told.get("delta"), "stop_reason", None) in ("end_turn", "stop_sequence")


PROVIDERS: dict[str, Provider] = {
    "ollama": Provider("llama_index.llms.ollama", "Ollama", "ollama", _ollama, _ollama_finished),
    "openai-like": Provider(
        "llama_index.llms.openai_like", "OpenAILike", "openai-like", _openai_like, _openai_finished
    ),
    "openai": Provider("llama_index.llms.openai", "OpenAI", "openai", _openai, _openai_finished, "OPENAI_API_KEY"),
    "anthropic": Provider(
        "llama_index.llms.anthropic", "Anthropic", "anthropic", _anthropic, _anthropic_finished, "ANTHROPIC_API_KEY"
    ),
}
_FORMS = "ollama:MODEL, openai-like:MODEL@URL, openai:MODEL or anthropic:MODEL"


def parse(spec: str) -> Spec:
    """Raises LLMUnknown for what is not PROVIDER:MODEL[@URL] of a provider in the table."""
    provider, _, rest = spec.strip().partition(":")
    if provider not in PROVIDERS or not rest:
        raise LLMUnknown(f"{spec!r} names no language model. Write {_FORMS}.")
    model, at, url = rest.partition("@http")
    url = f"http{url}" if at else ""
    if not model.strip():
        raise LLMUnknown(f"{spec!r} names no model. Write {_FORMS}.")
    if url and not re.match(r"https?://[^\s/]+", url):
        raise LLMUnknown(f"{url!r} is no address. Write it as in openai-like:MODEL@http://127.0.0.1:8000/v1")
    if provider == "openai-like" and not url:
        raise LLMUnknown(f"{spec!r} says no address. Write it as in openai-like:{model}@http://127.0.0.1:8000/v1")
    return Spec(provider, model.strip(), url)


def open_model(spec: Spec, seconds: float) -> Any:
    """A llama-index LLM; nothing is sent yet. Raises LLMUnknown where the extra or the key is missing."""
    provider = PROVIDERS[spec.provider]
    if provider.key and not os.environ.get(provider.key):
        raise LLMUnknown(
            f"{spec.provider} needs a key. Set {provider.key} in the environment; it is read from nowhere else."
        )
    try:
        cls = getattr(import_module(provider.module), provider.cls)
    except ImportError as exc:
        raise LLMUnknown(
            f"{spec.provider} is not installed. Install it with: pip install 'footnote[{provider.extra}]'"
        ) from exc
    return _of_any_name(cls)(**provider.arguments(spec, seconds))


def _of_any_name(cls: Any) -> Any:
    """The class, knowing something of every model: some raise where one is newer than their package's tables."""
    from llama_index.core.llms import LLMMetadata

    class OfAnyName(cls):  # type: ignore[misc]
        @property
        def metadata(self) -> LLMMetadata:
            try:
                return super().metadata
            except ValueError:
                return LLMMetadata(context_window=CONTEXT, is_chat_model=True, model_name=self.model)

    return OfAnyName
