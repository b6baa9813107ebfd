"""Questions that a passage does not answer, made of ones that it does.

A hard negative passage comes from our own search; a question is turned by another name or number, or by its opposite.
SQuAD 2.0's writers were led by the same moves (Rajpurkar et al. 2018, table 1: negation, antonym, entity swap).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from index.sentences import sentence_spans
from index.types import Document, Passage
from qa.read.candidates import QuestionWords
from train.corpus import Question, overlaps

_SWAPPABLE = re.compile(r"(?<![.?!] )\b(?:[A-Z][a-z]{2,}|\d{1,4})\b")
_OPPOSITES = """
    first/last largest/smallest biggest/smallest highest/lowest oldest/youngest longest/shortest most/least
    more/fewer more/less greater/smaller higher/lower earliest/latest best/worst before/after above/below
    inside/outside north/south northern/southern east/west eastern/western import/export imports/exports
    increase/decrease increased/decreased rise/fall rose/fell won/lost win/lose gain/lose male/female men/women
    husband/wife father/mother son/daughter brother/sister king/queen maximum/minimum majority/minority
    public/private support/oppose supported/opposed accept/reject accepted/rejected begin/end began/ended
    start/end started/ended open/close opened/closed join/leave joined/left buy/sell bought/sold ancient/modern
    old/new older/younger early/late summer/winter rural/urban internal/external primary/secondary
    positive/negative good/bad hot/cold strong/weak rich/poor legal/illegal known/unknown common/rare
    allowed/forbidden attack/defend arrival/departure
"""
OPPOSITES: dict[str, str] = {}
for _pair in _OPPOSITES.split():
    _one, _other = _pair.split("/")
    OPPOSITES.setdefault(_one, _other)
    OPPOSITES.setdefault(_other, _one)
_OPPOSABLE = re.compile(r"\b(?:" + "|".join(OPPOSITES) + r")\b")
_AUXILIARY = re.compile(r"\b(?:did|does|do|was|were|is|are|has|have|had|can|could|will|would)\b")


def hardest(document: Document, question: Question, rivals: Sequence[Passage]) -> Passage | None:
    """The passage that shares most of the question's word weight and holds none of its answers' words."""
    asked = QuestionWords.of(question.text)
    return max(silent(document, question, rivals), key=lambda p: asked.overlap(p.text), default=None)


def silent(document: Document, question: Question, rivals: Sequence[Passage]) -> list[Passage]:
    """The rivals in which none of the answers' words stand, in their order."""
    answers = [document.text[a:b].lower() for a, b in question.spans]
    return [p for p in rivals if not any(answer in p.text.lower() for answer in answers)]


def turned(question: Question, document: Document, passage: Passage, chosen: random.Random) -> str | None:
    """The question with a name, number or word replaced so that the passage no longer answers it; None where there is
    nothing to replace. Opposites first, since few questions hold a word that has one."""
    if (opposite := opposed(question.text, passage)) and chosen.random() < 0.7:
        return opposite
    if swap := swapped(question, document, passage, chosen):
        return swap
    return negated(question.text) if chosen.random() < 0.3 else None


def opposed(text: str, passage: Passage) -> str | None:
    """The first word with an opposite that the passage does not hold, replaced by that."""
    for found in _OPPOSABLE.finditer(text):
        opposite = OPPOSITES[found.group()]
        if not re.search(rf"\b{opposite}\b", passage.text, re.IGNORECASE):
            return text[: found.start()] + opposite + text[found.end() :]
    return None


def negated(text: str) -> str | None:
    """The first auxiliary after the question word denied: "Who did not …"; None where it already is."""
    found = _AUXILIARY.search(text)
    if found is None or re.search(r"\b(?:not|never|no)\b|n't", text):
        return None
    denied = {"can": "cannot", "will": "won't"}.get(found.group(), found.group() + "n't")
    return text[: found.start()] + denied + text[found.end() :]


def swapped(question: Question, document: Document, passage: Passage, chosen: random.Random) -> str | None:
    """The question with a name or number in it replaced by another of the document, if there is one in the passage by
    that, which the sentence that answers does not hold."""
    found = [m for m in _SWAPPABLE.finditer(question.text) if m.start() > 0 and m.group() in document.text]
    if not found:
        return None
    target = chosen.choice(found)
    near = " ".join(
        passage.text[a:b]
        for a, b in sentence_spans(passage.text)
        if overlaps(question.spans, passage.start + a, passage.start + b)
    )
    kind = str.isdecimal if target.group().isdecimal() else str.isalpha

    def pool(text: str) -> list[str]:
        others = {word.group() for word in _SWAPPABLE.finditer(text)}
        return sorted(word for word in others if kind(word) and word not in near and word not in question.text)

    choices = pool(passage.text) or pool(document.text)
    if not choices:
        return None
    return question.text[: target.start()] + chosen.choice(choices) + question.text[target.end() :]
