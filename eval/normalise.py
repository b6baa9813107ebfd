"""How answers are compared: SQuAD's normalisation, exact match and F1.

Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text", EMNLP 2016, section 6.1; for
questions without an answer, Rajpurkar, Jia and Liang, "Know What You Don't Know", ACL 2018. SQuAD removes
ASCII punctuation; we remove typographic punctuation too, so that "Syria’s" and "Syria's" are the same word.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise(text: str) -> str:
    """Lower case, without punctuation and English articles, one space between words."""
    kept = "".join(character for character in text.lower() if not _is_punctuation(character))
    return " ".join(_ARTICLES.sub(" ", kept).split())


def exact_match(text: str, answers: Sequence[str]) -> float:
    """1.0 if `text` equals one of `answers` once normalised. No answers: 1.0 iff `text` is empty."""
    if not answers:
        return float(not text)
    return float(normalise(text) in {normalise(answer) for answer in answers})


def token_f1(text: str, answers: Sequence[str]) -> float:
    """The best F1 of the words of `text` against one of `answers`. No answers: 1.0 iff `text` is empty."""
    if not answers:
        return float(not text)
    return max(_f1(normalise(text).split(), normalise(answer).split()) for answer in answers)


def contains(text: str, answers: Sequence[str]) -> bool:
    """Whether the words of one of `answers` stand in `text`, whole and in order."""
    padded = f" {normalise(text)} "
    return any(f" {normalise(answer)} " in padded for answer in answers)


def _f1(predicted: list[str], gold: list[str]) -> float:
    """2PR / (P + R), with P and R the shared words over the predicted and the gold ones."""
    shared = (Counter(predicted) & Counter(gold)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")
