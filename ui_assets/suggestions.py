"""Questions to begin with and to go on with, made from the documents and kept only when the sources answer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from index.types import Document
from qa.types import Answer
from ui_assets.questions import Made, questions

SHOWN = 4
FOLLOW_UPS = 3
TRIED = 24
"""At most so many questions are asked to find those that are shown."""
READ = 20_000
"""Questions are made from so many first characters of a document, or as many around a citation."""

Ask = Callable[[str], Answer]


class Suggestions:
    """Suggests what `ask` answers. Questions to begin with are worked out once for what is indexed."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._opening: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}

    def to_begin_with(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """At most SHOWN; documents take turns, and so do kinds of question within a document."""
        key = tuple((document.id, document.sha256) for document in documents)
        if key not in self._opening:
            read = documents[:TRIED]
            made = _in_turns([_by_kind(questions(document, 0, READ)) for document in read])
            topics = _in_turns([_topics(document) for document in read])
            found = tuple(islice(self._answered(chain(made, topics)), SHOWN))
            self._opening = {key: found}
        return self._opening[key]

    def near(self, document: Document, start: int, asked: Iterable[str] = ()) -> tuple[str, ...]:
        """At most FOLLOW_UPS, made from what stands nearest to `start` and does not repeat what was `asked`."""
        around = questions(document, max(start - READ // 2, 0), start + READ // 2)
        nearest = sorted(around, key=lambda made: abs(made.start - start))
        known = {_bare(question) for question in asked}
        new = (made for made in nearest if _bare(made.question) not in known and not made.start <= start < made.end)
        return tuple(islice(self._answered(new), FOLLOW_UPS))

    def _answered(self, candidates: Iterable[Made]) -> Iterator[str]:
        """Those that are answered with the words they were made from, each question and each answer once."""
        answers: set[tuple[str, int]] = set()
        for made in islice(_unlike(candidates), TRIED):
            answer = self._ask(made.question)
            place = (made.document_id, made.start)
            if place not in answers and any(
                cited.document.id == made.document_id and cited.start < made.end and made.start < cited.end
                for cited in answer.citations
            ):
                answers.add(place)
                yield made.question


def _topics(document: Document) -> Iterator[Made]:
    """Where no sentence gives a question: what stands under each heading."""
    ends = [heading.start for heading in document.headings[1:]] + [len(document.text)]
    for heading, end in zip(document.headings, ends, strict=False):
        topic = " ".join(document.text[heading.start : heading.end].split())
        if topic != document.title and len(topic) <= 60:
            yield Made(f"What is said about “{topic}”?", document.id, heading.end, end, "topic")


def _by_kind(made: Iterable[Made]) -> Iterator[Made]:
    kinds: dict[str, list[Made]] = {}
    for one in made:
        kinds.setdefault(one.kind, []).append(one)
    return _in_turns(list(kinds.values()))


def _in_turns(rows: Sequence[Iterable[Made]]) -> Iterator[Made]:
    return (made for made in chain.from_iterable(zip_longest(*rows)) if made is not None)


def _unlike(candidates: Iterable[Made]) -> Iterator[Made]:
    seen: set[str] = set()
    for made in candidates:
        if _bare(made.question) not in seen:
            seen.add(_bare(made.question))
            yield made


def _bare(question: str) -> str:
    return re.sub(r"\W+", " ", question).strip().casefold()
