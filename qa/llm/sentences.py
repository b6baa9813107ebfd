"""What a model wrote → its sentences, each with the passages that it cites; also while it is still writing."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.sentences import sentence_spans

_SQUARE = re.compile(r"\s*[\[【](?:passages?\s*)?(\d{1,9}(?:\s*(?:,|;|and|&)\s*\d{1,9})*)[\]】]", re.IGNORECASE)
_BULLET = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_MARKUP = re.compile(r"\*\*|__|`")
# Of a link and of a picture only the words are kept: an address that a model writes must not come alive anywhere.
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\s*\)")
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)

_THINKS = re.compile(r"<think(?!.*</think)", re.DOTALL | re.IGNORECASE)
_HALF_A_MARK = re.compile(r"\s*[\[【][^\]】]{0,40}\Z")
_ENDS = re.compile(r"[.!?…。！？\n\]】]|\s")


class Claim(NamedTuple):
    """A sentence as written, without its marks; `cited` are the numbers in them, in order, also invented ones."""

    text: str
    cited: tuple[int, ...]


def claims(text: str) -> list[Claim]:
    """The sentences of a finished text. A mark counts for the sentence it stands in or follows."""
    bare = _LINK.sub(r"\1", _MARKUP.sub("", _BULLET.sub("", _THINKING.sub("", text))))
    found: list[Claim] = []
    # Marks after the full stop belong to the sentence before it.
    moved = re.sub(rf"([.!?]['\"”’]?)((?:{_SQUARE.pattern})+)", lambda m: f"{m.group(2)}{m.group(1)}", bare)
    for start, end in sentence_spans(moved):
        piece = moved[start:end]
        cited = tuple(dict.fromkeys(int(n) for m in _SQUARE.finditer(piece) for n in re.findall(r"\d+", m.group(1))))
        said = " ".join(_SQUARE.sub("", piece).split())
        if re.search(r"\w", said):
            found.append(Claim(said, cited))
        elif cited and found:
            found[-1] = found[-1]._replace(cited=tuple(dict.fromkeys((*found[-1].cited, *cited))))
    return found


class Unfinished:
    """Takes a text in pieces and gives each sentence once it is finished: when the next one has begun."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def add(self, piece: str) -> list[Claim]:
        self._text += piece
        # Sentences end at few characters only; a mark that has not come whole is not yet part of any.
        if not _ENDS.search(piece) or _THINKS.search(self._text):
            return []
        return self._new(claims(_HALF_A_MARK.sub("", self._text))[:-1])

    def rest(self) -> list[Claim]:
        """What is left when nothing more comes."""
        return self._new(claims(self._text))

    @property
    def text(self) -> str:
        """What was written so far, without what the model thought aloud."""
        return _THINKING.sub("", self._text).strip()

    def _new(self, found: list[Claim]) -> list[Claim]:
        new = found[self._given :]
        self._given += len(new)
        return new
