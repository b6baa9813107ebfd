"""A question that asks for two things → its parts, each a question by itself."""

from __future__ import annotations

import re

from qa.types import NOT_IN_SOURCE, Draft

MOST = 4
"""Parts; what follows belongs to the last."""

_WH = r"(?:what|which|who|whom|whose|when|where|why|how|for how|in which|at what|by whom|to whom|from where)"
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may)"
_BREAK = re.compile(
    rf"\?\s+(?=\w)|,?\s+(?:and|but|or)\s+(?:also\s+)?(?={_WH}\b)|,\s+(?={_WH}\s+{_AUX}\b)|;\s+(?={_WH}\b)",
    re.IGNORECASE,
)
_ONLY_WH = re.compile(rf"(?:and\s+)?{_WH}", re.IGNORECASE)
_OPENS = re.compile(rf"^(?:and\s+)?{_WH}\b|^{_AUX}\b", re.IGNORECASE)
# "When it rains, what is it called?" asks one thing.
_CONDITION = re.compile(rf"^(?:when|where)\s+(?!{_AUX}\b)\w", re.IGNORECASE)
# "when and where" ask one thing of one clause; so do questions inside a question ("did he say who …").
_WITHIN = re.compile(
    r"\b(?:say|says|said|tell|told|know|knew|explain\w*|ask\w*|decid\w*|discuss\w*|clear|about|on|of|describe[sd]?)\s+"
    rf"{_WH}\b[^?]*$",
    re.IGNORECASE,
)


def parts(question: str) -> list[str]:
    """The questions that it is made of, one for most; each begins with a capital letter and ends with "?".

    "Who signed it and when does it start?" is two; "Who signed and presented it?" is one.
    """
    pieces: list[str] = []
    at = 0
    for match in _BREAK.finditer(question):
        before, after = question[at : match.start()], question[match.end() :]
        opens = _OPENS.match(before.strip()) and not _CONDITION.match(before.strip())
        whole_before = opens and not _WITHIN.search(before)
        if whole_before and _OPENS.match(after) and len(pieces) < MOST - 1:
            pieces.append(before)
            at = match.end()
    pieces.append(question[at:])
    if len(pieces) == 1:
        return [question]
    from qa.followup.readings import split_question

    bare = [piece.strip().rstrip("?").strip() for piece in pieces]
    for number in range(len(bare) - 2, -1, -1):
        if _ONLY_WH.fullmatch(bare[number]):  # "When and where will they meet?"
            bare[number] = f"{bare[number]} {split_question(bare[number + 1])[1]}".strip()
    return [f"{piece[0].upper()}{piece[1:]}?" for piece in bare if piece]


def joined(asked: list[str], drafts: list[Draft]) -> Draft:
    """One draft of all parts' drafts; as sure as the least sure part that is answered. What the sources do not answer
    is named, where they answer something else."""
    answered = [draft for draft in drafts if draft.parts]
    if not answered:
        return Draft((), min((draft.confidence for draft in drafts), default=0.0))
    said = dict.fromkeys(part for draft in answered for part in draft.parts)
    missing = [question for question, draft in zip(asked, drafts, strict=True) if not draft.parts]
    lacks = f"{NOT_IN_SOURCE[:-1]}: {' '.join(missing)}" if missing else ""
    return Draft(tuple(said), min(draft.confidence for draft in answered), lacks=lacks)
