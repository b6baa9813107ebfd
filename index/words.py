"""Words of a question or passage: which carry content, their stems, and how telling each is."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from index.pieces import encodable, whole_tokenizer

# Combining marks (accents, vowel signs) are no letters to `\\w` but part of their word.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece"
    "\u0f18-\u0fbc\u102b-\u109d\u17b4-\u17d3"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
# Scripts that are written without spaces between words: Thai, Lao, Myanmar, Khmer, Han, Kana, Bopomofo, Yi.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u3035\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_POSSESSIVE = re.compile(r"['’]s\b")

FUNCTION_WORDS = frozenset(
    "a about after again all also am an and any are as at be because been before being between both but by can "
    "could did do does doing done down during each else ever every few for from further get gets give given gives "
    "go got had has have having he her here hers him his how i if in into is it its itself just let many me "
    "might more most much must my no nor not now of off on once one only or other our out over own per please said "
    "same say says shall she should since so some such tell than that the their them then there these they this "
    "those through to too under until up upon us very was we were what when where whether which while who whom "
    "whose why will with within without would you your".split()
)

UNKNOWN = 1.0
"""The weight of a word that the vocabulary has only in pieces: a rare name, a technical term, a misspelling."""
SINGLE_CHARACTER = 0.5
"""The weight of a letter or digit: the vocabulary lists them before the words, by code point."""
_WHOLE_WORDS = (1996, 30522)  # "the", the most frequent whole word, to the vocabulary's end


def words(text: str) -> list[str]:
    """The words of `text` in lower case, in order, possessive 's dropped."""
    return [word.lower() for word in _cased(text)]


def content_words(text: str) -> list[str]:
    """`words` without function words; all of them where nothing else is left.

    A function word in capitals is an acronym ("US", "WHO", "IT") unless the whole text is in capitals.
    """
    cased = _cased(text)
    shouted = text.isupper()
    kept = [
        word.lower()
        for word in cased
        if word.lower() not in FUNCTION_WORDS or (len(word) > 1 and word.isupper() and not shouted)
    ]
    return kept or [word.lower() for word in cased]


def _cased(text: str) -> list[str]:
    return _WORD.findall(_POSSESSIVE.sub("", text))


def terms(query: str) -> list[str]:
    """What full text is searched for: the content words of `query`; where a script has no spaces, its `grams`."""
    found: list[str] = []
    for word in content_words(query):
        found += grams(word).split() if _UNSPACED.search(word) else [word]
    return list(dict.fromkeys(found))


def grams(text: str) -> str:
    """Every two neighbouring characters of a run without spaces as a word, and what is joined to such a run by itself:
    "東京都 iPhone手機" becomes "東京 京都 手機 iphone". A run of one character is a word. "" for other scripts.

    Words cannot be told in these scripts without a dictionary; pairs of characters do nearly as well in retrieval.
    """
    if not _UNSPACED.search(text):
        return ""
    found: list[str] = []
    for word in _WORD.findall(text):
        runs = _UNSPACED.findall(word)
        for run in runs:
            found += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
        if runs:
            found += [rest.lower() for rest in _UNSPACED.split(word) if rest]
    return " ".join(found)


def stems(tokens: list[str]) -> list[str]:
    """Snowball's English stems, one a token."""
    return list(_stemmer().stemWords(tokens))


@lru_cache(maxsize=65536)
def weight(word: str) -> float:
    """How telling a word is, 0..1: the rank of its rarest word piece in the vocabulary on a log scale.

    WordPiece lists whole words by frequency, so the rank stands in for inverse document frequency (Zipf's law), the
    same on an index of one article and on one of a million passages, which counting in the index would not be.
    """
    tokenizer = whole_tokenizer()
    ids = tokenizer.encode(encodable(word), add_special_tokens=False).ids
    if len(ids) != 1 or ids[0] == tokenizer.token_to_id("[UNK]"):
        return UNKNOWN
    first, last = _WHOLE_WORDS
    if ids[0] < first:
        return SINGLE_CHARACTER
    return math.log(ids[0] - first + 1) / math.log(last - first)


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]
    from Stemmer import Stemmer

    return Stemmer("english")
