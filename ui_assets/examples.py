"""Questions to begin with, made from the documents themselves and kept only when the sources answer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from index.types import Document

SHOWN = 4
TRIED = 16
LONGEST = 80
READ = 20_000
"""Names are looked for in so many first characters of a document."""

# Two or more capitalised words in a row that do not begin a line or a sentence.
_NAME = re.compile(r"(?<=[\w,;:(] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+(?![\w’'-])")


def examples(documents: Sequence[Document], answers: Callable[[str], bool]) -> tuple[str, ...]:
    """At most SHOWN questions about what the documents name, each of which `answers` says is answered.

    At most TRIED are tried. Documents take turns; the names in a document come before its headings.
    """
    by_turns = chain.from_iterable(zip_longest(*(list(_topics(document)) for document in documents[:TRIED])))
    topics = dict.fromkeys(topic for topic in by_turns if topic)
    questions = (f"What is said about {topic}?" for topic in topics)
    fitting = (question for question in questions if len(question) <= LONGEST)
    return tuple(islice(filter(answers, islice(fitting, TRIED)), SHOWN))


def _topics(document: Document) -> Iterator[str]:
    text = document.text[:READ]
    inside = [(heading.start, heading.end) for heading in document.headings]
    for name in _NAME.finditer(text):
        if not any(start <= name.start() < end for start, end in inside):
            yield re.sub(r"['’]s$", "", name.group())
    for heading in document.headings:
        topic = " ".join(document.text[heading.start : heading.end].split())
        if topic != document.title:
            yield topic
