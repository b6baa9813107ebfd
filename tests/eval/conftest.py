"""A small source, and an assistant that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from eval.run import Opener
from index.store import Where
from index.types import Document, Hit, Passage
from qa.types import NOT_IN_SOURCE, Answer, Citation, History

SENTENCES = ("The talks ended on Friday.", "A ceasefire starts on May 6.", "Nobody left the hall.")
Script = Mapping[str, Answer | BaseException]


@pytest.fixture
def document() -> Document:
    return Document("talks", "Talks", "talks.txt", " ".join(SENTENCES), sha256="0" * 64)


@pytest.fixture
def hits(document: Document) -> list[Hit]:
    """The source's three sentences, each a passage, in order."""
    starts = [document.text.index(sentence) for sentence in SENTENCES]
    passages = [
        Passage(f"p{number}", document.id, start, start + len(sentence), sentence)
        for number, (start, sentence) in enumerate(zip(starts, SENTENCES, strict=True), start=1)
    ]
    return [Hit(passage, 0.5, None, None) for passage in passages]


@pytest.fixture
def answered(document: Document) -> Callable[..., Answer]:
    """An answer that quotes the source, with the sentence around it."""

    def make(question: str, quote: str, confidence: float = 0.9) -> Answer:
        start = document.text.index(quote)
        sentence = next(sentence for sentence in SENTENCES if quote in sentence)
        citation = Citation(
            1, document, start, start + len(quote), quote, sentence, document.text.index(sentence), None
        )
        return Answer(question, question, True, quote, confidence, "extractive", (citation,))

    return make


@pytest.fixture
def abstained() -> Callable[..., Answer]:
    def make(question: str, confidence: float = 0.1) -> Answer:
        return Answer(question, question, False, NOT_IN_SOURCE, confidence, "extractive")

    return make


class ScriptedIndex:
    def __init__(self, documents: Sequence[Document], hits: Sequence[Hit]) -> None:
        self._documents, self._hits = documents, hits

    def documents(self) -> Sequence[Document]:
        return self._documents

    def search(self, question: str, k: int, where: Where) -> Sequence[Hit]:
        return self._hits[:k]


class ScriptedAssistant:
    """Answers each question as its script says; raises what the script raises."""

    def __init__(self, script: Script, index: ScriptedIndex) -> None:
        self.index = index
        self._script = script

    def ask(self, question: str, history: History, where: Where) -> Answer:
        reply = self._script[question]
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def guess(self, question: str, history: History, where: Where) -> Answer | None:
        return None


@pytest.fixture
def scripted(document: Document, hits: list[Hit]) -> Callable[[Script], ScriptedAssistant]:
    return lambda script: ScriptedAssistant(script, ScriptedIndex([document], hits))


@pytest.fixture
def opener(scripted: Callable[[Script], ScriptedAssistant]) -> Callable[[Script], Opener]:
    """What the command line opens instead of a real assistant."""

    def make(script: Script) -> Opener:
        @contextmanager
        def open_scripted(sources: Sequence[Path]) -> Iterator[ScriptedAssistant]:
            yield scripted(script)

        return open_scripted

    return make
