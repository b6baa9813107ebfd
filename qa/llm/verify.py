"""Does a passage bear out a sentence that cites it? Nobody is believed: numbers, names and negations are looked up.

A sentence is `quoted` when the passage says it word for word; `supported` when one or two of the passage's sentences
hold its numbers, dates and names, agree with it on negation, and score at least a threshold; else `unsupported`. The
score's weights are in support.json, fitted by train/fit_support.py, which also says how often it errs.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from index.embed import Embedder
from index.sentences import sentence_spans
from index.types import Hit
from index.words import content_words, stems, weight, words
from qa.llm.orders import asserts
from qa.read import Reader
from qa.read.candidates import is_heading
from qa.read.extractive import logistic
from qa.types import Part, Span

FITTED = Path(__file__).parent / "support.json"
FEATURES = ("cosine", "reader", "coverage", "pairs")
"""What a score is told from, each 0..1: the cosine of sentence and evidence; how sure the reader is that the evidence
answers the sentence, asked as it stands; the share of the sentence's word weight that the evidence holds; of its
neighbouring content words, of those that stand as near there."""
MOST_COMPARED = 4
"""Stretches of evidence whose meaning is compared."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nor|neither|without|cannot|hardly|refus\w+|den(?:y|ies|ied)|fail(?:s|ed)?|"
    r"reject\w*|lack\w*|unable|impossible)\b|n['’]t\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?"
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*\w")
_PEOPLE = re.compile(r"(?:ian|an|n|i|es|ese|ish)$")
_COUNTRY = re.compile(r"(?:ia|a|ey|y|i)$")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"dozen": "12", "thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "thousand": "1000"}
_UNCOUNTED = frozenset({"one", "zero"})


class Evidence(NamedTuple):
    """A stretch of a passage: one sentence, or two that follow each other."""

    span: Span
    hit: Hit
    """The passage cut down to this stretch."""
    context: str
    """What a name may also stand in: the passage's title and section, and the sentence before."""

    @property
    def text(self) -> str:
        return self.hit.passage.text


class Verdict(NamedTuple):
    """A sentence as a Part, and the probability, 0..1, that the sources bear it out."""

    part: Part
    score: float


QUOTED = 0.95
"""The score of a sentence that the source says word for word: what is left to doubt is whether it answers."""


@dataclass(frozen=True, slots=True)
class Support:
    """`weights` weigh FEATURES, then a constant 1; under `threshold` a sentence is unsupported."""

    weights: tuple[float, ...]
    threshold: float

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> Support:
        read = json.loads(FITTED.read_text(encoding="utf-8"))
        return cls(tuple(read["weights"][name] for name in (*FEATURES, "constant")), read["threshold"])


def verified(
    text: str, hits: Sequence[Hit], embedder: Embedder, reader: Reader, support: Support | None = None
) -> Verdict:
    """The sentence as a Part: quoted or supported with its spans, or unsupported with none. `hits` are those that it
    cites; without any it is unsupported."""
    for hit in hits:
        if (span := quoted_at(text, hit)) is not None:
            start = span.start - hit.passage.start
            said = " ".join(hit.passage.text[start : span.end - hit.passage.start].split())
            return Verdict(Part(said, (span,)), QUOTED)
    support = support or Support.shipped()
    rows = candidates(text, [one for hit in hits for one in stretches(hit)], embedder, reader)
    scored = [(logistic(support.weights, row), one) for one, row in rows]
    top = max((score for score, _ in scored), default=0.0)
    if top < support.threshold:
        return Verdict(Part(text, (), "unsupported"), 0.0)
    # The shortest that is nearly as good: a footnote is no longer than it must be.
    near = [(score, one) for score, one in scored if score >= max(top - 0.02, support.threshold)]
    score, best = min(near, key=lambda pair: len(pair[1].text))
    return Verdict(Part(text, (best.span,), "supported"), score)


def candidates(
    text: str, evidence: Sequence[Evidence], embedder: Embedder, reader: Reader
) -> list[tuple[Evidence, tuple[float, ...]]]:
    """The stretches that hold all the sentence's numbers and names and deny what it denies, with their FEATURES; of
    many, those that hold most of its words."""
    told = [(one, lexical(text, one.text, one.context)) for one in evidence]
    able = sorted((pair for pair in told if stands(pair[1])), key=lambda pair: -pair[1][0])[:MOST_COMPARED]
    if not able:
        return []
    vectors = embedder.embed_passages([text, *(one.text for one, _ in able)])
    cosines = vectors[1:] @ vectors[0]
    return [
        (one, (float(cosine), reader.read(text, [one.hit]).confidence, *row[:2]))
        for (one, row), cosine in zip(able, cosines, strict=True)
    ]


def stands(row: Sequence[float]) -> bool:
    """Whether all the sentence's names, numbers and addresses are in the evidence, both deny or neither does, and the
    evidence says it rather than asks it or wants it said: of `lexical`."""
    return all(value == 1.0 for value in row[2:])


def quoted_at(text: str, hit: Hit) -> Span | None:
    """Where the passage says `text` word for word, white space and the sentence's own punctuation aside; None where it
    does not, or where what stands around it denies it."""
    said = text.strip().strip("\"“”'‘’ ").rstrip(".!?;,: ")
    if not said:
        return None
    flexible = r"\s+".join(re.escape(word) for word in said.split())
    for match in re.finditer(rf"(?<!\w){flexible}(?!\w)[.!?]?", hit.passage.text):
        start, end = match.span()
        around = next(((a, b) for a, b in sentence_spans(hit.passage.text) if a <= start < b), (start, end))
        outside = f"{hit.passage.text[around[0] : start]} {hit.passage.text[end : max(end, around[1])]}"
        whole = hit.passage.text[around[0] : max(end, around[1])]
        if start > around[0] and not asserts(whole, said):
            continue
        if not _NEGATION.search(outside) or len(said.split()) < 3:
            return Span(hit.passage.document_id, hit.passage.start + start, hit.passage.start + end)
    return None


def stretches(hit: Hit) -> list[Evidence]:
    """The passage's sentences, and each two that follow each other; a heading says nothing."""
    passage = hit.passage
    spans = sentence_spans(passage.text)
    says = [not is_heading(passage.text[start:end], passage) for start, end in spans]
    found = []
    for number, (start, end) in enumerate(spans):
        if not says[number]:
            continue
        before = passage.text[slice(*spans[number - 1])] if number else ""
        context = f"{passage.title}\n{passage.section}\n{before}"
        following = spans[number + 1 : number + 2] if any(says[number + 1 : number + 2]) else []
        for stop in (end, *(b for _, b in following)):
            span = Span(passage.document_id, passage.start + start, passage.start + stop)
            cut = replace(passage, start=span.start, end=span.end, text=passage.text[start:stop])
            found.append(Evidence(span, replace(hit, passage=cut), context))
    return found


def lexical(text: str, evidence: str, context: str = "") -> tuple[float, ...]:
    """FEATURES without the cosine and the reader, then the shares of names, of numbers and of addresses that are there,
    whether the sentence and what is nearest to it both deny or neither does, and whether what is nearest asserts it."""
    said, held = _stems(text), _stems(evidence)
    around = set(held) | set(_stems(context))
    weights = {stem: weight(word) for word, stem in zip(content_words(text), said, strict=True)}
    total = sum(weights.values())
    coverage = sum(value for stem, value in weights.items() if stem in held) / total if total else 0.0
    near = {(a, b) for at, a in enumerate(held) for b in held[max(0, at - 3) : at + 4]}
    pairs = [pair in near for pair in itertools.pairwise(said)]
    known = {root for stem in around for root in _roots(stem)}
    names = [bool(_roots(name) & known) for name in _name_stems(text)]
    told = [evidence[start:end] for start, end in sentence_spans(evidence)]
    nearest = max(told, key=lambda sentence: len(set(said) & set(_stems(sentence))), default=evidence)
    return (
        coverage,
        _share(pairs),
        _share(names),
        _share([any(_tells(sentence, number, said) for sentence in told) for number in numbers_of(text)]),
        _share([address.rstrip(".,;:!?)") in evidence for address in _ADDRESS.findall(text)]),
        float(denies(text) == denies(nearest)),
        float(asserts(nearest, text)),
    )


def _tells(sentence: str, number: str, said: Sequence[str]) -> bool:
    """Whether the evidence's sentence has the number, and of the same thing: of what else is said, it holds some."""
    besides = {stem for stem in said if not numbers_of(stem)}
    return number in numbers_of(sentence) and (not besides or bool(besides & set(_stems(sentence))))


def numbers_of(text: str) -> set[str]:
    """The numbers of a text, digits and words alike: "6", "six" → "6"; "1,000" → "1000"."""
    found = {re.sub(r"(?<=\d),(?=\d{3}\b)", "", number) for number in _NUMBER.findall(text)}
    return found | {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS and word not in _UNCOUNTED}


def denies(text: str) -> bool:
    return len(_NEGATION.findall(text)) % 2 == 1


def _name_stems(text: str) -> list[str]:
    """Stems of capitalised words; of a sentence's first word only where it is no everyday word."""
    names = list(_NAME.finditer(text))
    told = [match.group() for match in names if match.start() > 0 or weight(match.group().lower()) > 0.85]
    return [stem for name in told for stem in stems(content_words(name)) if name.lower() not in _NUMBER_WORDS]


def _roots(stem: str) -> set[str]:
    """A name with and without the endings that make a people of a country: Syria, Syrian; Turkey, Turkish."""
    return {stem, *(root for root in (_PEOPLE.sub("", stem), _COUNTRY.sub("", stem)) if len(root) >= 3)}


def _stems(text: str) -> list[str]:
    return stems(content_words(text))


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0
