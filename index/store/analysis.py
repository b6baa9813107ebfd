"""Text → the words that full text is searched by, for engines that are given words and not text.

SQLite's FTS5 cuts, folds and stems them in all stores, so that each finds the same: an empty table of it in memory
takes the text in and is asked for its words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

from index.types import Passage
from index.words import grams, terms

# Marks (M*) belong to their word: vowel signs of Thai, Hindi, Hebrew …
TOKENIZER = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
FIELDS = ("text", "section", "title", "grams")
"""What full text is searched in."""
_LOCK = Lock()


def fields(passage: Passage) -> tuple[str, str, str, str]:
    """The passage's text for each of FIELDS."""
    return passage.text, passage.section, passage.title, grams(f"{passage.section}\n{passage.text}")


def passage_words(passages: Sequence[Passage]) -> list[str]:
    """The words of each passage: a line for each of FIELDS, every word of it between two spaces of its own, so that
    " word " is there as often as the word, and there are twice as many spaces as words."""
    return ["\n".join(lines) for lines in _analysed([fields(passage) for passage in passages])]


def query_words(query: str) -> list[str]:
    """What a query is searched for, in its order; a word that two of the query's have as their stem comes twice."""
    found = _analysed([(term, "", "", "") for term in terms(query)])
    return [word for text, *_ in found for word in text.split()]


def _analysed(texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """The words of each text for each of FIELDS, as `passage_words` has them; their order is not the text's."""
    found = [[""] * len(FIELDS) for _ in texts]
    with _LOCK:
        db = _engine()
        db.execute("BEGIN")
        try:
            db.executemany(
                "INSERT INTO words (rowid, text, section, title, grams) VALUES (?, ?, ?, ?, ?)",
                [(row, *text) for row, text in enumerate(texts)],
            )
            for row, field, words in db.execute(
                "SELECT doc, col, ' ' || group_concat(term, '  ') || ' ' FROM vocabulary GROUP BY doc, col"
            ):
                found[row][FIELDS.index(field)] = words
        finally:
            db.execute("ROLLBACK")
    return found


@lru_cache(maxsize=1)
def _engine() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.text_factory = _decoded
    db.execute(f"""CREATE VIRTUAL TABLE words USING fts5 ({", ".join(FIELDS)}, content='', tokenize="{TOKENIZER}")""")
    db.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, 'instance')")
    return db


def _decoded(text: bytes) -> str:
    """FTS5 cuts a word after 32,768 bytes, which may be within a letter."""
    return text.decode("utf-8", "replace")
