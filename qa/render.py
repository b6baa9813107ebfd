"""Answers on a terminal: the answer with its footnote numbers, and the footnotes under it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from qa.types import Answer, Citation, Nearest

# A document must not move the cursor or colour the terminal: control characters become visible ones.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def answer_view(answer: Answer) -> Group:
    """What `qa ask` and `qa chat` print."""
    parts: list[Text | Padding] = []
    if answer.standalone_question != answer.question:
        parts.append(Text(f"(understood as: {plain(answer.standalone_question)})", style="dim italic"))
    if answer.notice:
        parts.append(Text(plain(answer.notice), style="yellow"))
    if not answer.answered:
        parts.append(Text.assemble(("Not in the source. ", "bold yellow"), plain(answer.text)))
        if answer.nearest:
            parts.append(Text("\nWhat came nearest; no answer was found in it:", style="dim"))
            parts += [Padding(_nearest(near), (0, 0, 0, 2)) for near in answer.nearest]
        return Group(*parts)
    line = Text()
    for sentence in answer.sentences:
        line.append(sentence_view(sentence.text, sentence.status, sentence.citations))
    if (lacks := answer.text.removeprefix(" ".join(sentence.text for sentence in answer.sentences))).strip():
        line.append(plain(lacks), style="yellow")
    parts += [line, Text()]
    parts += [Padding(_footnote(citation), (0, 0, 0, 2)) for citation in answer.citations]
    parts.append(Text(f"\n{_confidence(answer.confidence)} · {answer.timings_ms['total']:.0f} ms", style="dim"))
    return Group(*parts)


def sentence_view(text: str, status: str, citations: Iterable[int]) -> Text:
    """A sentence and its footnotes' numbers; what no source bears out is struck and said so."""
    if status == "unsupported":
        return Text.assemble((plain(text), "strike dim"), (" [no source says this] ", "yellow"))
    numbers = "".join(f"[{number}]" for number in citations)
    return Text.assemble(plain(text), (f" {numbers} ", "bold cyan"))


_SINCE = {"changed": " (changed since it was indexed)", "missing": " (the file is gone; this is its kept text)"}


def plain(text: str) -> str:
    """`text` on one line, control and direction-changing characters made visible."""
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


def progress_console() -> Console:
    """Where everything goes that is not the answer: standard error."""
    return Console(stderr=True, highlight=False)


def _footnote(citation: Citation) -> Text:
    page = f", p. {citation.page}" if citation.page else ""
    note = Text.assemble((f"[{citation.number}] ", "bold cyan"), (plain(citation.document.title), "bold"), page)
    if citation.quote != citation.context:  # a whole sentence has just been read in the answer
        before = citation.start - citation.context_start
        after = before + len(citation.quote)
        note.append(f"\n    “{_lead(citation.context[:before])}", style="dim")
        note.append(plain(citation.quote))
        note.append(f"{_trail(citation.context[after:])}”", style="dim")
    note.append(f"\n    {plain(citation.document.path)}, characters {citation.start}–{citation.end}", style="dim")
    note.append(_SINCE.get(citation.source, ""), style="yellow")
    return note


def _nearest(near: Nearest) -> Text:
    passage = near.hit.passage
    text = plain(passage.text)
    text = text if len(text) <= 240 else f"{text[:240].rsplit(' ', 1)[0]} …"
    where = f"{plain(near.document.title)}, characters {passage.start}–{passage.end}"
    return Text.assemble("· ", text, (f"\n  {where}", "dim"))


def _lead(text: str) -> str:
    return f"{plain(text)} " if text.strip() and text[-1:].isspace() else plain(text)


def _trail(text: str) -> str:
    return f" {plain(text)}" if text.strip() and text[:1].isspace() else plain(text)


def _confidence(confidence: float) -> str:
    return f"right about {round(confidence * 100)} times in 100"
