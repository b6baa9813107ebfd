"""Tables in Markdown as the reader gets them: each row with its columns' names, "City: Oslo; People: 700,000", which is
how tables of every other format stand in their documents' text (`index.formats.text`). What is cited stays the source's
own characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, zip_longest
from typing import NamedTuple

Offsets = tuple[int, int]

_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
"""The line under a table's first row."""
_EDGED = re.compile(r"\s*\|(?P<within>.*)\|\s*")
_BAR = re.compile(r"(?<!\\)\|")


class SpelledOut(NamedTuple):
    """`places`: for each character of `text` its offset in the passage, -1 where it was put in; `cells`: the offsets in
    the passage at which a cell begins, in order."""

    text: str
    places: list[int]
    cells: list[int]

    def span(self, start: int, end: int) -> Offsets | None:
        """The characters of the passage that `start:end` of the text are; None where some were put in."""
        places = self.places[start:end]
        return None if not places or -1 in places else (places[0], places[-1] + 1)


def spelled_out(passage: str) -> SpelledOut | None:
    """The passage with its tables' rows spelled out; None where it has no table. A row whose table begins in another
    passage has no names here: its cells alone are told apart."""
    if "|" not in passage:
        return None
    pieces: list[str] = []
    places: list[int] = []
    cells: list[int] = []

    def put(text: str, at: int | None = None) -> None:
        pieces.append(text)
        places.extend([-1] * len(text) if at is None else range(at, at + len(text)))

    done = 0
    for (start, end), said, names in _rows(passage):
        put(passage[done:start], done)
        between = ""
        for cell, name in zip_longest(said, names[: len(said)], fillvalue=(0, 0)):
            if cell[0] < cell[1]:
                put(between + (f"{passage[slice(*name)]}: " if name[0] < name[1] else ""))
                put(passage[slice(*cell)], cell[0])
                cells.append(cell[0])
                between = "; "
        done = end
    put(passage[done:], done)
    return SpelledOut("".join(pieces), places, cells) if done else None


def _rows(passage: str) -> Iterator[tuple[Offsets, Sequence[Offsets], Sequence[Offsets]]]:
    """The offsets of each row, of its cells, and of the cells that name its columns. The line of names and the one
    under it come as rows without cells: they are said of nothing."""
    lines = passage.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    names: Sequence[Offsets] | None = None
    for number, (line, start) in enumerate(zip(lines, starts, strict=False)):
        end, below = start + len(line), lines[number + 1] if number + 1 < len(lines) else ""
        if "|" in line and "|" in below and _DELIMITER.fullmatch(below):
            names = _cells(line, start)
            yield (start, end), (), ()
        elif "|" in line and _DELIMITER.fullmatch(line):
            yield (start, end), (), ()
        elif "|" in line and (names is not None or _EDGED.fullmatch(line)):
            yield (start, end), _cells(line, start), names or ()
        else:
            names = None


def _cells(line: str, start: int) -> list[Offsets]:
    """The offsets of each cell of a row that begins at `start`, white space around it left out."""
    edged = _EDGED.fullmatch(line)
    first, last = edged.span("within") if edged else (0, len(line))
    bars = [first + found.start() for found in _BAR.finditer(line[first:last])]
    made = []
    for left, right in zip([first, *(bar + 1 for bar in bars)], [*bars, last], strict=True):
        cell = line[left:right]
        begin = start + left + len(cell) - len(cell.lstrip())
        made.append((begin, begin + len(cell.strip())))
    return made
