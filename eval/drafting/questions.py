"""A document → drafted cases: wh-questions and clozes made by rule, and near misses that it does not answer."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from eval.drafting.spans import Found, same_kind, spans
from eval.normalise import contains
from eval.types import Case
from index.sentences import sentence_spans
from index.types import Document

WORDS = range(7, 41)
"""How long a sentence is that is asked about."""
IN_PLACE = {
    "date": "what date",
    "year": "what year",
    "month": "what month",
    "number": "how many",
    "name": "whom or what",
    "quotation": "what words",
}
IN_FRONT = {**{kind: asked.capitalize() for kind, asked in IN_PLACE.items()}, "name": "Who or what"}
STYLES = ("question", "question", "near miss", "cloze")
"""In turns, so that a handful of drafts already has each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A case that nobody accepted yet; `about` is the text that it was made from, for the person who decides."""

    case: Case
    about: str
    path: str


class Target(NamedTuple):
    """A span of a sentence of a document, to be asked for."""

    document: Document
    sentence: str
    found: Found


def drafts(documents: Sequence[Document], count: int, seed: int = 0, targets: Sequence[Target] = ()) -> list[Draft]:
    """At most `count`: of the `targets`, and where they are too few, spread evenly over the documents' sentences. The
    same for the same documents, targets and seed.

    A near miss swaps a name, number or date of a question for one that stands elsewhere, so that what is asked is
    not said; whether that is so is the person's to judge.
    """
    chosen = random.Random(seed)
    wanted = list(targets)[:count]
    taken = {target.sentence for target in wanted}
    more = [target for target in spread(documents, count, chosen) if target.sentence not in taken]
    wanted += more[: count - len(wanted)]
    every = {document.id: [text for text, _ in sentences(document)] for document in documents}
    made: list[Draft] = []
    for number, target in enumerate(wanted):
        elsewhere = [text for text in every[target.document.id] if text != target.sentence]
        case = _case(target, STYLES[number % len(STYLES)], elsewhere, chosen)
        if all(case.question != other.case.question for other in made):
            named = replace(case, id=f"draft-{target.document.id[:8]}-{seed}-{number + 1}")
            made.append(Draft(named, target.sentence, target.document.path))
    return made


def spread(documents: Sequence[Document], count: int, chosen: random.Random) -> list[Target]:
    """A span each of sentences that lie evenly apart."""
    there = [(document, text) for document in documents for text, _ in sentences(document)]
    step = max(1.0, len(there) / max(1, count))
    taken = [there[int(number * step)] for number in range(min(count, len(there)))]
    return [Target(document, text, chosen.choice(spans(text))) for document, text in taken]


def sentences(document: Document) -> Iterator[tuple[str, int]]:
    """Whole sentences of a length to be asked about, and where each begins."""
    for start, end in sentence_spans(document.text):
        text = document.text[start:end]
        if len(text.split()) in WORDS and text[-1:] in ".!?" and "\n\n" not in text and spans(text):
            yield text, start


def _case(about: Target, style: str, elsewhere: Sequence[str], chosen: random.Random) -> Case:
    _, sentence, target = about
    if style == "cloze":
        question = f"Fill the gap: {_flat(sentence[: target.start])}____{_flat(sentence[target.end :])}"
        return Case("", question, (target.text,), (sentence,), (), ("draft", "cloze"))
    if style == "near miss":
        missed = _near_miss(sentence, target, elsewhere, chosen)
        if missed is not None:
            return Case("", missed, (), (), (), ("draft", "near miss"))
    return Case("", _asked(sentence, target), (target.text,), (sentence,), (), ("draft", target.kind))


def _asked(sentence: str, target: Found) -> str:
    """The sentence as a question: the span gives way to a question word, in its own place unless it begins."""
    before, after = sentence[: target.start].strip(), sentence[target.end :].strip().rstrip(".!?")
    if not before:
        return _flat(f"{IN_FRONT[target.kind]} {after}?")
    return _flat(f"{before} {IN_PLACE[target.kind]} {after}".strip() + "?")


def _near_miss(sentence: str, target: Found, elsewhere: Sequence[str], chosen: random.Random) -> str | None:
    others = [found for found in spans(sentence) if found != target and found.kind != "quotation"]
    chosen.shuffle(others)
    for swapped in others:
        instead = [text for text in same_kind(list(elsewhere), swapped.kind) if not contains(sentence, [text])]
        if instead:
            alike = [text for text in instead if _looks(text) == _looks(swapped.text)]
            moved = chosen.choice(alike or instead)
            changed = sentence[: swapped.start] + moved + sentence[swapped.end :]
            shift = len(moved) - len(swapped.text) if swapped.start < target.start else 0
            return _asked(changed, target._replace(start=target.start + shift, end=target.end + shift))
    return None


def _looks(text: str) -> str:
    """Figures by how many there are, words as words: "22,000" is told from "five" and from "14"."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", text))


def _flat(text: str) -> str:
    """One line, no space before punctuation."""
    return re.sub(r" +([,.;:?!])", r"\1", re.sub(r"\s+", " ", text))
