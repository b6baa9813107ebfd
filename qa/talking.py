"""A language model on the command line: its options, and its words on a terminal while it writes them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from qa.types import ON_UNSUPPORTED

if TYPE_CHECKING:
    from rich.console import Console

    from qa.assistant import Assistant
    from qa.types import Answer

SHOWN = 2000
"""Characters of an unfinished answer that are shown: its end."""


def llm_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --llm, --on-unsupported and --llm-timeout; the command gets them as one `model`, arguments of
    `open_assistant`."""

    @click.option(
        "--llm",
        metavar="MODEL",
        help="Let a language model write the answer, each sentence checked against the sources: ollama:NAME, "
        "openai-like:NAME@URL, openai:NAME or anthropic:NAME. Your question and the passages found go to it.",
    )
    @click.option(
        "--on-unsupported",
        type=click.Choice(ON_UNSUPPORTED),
        default="flag",
        show_default=True,
        help="A sentence that no source bears out: show it as such, leave it out, or ask once more.",
    )
    @click.option(
        "--llm-timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="For a whole answer.  [default: 60]"
    )
    @wraps(command)
    def with_model(*args: Any, llm: str | None, on_unsupported: str, llm_timeout: float | None, **kwargs: Any) -> Any:
        model = {"llm": llm, "on_unsupported": on_unsupported, "llm_seconds": llm_timeout}
        return command(*args, model=model, **kwargs)

    return with_model


def ask_shown(assistant: Assistant, console: Console, question: str, **options: Any) -> Answer:
    """The answer; on a terminal it is shown as a model writes it: sentences that are verified with their footnotes'
    numbers, the one that it is at as it comes, before all of them for how long it has been silent. What was shown goes
    when the answer is whole. Ctrl-C ends the model's work."""
    if not (console.is_terminal and assistant.writer):
        return assistant.ask(question, **options)
    from rich.live import Live
    from rich.text import Text

    from qa.llm.sentences import claims
    from qa.render import plain, sentence_view

    words, verified, begun = "", Text(), monotonic()
    with (
        closing(assistant.stream(question, **options)) as events,
        Live(console=console, transient=True, refresh_per_second=8) as live,
    ):
        for event in events:
            match event.name:
                case "delta":
                    words += event.data["text"]
                case "text":
                    verified.append(sentence_view(**event.data))
                case "notice":
                    words, verified = "", Text(plain(event.data["text"]) + " ", style="yellow")
                case "answer":
                    break
            # What is being written is the last sentence: those before it have been verified, or left out.
            writing = " ".join(claim.text[-SHOWN:] for claim in claims(words)[-1:])
            silent = "" if words or verified else f"waiting for the model, {monotonic() - begun:.0f} s"
            live.update(Text.assemble(verified, (f"{plain(writing)}{silent} ▌", "dim")))
    answer: Answer = event.data
    return answer
