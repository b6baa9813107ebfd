"""Where the characters of a line stand on the paper → the order in which they are read.

A PDF draws characters in any order. For scripts that are written from right to left, what a program has left of that
order is no help; where each stands is. This is the way back through Unicode's bidirectional algorithm (UAX #9), which
several texts may lead to one picture of: a number between words of both directions is read with the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from unicodedata import bidirectional

_RIGHT = ("R", "AL")
_ENDS = ".!?:;،؛؟"
_PAIRS = ("()", "[]", "{}", "<>", "«»", "‹›")
_MIRRORED = str.maketrans({here: there for pair in _PAIRS for here, there in zip(pair, pair[::-1], strict=True)})
# Over the classes of a line's characters: L letters, N digits, S signs within numbers, T signs beside them, R letters
# of the other direction, o and c opening and closing brackets, x others.
_CLASSES = {"L": "L", "EN": "N", "AN": "N", "ES": "S", "CS": "S", "ET": "T", "R": "R", "AL": "R"}
_FORWARD = re.compile(r"L(?:[LNSTocx]*[LNT])?|T*N(?:S?N)*T*")
"""What is read from left to right in a line that is read from the right: words with what is between them, numbers."""
_BACKWARD = re.compile(r"o?R(?:[RNSTocx]*R)?c?")
"""What is read from the right in a line that is read from the left."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A character, or what is read as one, and the left and right of its box."""

    char: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def runs_right_to_left(text: str) -> bool:
    """Whether any of the text is written from right to left."""
    return any(bidirectional(char) in _RIGHT for char in text)


def read_order(line: Sequence[Placed], joins: int = 0, *, recognised: bool = False) -> str:
    """The text of a line whose characters stand so. In text that was `recognised` on a picture only each word stands
    in its place; its letters are written into that from left to right.

    It gets as many spaces as are among them, where there is most room: where they stand themselves is not to be relied
    on. `joins` more may be there, as the line was put together of so many more pieces.
    """
    signs = [one for one in line if not one.char.isspace()]
    if not signs:
        return ""
    seen = _spaced(_clusters(signs), len(line) - len(signs), joins)
    seen = _paired(_as_seen(seen) if recognised else seen)
    classes = "".join(map(_class, seen))
    if any(bidirectional(sign[0]) == "AL" for sign in seen):  # beside Arabic, signs are no part of a number
        classes = classes.replace("T", "x")
    if "R" not in classes:
        return "".join(seen)
    if _is_right_to_left(seen, classes):
        return _from_right(seen, classes)
    parts: list[str] = []
    at = 0
    for run in _BACKWARD.finditer(classes):
        begin, end = _without_halves(*run.span(), classes)
        parts += [*seen[at:begin], _from_right(seen[begin:end], classes[begin:end])]
        at = end
    return "".join([*parts, *seen[at:]])


def _clusters(signs: Sequence[Placed]) -> list[Placed]:
    """From left to right; marks with the letter that they stand on or beside, the letters of a ligature as one."""
    bases = [[one] for one in signs if bidirectional(one.char) != "NSM"]
    for mark in signs:
        if bidirectional(mark.char) == "NSM" and bases:
            _bearer(mark, bases).append(mark)
    parts = sorted(bases, key=lambda cluster: cluster[0].middle)
    ligatures = groupby(parts, key=lambda cluster: (cluster[0].left, cluster[0].right))
    return [_one([placed for cluster in ligature for placed in cluster]) for _, ligature in ligatures]


def _bearer(mark: Placed, bases: Sequence[list[Placed]]) -> list[Placed]:
    """The letter under a mark, else the next to its right: a glyph of both is divided between them from there."""

    def away(cluster: list[Placed]) -> tuple[bool, float]:
        base = cluster[0]
        inside = base.left <= mark.middle <= base.right
        return not inside, abs(base.middle - mark.middle) if inside or base.left >= mark.middle else float("inf")

    return min(bases, key=away)


def _one(parts: Sequence[Placed]) -> Placed:
    text = "".join(part.char for part in parts)
    return Placed(text, min(part.left for part in parts), max(part.right for part in parts))


def _spaced(clusters: Sequence[Placed], spaces: int, joins: int) -> list[str]:
    gaps = [right.left - left.right for left, right in pairwise(clusters)]
    widest = sorted((number for number, gap in enumerate(gaps) if gap > 0), key=lambda number: -gaps[number])
    chosen = set(widest[:spaces])
    enough = min((gaps[number] for number in chosen), default=0)
    chosen.update(number for number in widest[spaces : spaces + joins] if chosen and gaps[number] >= enough)
    parts: list[str] = []
    for number, cluster in enumerate(clusters):
        parts += [cluster.char, " "] if number in chosen else [cluster.char]
    return parts


def _as_seen(recognised: Sequence[str]) -> list[str]:
    """The words of the other direction as a reader sees them: their last letter first."""
    words = (list(word) for _, word in groupby(recognised, str.isspace))
    return [sign for word in words for sign in (word[::-1] if "R" in map(_class, word) else word)]


def _paired(seen: list[str]) -> list[str]:
    """Brackets as they look. PDFium mirrors some of them: where they do not pair, they open and close in turns."""
    for pair in _PAIRS:
        found = [number for number, sign in enumerate(seen) if sign in pair]
        if not _pairs(seen[number] == pair[0] for number in found):
            for turn, number in enumerate(found):
                seen[number] = pair[turn % 2]
    return seen


def _pairs(opening: Iterable[bool]) -> bool:
    depth = 0
    for opens in opening:
        depth += 1 if opens else -1
        if depth < 0:
            return False
    return depth == 0


def _class(sign: str) -> str:
    if sign in "([{<«‹":
        return "o"
    return "c" if sign in ")]}>»›" else _CLASSES.get(bidirectional(sign[0]), "x")


def _is_right_to_left(seen: Sequence[str], classes: str) -> bool:
    """Whether a line as a whole is read from the right: both its ends are, it ends on the left, or most of it is."""
    letters = [kind for kind in classes if kind in "LR"]
    if letters[0] == letters[-1]:
        return letters[0] == "R"
    if (seen[0] in _ENDS) != (seen[-1] in _ENDS):
        return seen[0] in _ENDS
    return letters.count("R") >= letters.count("L")


def _without_halves(begin: int, end: int, classes: str) -> tuple[int, int]:
    """A run without a bracket at its end whose other half is beyond it, or that holds a whole of its own in it."""
    opened, closed = classes[begin:end].count("o"), classes[begin:end].count("c")
    if classes[begin] == "o" and (opened > closed or classes[end - 1] == "c"):
        begin += 1
        opened -= 1
    if classes[end - 1] == "c" and closed > opened:
        end -= 1
    return begin, end


def _from_right(seen: Sequence[str], classes: str) -> str:
    parts: list[str] = []
    at = 0
    for run in _FORWARD.finditer(classes):
        parts += [*_mirrored(seen[at : run.start()]), "".join(seen[run.start() : run.end()])]
        at = run.end()
    return "".join(reversed([*parts, *_mirrored(seen[at:])]))


def _mirrored(signs: Sequence[str]) -> list[str]:
    return [sign.translate(_MIRRORED) for sign in signs]
