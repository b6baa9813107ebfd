"""Documents, answers and conversations as HTML. Pure: values in, strings out.

Every string that came from a document, a question, an answer or an error passes through `literal`; nothing else
may put such a string into the page. A fragment is one line, because the page carries it in a Markdown component,
which leaves a block of HTML alone until the first blank line.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.types import Document, Heading
from qa.types import Answer, Citation, Nearest, Sentence

_EXCERPT = 220
_BRIEF = 70
"""Answers of at most this many characters are set large."""

_CONFIDENCE = ((0.85, "quite sure"), (0.6, "likely"), (0.0, "unsure"))
"""Least confidence → the word for it, best first."""

_AS_ENTITY: dict[int, str] = {
    **{ord(character): f"&#{ord(character)};" for character in string.punctuation + "\t\n\r"},
    # HTML can hold neither: a stand-in of the same length keeps every offset true.
    **dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd"),
}

_HEADING_ENDS = re.compile(r"(?<=\w)\n\s*\n")
_GAP = re.compile(r"(\A\s*\n|\n\s*\n|\n\s*\Z)")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what the page shows under it. `said` is the answer's text, None where there was none."""

    question: str
    html: str
    said: str | None = None


def literal(text: str) -> str:
    """`text` as HTML that reads as exactly `text`, in an element or in a quoted attribute, in Markdown too.

    All ASCII punctuation becomes numeric entities, so neither HTML nor Markdown finds a character of its own.
    """
    return text.translate(_AS_ENTITY)


# The source ---------------------------------------------------------------------------------------------------


def source(document: Document) -> str:
    """The document typeset: the text of this fragment is `document.text`, character for character.

    Paragraphs are split at blank lines, which stay as white space between the blocks.
    """
    blocks = "".join(_blocks(document.text, document.headings))
    return (
        f'<article class="source" data-document="{literal(document.id)}" data-sha="{literal(document.sha256)}" '
        f'data-title="{literal(document.title)}">{blocks}</article>'
    )


def _blocks(text: str, headings: Iterable[Heading]) -> Iterator[str]:
    at = 0
    for heading in sorted(headings, key=lambda heading: heading.start):
        if not at <= heading.start < heading.end <= len(text):
            continue
        yield from _paragraphs(text[at : heading.start])
        tag = f"h{min(heading.level + 1, 6)}"
        yield f"<{tag}>{literal(text[heading.start : heading.end])}</{tag}>"
        at = heading.end
    yield from _paragraphs(text[at:])


def _paragraphs(text: str) -> Iterator[str]:
    for piece in _GAP.split(text):
        yield f"<p>{literal(piece)}</p>" if piece.strip() else literal(piece)


def source_pane(documents: Sequence[Document]) -> str:
    """The frame of the source pane; the script fetches the text itself, one document at a time."""
    first = documents[0].id if documents else ""
    body = "" if documents else _no_documents()
    return (
        f'<section id="source-pane" aria-label="Source" data-first="{literal(first)}">'
        '<header><button type="button" id="source-back">← Back to the chat</button>'
        f"{_source_switch(documents)}</header>"
        f'<div id="source-text" tabindex="0" role="region" aria-label="Text of the source">{body}</div></section>'
    )


def _source_switch(documents: Sequence[Document]) -> str:
    if len(documents) < 2:
        title = literal(documents[0].title) if documents else ""
        return f'<p class="label">Source</p><p id="source-title">{title}</p>'
    options = "".join(
        f'<option value="{literal(document.id)}">{literal(document.title)}</option>' for document in documents
    )
    return f'<label class="label" for="source-switch">Source</label><select id="source-switch">{options}</select>'


def _no_documents() -> str:
    return '<p class="quiet">Nothing is indexed yet. Add documents with: <code>qa index PATH</code></p>'


# The conversation ---------------------------------------------------------------------------------------------


def conversation(turns: Sequence[Turn], pending: str | None = None) -> str:
    """All turns, oldest first; `pending` is a question that is being answered."""
    shown = "".join(_turn(number, turn) for number, turn in enumerate(turns))
    if pending is not None:
        shown += _turn(len(turns), Turn(pending, '<p class="reading" data-state="pending">Reading the source…</p>'))
    return f'<div class="conversation">{shown}</div>'


def _turn(number: int, turn: Turn) -> str:
    return (
        f'<div class="turn" data-turn="{number}"><p class="asked"><span class="unseen">You asked: </span>'
        f"{literal(turn.question)}</p>{turn.html}</div>"
    )


def first_run(questions: Sequence[str]) -> str:
    """What an empty conversation shows: what this is, and questions to begin with."""
    buttons = "".join(f"<li>{_example(literal(question))}</li>" for question in questions)
    return (
        '<div class="conversation first"><h1>Ask the source.</h1><p>Every answer is read out of it and carries a '
        "footnote. Choose the footnote to see the exact words it stands on. Where the source does not say, you are "
        f'told so.</p><ul class="examples" aria-label="Questions to begin with">{buttons}</ul></div>'
    )


def _example(question: str) -> str:
    return f'<button type="button" class="example" data-question="{question}">{question}</button>'


# One answer ---------------------------------------------------------------------------------------------------


def answer(answer: Answer) -> str:
    """An answer with its footnotes, or what came nearest where the source does not say."""
    shown = _answered(answer) if answer.answered else _not_in_source(answer)
    return _read_as(answer) + shown


def error(question: str, message: str) -> str:
    """A question that could not be answered: what went wrong, and the question to ask again."""
    again = f'<button type="button" class="plain" data-question="{literal(question)}">Ask again</button>'
    return f'<div data-state="failed" data-restore="{literal(question)}">{problem(message, again)}</div>'


def problem(message: str, remedy: str = "") -> str:
    """What went wrong, in words for a person; `remedy` is HTML of ours."""
    return f'<div class="failed"><h2>That did not work</h2><p>{literal(message)}</p>{remedy}</div>'


def _read_as(answer: Answer) -> str:
    if answer.standalone_question == answer.question:
        return ""
    return f'<p class="read-as">Read as: “{literal(answer.standalone_question)}”</p>'


def _answered(answer: Answer) -> str:
    notes = "".join(_note(citation) for citation in answer.citations)
    brief = " brief" if len(answer.text) <= _BRIEF else ""
    return (
        f'<div class="answered" data-state="answered"><p class="answer{brief}">{_answer_text(answer)}</p>'
        f'<ol class="notes" aria-label="Footnotes">{notes}</ol>{_author(answer)}{_confidence(answer.confidence)}</div>'
    )


def _author(answer: Answer) -> str:
    if all(sentence.status == "quoted" for sentence in answer.sentences):
        return ""
    return '<p class="author">Written by a language model. Only the footnotes are the source’s own words.</p>'


def _answer_text(answer: Answer) -> str:
    """The answer's text with each sentence's footnotes after it; a footnote no sentence claims comes last."""
    by_number = {citation.number: _footnote(citation) for citation in answer.citations}
    unclaimed = dict(by_number)
    shown, at = "", 0
    for sentence in answer.sentences:
        start = answer.text.find(sentence.text, at)
        if start < 0:
            continue
        shown += literal(answer.text[at:start]) + _sentence(sentence)
        shown += "".join(by_number.get(number, "") for number in sentence.citations)
        at = start + len(sentence.text)
        unclaimed = {number: note for number, note in unclaimed.items() if number not in sentence.citations}
    return shown + literal(answer.text[at:]) + "".join(unclaimed.values())


def _sentence(sentence: Sentence) -> str:
    if sentence.status != "unsupported":
        return literal(sentence.text)
    flag = '<small class="flag">no footnote supports this</small>'
    return f'<span class="unsupported">{literal(sentence.text)}</span>{flag}'


def _footnote(citation: Citation) -> str:
    return f"<sup>{_number(citation, 'footnote', f'Footnote {citation.number}: {_clipped(citation.quote, 80)}')}</sup>"


def _number(citation: Citation, kind: str, label: str) -> str:
    return (
        f'<button type="button" class="{kind}" {_span(citation.document, citation.start, citation.end)} '
        f'aria-label="{literal(label)}">{citation.number}</button>'
    )


def _span(document: Document, start: int, end: int) -> str:
    """The attributes from which the script finds and marks these characters."""
    return (
        f'data-document="{literal(document.id)}" data-sha="{literal(document.sha256)}" '
        f'data-start="{start}" data-end="{end}"'
    )


def _note(citation: Citation) -> str:
    number = _number(citation, "number", f"Show footnote {citation.number} in the source")
    page = f", page {citation.page}" if citation.page else ""
    return (
        f"<li>{number}<div>{_quote_in_context(citation)} "
        f"<cite>{literal(citation.document.title)}{page}</cite></div></li>"
    )


def _quote_in_context(citation: Citation) -> str:
    start = citation.start - citation.context_start
    before, after = citation.context[: max(start, 0)], citation.context[max(start, 0) + len(citation.quote) :]
    if before + citation.quote + after != citation.context:
        before, after = "", ""
    if not before + after:
        # The answer above may well be this whole sentence: the style shows no more than its beginning again.
        return f'<p class="whole">“{literal(citation.quote)}”</p>'
    return f"<p>“{literal(before)}<strong>{literal(citation.quote)}</strong>{literal(after)}”</p>"


def _confidence(confidence: float) -> str:
    word = next(word for least, word in _CONFIDENCE if confidence >= least)
    why = f"Of a hundred answers held this sure, about {round(confidence * 100)} are right."
    return f'<details class="confidence"><summary title="{why}">{word}</summary><p>{why}</p></details>'


def _not_in_source(answer: Answer) -> str:
    several = len({near.document.id for near in answer.nearest}) > 1
    nearest = "".join(f"<li>{_near(near, titled=several)}</li>" for near in answer.nearest)
    label = '<p class="label">What came nearest. No answer was found in it.</p>' if nearest else ""
    return (
        '<div class="absent" data-state="absent"><h2>Not in the source</h2>'
        f'<p>{literal(answer.text)}</p>{label}<ul class="nearest">{nearest}</ul></div>'
    )


def _near(near: Nearest, titled: bool) -> str:
    passage = near.hit.passage
    # A heading and the paragraph under it would run together on one line.
    excerpt = _clipped(_HEADING_ENDS.sub(" — ", passage.text.strip()), _EXCERPT)
    title = f"<cite>{literal(near.document.title)}</cite>" if titled else ""
    return (
        f'<button type="button" class="near" {_span(near.document, passage.start, passage.end)}>'
        f"<span>{literal(excerpt)}</span>{title}</button>"
    )


def _clipped(text: str, length: int) -> str:
    """`text` on one line, cut at a word so that at most `length` characters and an ellipsis are left."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]}…"
