"""Questions to begin with, made from the documents themselves and kept only when the sources answer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from index.types import Document
from index.words import FUNCTION_WORDS

SHOWN = 4
TRIED = 16
LONGEST = 80
READ = 20_000
"""Names are looked for in so many first characters of a document."""

_CAPITALISED = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NAME_WORDS = range(2, 5)
# "Envoy for Syria Staffan de Mistura": what such a word ties to the words before it is no name by itself.
_TIED = (" for ", " of ")


def examples(documents: Sequence[Document], answers: Callable[[str], bool]) -> tuple[str, ...]:
    """At most SHOWN questions about what the documents name, each of which `answers` says is answered.

    At most TRIED are tried. Documents take turns; the headings of a document come before the names in it.
    """
    by_turns = chain.from_iterable(zip_longest(*(list(_topics(document)) for document in documents[:TRIED])))
    topics = dict.fromkeys(topic for topic in by_turns if topic)
    questions = (f"What is said about {topic}?" for topic in topics)
    fitting = (question for question in questions if len(question) <= LONGEST)
    return tuple(islice(filter(answers, islice(fitting, TRIED)), SHOWN))


def _topics(document: Document) -> Iterator[str]:
    for heading in document.headings:
        topic = " ".join(document.text[heading.start : heading.end].split())
        if topic != document.title:
            yield f"“{topic}”"
    inside = [range(heading.start, heading.end) for heading in document.headings]
    for run in _CAPITALISED.finditer(document.text[:READ]):
        words = re.sub(r"['’]s$", "", run.group()).split()
        tied = document.text.endswith(_TIED, 0, run.start())
        titled = any(run.start() in span for span in inside)
        if len(words) in _NAME_WORDS and words[0].lower() not in FUNCTION_WORDS and not tied and not titled:
            yield " ".join(words)
