"""Hits → the sentences that could answer, each with what tells whether it does."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from index.embed import Embedder, Vectors
from index.sentences import sentence_spans
from index.types import Hit, Passage
from index.words import UNKNOWN, content_words, stems, weight, words
from qa.types import Span

MIN_MISSPELT = 5
"""Shorter words have too many near neighbours."""

FEATURES = ("cosine", "overlap", "passage_cosine", "passage_overlap", "kind", "kind_missing")


class Candidate(NamedTuple):
    """A sentence that could answer, with its features in the order of FEATURES:

    cosine: of question and sentence; overlap: the share of the question's word weight that the sentence holds;
    passage_cosine, passage_overlap: the same of the whole passage, its section heading included;
    kind: 1 where the sentence holds what the question word asks for (a name for who, a number for how many …);
    kind_missing: 1 where it asks for such a thing and the sentence has none. None depends on what else is in the
    index, so that what was fitted on one index holds on another.
    """

    span: Span
    text: str
    features: tuple[float, ...]


def candidates(question: str, hits: Sequence[Hit], embedder: Embedder) -> list[Candidate]:
    """The sentences of `hits`, each once, in the hits' order; headings are left out."""
    found: dict[Span, tuple[Hit, str]] = {}
    for hit in hits:
        passage = hit.passage
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            if not is_heading(text, passage):
                span = Span(passage.document_id, passage.start + start, passage.start + end)
                found.setdefault(span, (hit, text))
    if not found:
        return []
    asked = QuestionWords.of(question)
    vectors: Vectors = embedder.embed_passages([text for _, text in found.values()])
    cosines = vectors @ embedder.embed_question(question)
    of_passage = {
        hit.passage.id: (hit.cosine, asked.overlap(f"{hit.passage.section}\n{hit.passage.text}")) for hit in hits
    }
    return [
        Candidate(
            span,
            text,
            (float(cosine), asked.overlap(text), *of_passage[hit.passage.id], *asked.kind_found(text)),
        )
        for (span, (hit, text)), cosine in zip(found.items(), cosines, strict=True)
    ]


def is_heading(sentence: str, passage: Passage) -> bool:
    """Whether a sentence is what the passage stands under: the title or a heading, with Markdown's marks or without."""
    return sentence.strip("#=-~ \t\n") in (passage.title, *passage.section.split(" › "))


_NAME = re.compile(r"(?<![.!?…\"“] )(?<!^)\b[A-Z][\w’'-]+")
_NAMED = re.compile(r"(?<!^)\b(?:[A-Z][\w’'-]+|\d[\d,.]*)")
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|billion|several|many|few|half|both|twice|single)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d{4}|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday)\b|(?i:\b(?:century|year|years|month|months|week|weeks|day|days|hours?|"
    r"minutes?|morning|evening|night|today|yesterday|tomorrow|ago|later|before|after|during|early|late|until|since)\b)"
)
_REASON = re.compile(
    r"\b(?:because|since|due|owing|reason|caused?|thanks|order|so|therefore|thus|result|explained?|by|for|to|lack)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"[\"“”«»]|\b(?:said|says|told|stated|noted|added|according|argued|claimed|wrote)\b", re.IGNORECASE
)

_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\b(?:how (?:many|much|old|long|far|often|large|big|tall|high)|what (?:number|percent\w*))\b"),
        _NUMBER,
    ),
    (re.compile(r"\b(?:when|what (?:year|date|day|month|time)|which (?:year|date|day|month))\b"), _TIME),
    (re.compile(r"\b(?:who|whom|whose|where|which (?:countr|cit|person|group|compan|states?)\w*)\b"), _NAME),
    (re.compile(r"\b(?:why|what (?:reason|caused))\b"), _REASON),
    (re.compile(r"\bwhat (?:did|does|do) .* (?:say|said|think|argue|claim|state|explain)\b"), _QUOTED),
)
"""What the question's words ask for → how a sentence that holds such a thing looks; the first that fits counts."""


class QuestionWords:
    """What a question asks with: its telling words, weighted, and the kind of thing it wants."""

    def __init__(
        self, weights: dict[str, float], wanted: re.Pattern[str] | None, names: frozenset[str] = frozenset()
    ) -> None:
        self._weights = weights
        self._wanted = wanted
        self._names = names

    @classmethod
    def of(cls, question: str) -> QuestionWords:
        content = content_words(question)
        weights: dict[str, float] = {}
        for word, stem in zip(content, stems(content), strict=True):
            weights[stem] = max(weights.get(stem, 0.0), weight(word))
        lowered = question.lower()
        wanted = next((looks for asks, looks in _KINDS if asks.search(lowered)), None)
        named = [word for found in _NAMED.findall(question) for word in words(found)]
        return cls(weights, wanted, frozenset(stems(named)))

    def overlap(self, text: str) -> float:
        """The share of the question's word weight that `text` holds, 0..1."""
        total = sum(self._weights.values())
        present = set(stems(content_words(text)))
        held = sum(
            weight for stem, weight in self._weights.items() if stem in present or _misspelt(stem, weight, present)
        )
        return held / total if total else 0.0

    def unnamed(self, text: str) -> float:
        """The share of the question's names and numbers, told by capitals and digits, that `text` does not hold; 0
        where it has none."""
        if not self._names:
            return 0.0
        return len(self._names - set(stems(words(text)))) / len(self._names)

    def kind_found(self, text: str) -> tuple[float, float]:
        """(1, 0) where `text` holds the kind of thing asked for, (0, 1) where not, (0, 0) where no kind is asked for.

        A name that the question itself holds is not what it asks for.
        """
        if self._wanted is None:
            return (0.0, 0.0)
        found = [match.group() for match in self._wanted.finditer(text)]
        if self._wanted is _NAME:
            names = [word for name in found for word in content_words(name)]
            found = [stem for stem in stems(names) if stem not in self._weights]
        return (1.0, 0.0) if found else (0.0, 1.0)


def _misspelt(stem: str, weight: float, present: Collection[str]) -> bool:
    """Whether a word that the vocabulary does not know is, but for a letter or two, a word that is there."""
    return weight == UNKNOWN and len(stem) >= MIN_MISSPELT and bool(get_close_matches(stem, present, n=1, cutoff=0.8))
