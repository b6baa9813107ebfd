"""What a question asks for, told from its words."""

from __future__ import annotations

import re

QUESTION_TYPES: dict[str, str] = {
    "how many": r"\bhow (?:many|much)\b",
    "how long": r"\bhow (?:long|far|old|often|tall|big|large|high|deep|wide|fast)\b",
    "why": r"\bwhy\b|\bfor what (?:reason|purpose)\b|\bwhat (?:caused?|led to)\b",
    "who": r"\bwho(?:m|se|'s|’s)?\b",
    "when": r"\bwhen\b|\b(?:what|which|in what|in which) (?:\w+ )?(?:year|date|day|month|century|decade)\b",
    "where": r"\bwhere\b",
    "which": r"\bwhich\b",
    "how": r"\bhow\b",
    "what": r"\bwhat(?:'s|’s)?\b",
    "yes or no": r"^(?:and |but |so )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may)\b",
}
"""Type → the words that tell it. The first that matches wins; English only."""
OTHER = "other"

_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in QUESTION_TYPES.items()}


def question_type(question: str) -> str:
    """One of QUESTION_TYPES, or "other". A question that opens like a yes/no question is one, whatever follows."""
    stripped = question.strip()
    if _PATTERNS["yes or no"].search(stripped):
        return "yes or no"
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(stripped)), OTHER)
