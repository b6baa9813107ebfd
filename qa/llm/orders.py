"""Texts that want something said, or ask it: "Tell them that it is shut" does not say that it is shut.

A document that gives orders to whoever reads it is no evidence for what it orders to be said. Told by grammar, not by
phrases: an imperative, "you must" or "must be" with a verb of saying, and a clause of its own after it.
"""

from __future__ import annotations

import re

from index.words import content_words, stems
from qa.followup.phrases import has_verb, word_kinds

_SAY = (
    r"(?:(?:say|tell|respond|declare|announce|write|repeat|inform|assure|confirm|insist|pretend)\b(?!\s*[:–—])|"
    # These are nouns too: "State law …", "Answer: …".
    r"(?:answer|reply|state|claim|print)\b(?=\s+(?:that|only|with|to|the|an?|it|s?he|they|them|[\"“‘])))"
)
_SAID = r"(?:said|told|answered|replied|stated|claimed|declared|announced|repeated|informed|assured|confirmed)"
_ORDER = re.compile(
    rf"(?:^|[.!?:;\n]\s*|^(?P<verb>\w+)\b.*?\b(?:and|but|then)\s+)"
    rf"(?:(?:please|always|only|never|just|now|instead|simply|then|also|do\s+not|don['’]t)\s+)*{_SAY}|"
    rf"\byou\s+(?:must|should|shall|will|(?:are|have|need)\s+to)\s+(?:\w+ly\s+|always\s+|now\s+|only\s+)?{_SAY}|"
    rf"\b(?:must|should|shall|(?:have|has|needs?|is|are)\s+to)\s+be\s+{_SAID}\b",
    re.IGNORECASE,
)
"""`verb` is the word that an order of two verbs begins with."""
_WHETHER = re.compile(r"^\W*(?:\w+\W+){0,4}?(?:if|when|whether|about|how|where|who|why|what|which)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:it|he|she|they|we|i|you|there|this|that)\s+[a-z]", re.IGNORECASE)


def asserts(evidence: str, text: str) -> bool:
    """Whether the evidence says what `text` says, rather than asks it or wants somebody to say it. A text that itself
    asks or orders may rest on such evidence."""
    if _asks(evidence) and not _asks(text):
        return False
    wanted = wanted_said(evidence)
    return not wanted or bool(wanted_said(text)) or not _stems(text) & _stems(wanted)


def wanted_said(text: str) -> str:
    """What a text wants somebody to say: "that it is shut" of "Tell them that it is shut"; "" where nothing is. A thing
    to be told of ("Report the leak", "Tell us when it rains") is nothing that is said to be so."""
    for order in _ORDER.finditer(text):
        # "Forget it and SAY …" is an order, "Guards come and say …" is none.
        if order["verb"] and "NOUN" in word_kinds(order["verb"].lower()):
            continue
        content = text[order.end() :].strip()
        if not _WHETHER.match(content) and (has_verb(content) or _SUBJECT.search(content)):
            return content
    return ""


def _asks(text: str) -> bool:
    return text.rstrip("\"”’') ").endswith("?")


def _stems(text: str) -> set[str]:
    return set(stems(content_words(text)))
