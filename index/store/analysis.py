"""Text → the words that full text is searched by, for engines that are given words and not text.

The same as SQLite's FTS5 does with `porter unicode61 remove_diacritics 2`: lower case, no accents, Porter's stems.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.types import Passage
from index.words import grams, terms, words

_ACCENTS = re.compile("[\u0300-\u036f]")


def passage_words(passage: Passage) -> str:
    """The words of a passage, its section and its title, with a space between."""
    text = f"{passage.text}\n{passage.section}\n{passage.title}"
    return " ".join(_stemmed([*words(text), *grams(text).split()]))


def query_words(query: str) -> list[str]:
    """What a query is searched for: each word once, in its order."""
    return list(dict.fromkeys(_stemmed(terms(query))))


def _stemmed(tokens: list[str]) -> list[str]:
    return list(_stemmer().stemWords([_plain(token) for token in tokens]))


def _plain(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", word)))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]
    from Stemmer import Stemmer

    return Stemmer("porter")
