"""An Answer as text for other people's chat windows: the answer with its numbers, and the footnotes under it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa.render import plain
from qa.types import Answer, Citation

# Chat windows show Markdown: a document must not make them fetch a picture or take its text for markup.
_MARKUP = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])")
UNSUPPORTED = "(no source says this)"
_STRUCK = re.compile(rf"~~.*?~~ {re.escape(UNSUPPORTED)}\s*", re.DOTALL)
_NUMBERS = re.compile(r" ?\[\d+\]")
_FIRST_NOTE = "\n\n[1] "


def with_footnotes(answer: Answer) -> str:
    """The answer's sentences with [1] after them and what it says beside them, an empty line, then a line a footnote.
    An abstention is itself."""
    if not answer.answered:
        return answer.text
    quoted = " ".join(sentence.text for sentence in answer.sentences)
    beside = answer.text.removeprefix(quoted) if answer.text.startswith(quoted) else ""
    return (
        " ".join(numbered(sentence.text, sentence.citations, sentence.status) for sentence in answer.sentences)
        + _shown(beside)
        + "".join(map(_note, answer.citations))
    )


def numbered(text: str, citations: Iterable[int], status: str = "quoted") -> str:
    """A sentence and the numbers of its footnotes: `six months [1]`; what no source bears out is struck and said so."""
    if status == "unsupported":
        return f"~~{_shown(text)}~~ {UNSUPPORTED}"
    numbers = "".join(f"[{number}]" for number in citations)
    return f"{_shown(text)} {numbers}".rstrip()


def without_footnotes(text: str) -> str:
    """What an answer said, from what `with_footnotes` made of it: for the history of a conversation."""
    return _NUMBERS.sub("", _STRUCK.sub("", text.partition(_FIRST_NOTE)[0])).strip()


def _note(citation: Citation) -> str:
    page = f", page {citation.page}" if citation.page else ""
    where = f"{plain(citation.document.path)}{page}, characters {citation.start}–{citation.end}"
    lead = "\n\n" if citation.number == 1 else "\n"
    note = f"[{citation.number}] {plain(citation.document.title)} ({where}): “{plain(citation.context)}”"
    return lead + _shown(note)


def _shown(text: str) -> str:
    return _MARKUP.sub(lambda found: "\\" + found[0], text)
