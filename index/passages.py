"""Document → Passages: whole sentences, exact offsets, overlap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise

from index.pieces import word_pieces
from index.sentences import Offsets, marks_start, sentences_between, trimmed
from index.structure import section_names
from index.types import Document, Passage

Count = Callable[[Sequence[str]], list[int]]
"""Texts → their lengths in word pieces."""
Measure = Callable[[int, int], int]
"""The numbers of the first and the last of some sentences in a row → their length in word pieces."""
FAR = 1000
"""How many characters from its middle a piece without sentences is still cut at a comma or white space."""


@dataclass(frozen=True, slots=True)
class Splitter:
    """How documents are cut. `max_pieces` bounds a passage in word pieces of the shipped tokenizer;
    `overlap` is the number of sentences that a passage shares with the one before."""

    max_pieces: int = 130
    overlap: int = 1

    def settings(self) -> dict[str, int]:
        return asdict(self)


def split(document: Document, splitter: Splitter | None = None, count: Count | None = None) -> list[Passage]:
    """The passages of a document, in order.

    `passage.text == document.text[passage.start:passage.end]`; nothing but white space lies outside every passage.
    A passage holds as many whole sentences as fit into `max_pieces`, repeats the last sentence of the one before
    (a sentence that straddles what a question asks for stays findable), and never crosses a section heading. Only
    a sentence that is longer by itself is split. Never raises, whatever the text.
    """
    splitter = splitter or Splitter()
    count = count or word_pieces
    passages: list[Passage] = []
    names = section_names(document.text, document.headings)
    for start, end in _sections(document):
        sentences = sentences_between(document.text, document.headings, start, end)
        sentences = _bounded(document.text, sentences, splitter.max_pieces, count)
        for group in _groups(len(sentences), _measure(document.text, sentences, count), splitter):
            passages.append(_passage(document, names, sentences[group[0]][0], sentences[group[-1]][1]))
    return passages


def _sections(document: Document) -> list[Offsets]:
    """Spans from one heading to the next. What stands before the first belongs to the first section, and a heading
    with no text of its own belongs to the section after it, so that no passage is a bare heading."""
    text, cuts = document.text, [0]
    for before, heading in zip((None, *document.headings), document.headings, strict=False):
        if before is None or text[before.end : heading.start].strip(" \t\n=-#"):
            cuts.append(marks_start(text, heading))
    if document.headings and document.headings[0].level == 1 and len(cuts) > 1:
        cuts.pop(1)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _measure(text: str, sentences: Sequence[Offsets], count: Count) -> Measure:
    """Lengths add up, but for parts of one word: "000" twice may be one word piece each, and "000000" three."""
    sums = [0, *accumulate(count([text[a:b] for a, b in sentences]))]
    parted = [0, *accumulate(int(one[1] == other[0]) for one, other in pairwise(sentences))]

    def measure(first: int, last: int) -> int:
        if parted[last] == parted[first]:
            return sums[last + 1] - sums[first]
        return count([text[sentences[first][0] : sentences[last][1]]])[0]

    return measure


def _groups(sentences: int, measure: Measure, splitter: Splitter) -> list[range]:
    """Runs of sentence indices, each run one passage."""
    groups: list[range] = []
    start = 0
    for i in range(sentences):
        if i > start and measure(start, i) > splitter.max_pieces:
            groups.append(range(start, i))
            start = i
            while i - start < splitter.overlap and start - 1 > groups[-1].start:
                if measure(start - 1, i) > splitter.max_pieces:
                    break
                start -= 1
    if start < sentences:
        groups.append(range(start, sentences))
    return groups


def _bounded(text: str, sentences: Sequence[Offsets], limit: int, count: Count) -> list[Offsets]:
    """The sentences, each one that is longer than `limit` cut into pieces that are not."""
    bounded: list[Offsets] = []
    for (start, end), length in zip(sentences, count([text[a:b] for a, b in sentences]), strict=True):
        bounded.extend([(start, end)] if length <= limit else _halved(text, start, end, limit, count))
    return bounded


def _halved(text: str, start: int, end: int, limit: int, count: Count) -> list[Offsets]:
    """Cut `start:end` in the middle, at the best place near it, until every piece fits."""
    start, end = trimmed(text, start, end)
    if end - start <= 1 or count([text[start:end]])[0] <= limit:
        return [(start, end)] if start < end else []
    middle = _best_cut(text, start, end)
    return _halved(text, start, middle, limit, count) + _halved(text, middle, end, limit, count)


def _best_cut(text: str, start: int, end: int) -> int:
    """An offset inside `start:end` near its middle: after a semicolon or comma, else at white space."""
    middle = (start + end) // 2
    reach = max(1, min((end - start) // 4, FAR))
    window = range(max(start + 1, middle - reach), min(end - 1, middle + reach) + 1)
    by_nearness = sorted(window, key=lambda offset: abs(offset - middle))
    for wanted in (";:；", ",，、", None):
        for offset in by_nearness:
            if text[offset].isspace() and (wanted is None or text[offset - 1] in wanted):
                return offset
    return middle


def _passage(document: Document, names: Sequence[str], start: int, end: int) -> Passage:
    above = bisect_right(document.headings, end - 1, key=lambda heading: heading.start)
    section = names[above - 1] if above else ""
    text, passage_id = document.text[start:end], f"{document.id}:{start}-{end}"
    return Passage(passage_id, document.id, start, end, text, section, document.title)
