"""What a document is about: the few of its sentences that stand for most of it, in its own order.

Centrality (cosine to the mean of all sentences) with a share for standing at the beginning, each next sentence chosen
for what the chosen ones do not say yet: maximal marginal relevance (Carbonell and Goldstein 1998).
"""

from __future__ import annotations

import re

import numpy as np

from index.embed import Embedder
from index.passages import split
from index.types import Document, Hit
from index.words import FUNCTION_WORDS, content_words
from qa.read.candidates import QuestionWords
from qa.read.longer import sentences
from qa.types import Draft, Part, Span

LOOKED_AT = 80
"""Sentences of a long document that are compared: the first of each passage, evenly thinned."""
LEAD = 0.2
"""What standing at the beginning counts for."""
ALIKE = 0.6
"""What being like a sentence that was chosen already counts against."""
CHARACTERS_A_SENTENCE = 1500
FEWEST, MOST, ABOUT = 3, 5, 2
BEGINNING = 3
"""Sentences at the beginning, one of which says what it is about."""
HELD = 0.5
"""The share of the word weight of what a summary is asked of that the document must hold."""
CONFIDENCE = 0.8
"""Of a summary: not fitted, since no set says which summaries are right."""
_SHORTEST = 6  # words
_ENDS = ".!?\"”’'…"

_THING = (
    r"(?:article|document|text|page|paper|report|file|source|story|piece|post|book|memo|contract|letter|content|e-?mail|"
    r"message|manual|guide|chapter|note|transcript|speech|essay|study|review|handbook|agreement)s?"
)
_THIS = rf"(?:this|it|that|the|these|those)(?:\s+(?:news\s+|whole\s+)?{_THING})?"
_SUMMARY = re.compile(
    r"^(?:please\s+|(?:can|could|would)\s+you\s+(?:please\s+)?)?(?:"
    r"summari[sz]e\b|sum\s+up\b|tl;?dr\b|(?:a\s+|the\s+)?(?:brief\s+|short\s+|quick\s+)?(?:summary|overview|outline|gist)\b|"
    r"(?:give|write|make|show)\s+(?:me\s+|us\s+)?(?:a|an|the)\s+(?:\w+\s+)?(?:summary|overview|outline|gist)\b|"
    r"what\s+(?:is|are|were)\s+(?:the\s+)?(?:main|key|central|most\s+important)\s+(?:points?|ideas?|facts?|messages?|topics?)\b"
    r")",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    rf"^(?:and\s+)?what(?:['’]s|\s+is|\s+are|\s+was)\s+{_THIS}\s+(?:all\s+)?about\b|"
    rf"^what\s+does\s+{_THIS}\s+(?:say|cover|discuss|describe|report|deal\s+with)\W*$|"
    r"^what\s+(?:is|are)\s+(?:the\s+)?(?:main\s+|central\s+)?(?:topic|subject|theme|gist)s?\b",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    "please summarise summarize summary sum tldr tl dr brief short quick overview outline gist main key central "
    "important points point ideas idea facts fact messages message topics topic subject theme article document text "
    "page paper report file source story piece post book memo contract letter content email mail message manual guide "
    "chapter note notes transcript speech essay study review handbook agreement news whole write make show "
    "cover discuss describe deal sentences sentence words".split()
)


def sentences_asked_for(question: str) -> tuple[int, int] | None:
    """(fewest, most) sentences when a summary is asked for, None when it is not."""
    if _ABOUT.match(question):
        return (ABOUT, ABOUT)
    return (FEWEST, MOST) if _SUMMARY.match(question) else None


def topic(question: str) -> str:
    """What the summary is asked of, "" for the document as a whole."""
    return " ".join(word for word in content_words(question) if word not in _GENERIC | FUNCTION_WORDS)


def summary(question: str, document: Document, embedder: Embedder) -> tuple[Draft, list[Hit]]:
    """The draft and the passages that it stands in; an abstention where the document does not hold the topic."""
    asked = sentences_asked_for(question)
    of = topic(question)
    if asked is None or (of and QuestionWords.of(of).overlap(f"{document.title}\n{document.text}") < HELD):
        return Draft((), confidence=0.0), []
    hits = [Hit(passage, 0.0, None, None) for passage in split(document)]
    found = _thinned(_sentences(hits))
    if not found:
        return Draft((), confidence=0.0), []
    texts = [document.text[span.start : span.end] for span in found]
    vectors = embedder.embed_passages(texts)
    centre = vectors.mean(axis=0)
    score = vectors @ (centre / (np.linalg.norm(centre) or 1.0))
    score = score + LEAD * (1 - np.arange(len(found)) / len(found)) ** 4
    if of:
        score = score + vectors @ embedder.embed_question(of)
    fewest, most = asked
    wanted = min(most, max(fewest, len(document.text) // CHARACTERS_A_SENTENCE), len(found))
    chosen: list[int] = []
    for _ in range(wanted):
        told = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(found))
        left = np.where(np.isin(np.arange(len(found)), chosen), -np.inf, score - ALIKE * told)
        if asked == (ABOUT, ABOUT) and not chosen:
            left = left[:BEGINNING]
        chosen.append(int(left.argmax()))
    parts = tuple(Part(" ".join(texts[number].split()), (found[number],)) for number in sorted(chosen))
    return Draft(parts, CONFIDENCE), hits


def _sentences(hits: list[Hit]) -> list[Span]:
    """Every sentence of the passages that says something by itself, once, in order."""
    return [one.span for one in sentences(hits, _SHORTEST) if one.hit.passage.text[-1] in _ENDS]


def _thinned(found: list[Span]) -> list[Span]:
    step = len(found) / LOOKED_AT
    return found if step <= 1 else [found[int(number * step)] for number in range(LOOKED_AT)]
