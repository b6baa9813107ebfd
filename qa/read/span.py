"""The trained reader: answers with the exact span of one passage, or abstains.

One MiniLM-sized encoder (train/train_reader.py) gives every token of every passage a score for beginning and for ending
the answer, and each passage's [CLS] the score that the answer is not there. All passages share one softmax, so a span
competes with every other and with "nowhere". Which passage's best span is the answer is told by that, by how sure the
reader is of the passage alone, and by how near search finds the passage (`standing`); what the confidence in it is told
from is in `evidence`. The weights of both and the threshold under which it abstains are in reader.json, fitted by
train/calibrate.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import FootnoteError
from index.inference import Feed, Model, Session, open_session
from index.pieces import encodable, whole_tokenizer
from index.sentences import sentence_spans
from index.types import Hit, Passage
from index.words import words
from qa.read import SHIPPED as SHIPPED
from qa.read.candidates import QuestionWords
from qa.read.extractive import logistic
from qa.read.tables import spelled_out
from qa.types import Draft, Part, Span

MAX_QUESTION_PIECES = 48
"""Also of the lead, a passage's title and section."""
MAX_LENGTH = 160
"""Word pieces of question, lead and passage together. Longer ones were rare in training, and the reader is sure of
anything there: unrelated passages of 143 pieces had a median margin of -4, of 183 one of +5 (train/MODEL_CARD.md)."""
LONGEST_ANSWER = 40
"""Word pieces."""
STANDING = ("margin", "own", "cosine", "overlap")
EVIDENCE = ("margin", "own", "probability", "lead", "cosine", "overlap", "beside", "unnamed")
CLS, SEP = 101, 102  # as BERT's vocabulary has them
Floats = NDArray[np.float32]

NOWHERE = (0, 0)
_NUMBERED = re.compile(r"^[^\S\n]*(?:(?:\d{1,3}|[^\W\d_])[.)]|#{1,6})(?=\s)", re.MULTILINE)
"""What numbers a line of a list, "2." of "2. Autumn ride", or marks a heading in Markdown."""
_ASKS_YES_OR_NO = re.compile(
    r"^(?:(?:and|but|so|then),? )?(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might)"
    r"(?:n['’]t)? (?!.*\bor\b)",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A span of a document. `odds`: the log-odds of beginning and of ending there against "nowhere"; `shares`: its
    first and last token's shares of the two softmaxes; `own`: the log-odds of both against its own passage's [CLS]."""

    span: Span
    hit: Hit
    odds: tuple[float, float]
    shares: tuple[float, float]
    own: float

    @property
    def margin(self) -> float:
        return sum(self.odds)


class Point(NamedTuple):
    """`coverage`: the share of answerable questions that were answered at this threshold; `right`: the share of all
    answers given that were right."""

    threshold: float
    coverage: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`confidence` weighs EVIDENCE, then a constant 1; it abstains under `threshold`. `curve` is what came of other
    thresholds on questions held out of all fitting, lowest threshold first. `choice` weighs STANDING."""

    confidence: tuple[float, ...]
    threshold: float
    curve: tuple[Point, ...] = ()
    choice: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)

    @classmethod
    def load(cls, path: Path = SHIPPED / "reader.json") -> Calibration:
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(read["confidence"][name] for name in (*EVIDENCE, "constant")),
            read["threshold"],
            tuple(Point(**point) for point in read["curve"]),
            tuple(read["choice"][name] for name in STANDING),
        )

    def threshold_for(self, strictness: float | None) -> float:
        """The lowest threshold whose answers were right at least this often; the strictest there is where none was.
        Without a strictness, or without a curve, `threshold`; 0 never abstains."""
        if strictness is not None and strictness <= 0:
            return 0.0
        if strictness is None or not self.curve:
            return self.threshold
        good = (point.threshold for point in self.curve if point.right >= strictness)
        return next(good, self.curve[-1].threshold)


class SpanReader:
    """See the module's docstring. Safe to share among threads."""

    mode = "extractive"

    def __init__(self, session: Model, calibration: Calibration) -> None:
        self._session = session
        self._calibration = calibration

    @classmethod
    def shipped(cls) -> SpanReader:
        return cls(load_session(SHIPPED / "model.onnx"), Calibration.load())

    def read(self, question: str, hits: Sequence[Hit], *, strictness: float | None = None) -> Draft:
        found = self.spans(question, hits)
        if not found:
            return Draft((), confidence=0.0)
        confidence = logistic(self._calibration.confidence, evidence(question, found))
        if confidence < self._calibration.threshold_for(strictness):
            return Draft((), confidence)
        best = answer_span(question, found[0])
        text = found[0].hit.passage.text
        start = found[0].hit.passage.start
        return Draft((Part(text[best.start - start : best.end - start], (best,)),), confidence)

    def spans(self, question: str, hits: Sequence[Hit]) -> list[Found]:
        """The best span of each passage, the answer first; the same characters found in two passages count once. Ties
        keep the hits' order."""
        return best_first(question, self.candidates(question, hits), self._calibration.choice)

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Found]:
        """The best span of each passage, or of each part of a long one, in the hits' order."""
        if not hits:
            return []
        asked = whole_tokenizer().encode(encodable(question), add_special_tokens=False).ids[:MAX_QUESTION_PIECES]
        rows = [(hit, one) for hit in hits for one in _inputs(asked, hit)]
        inputs = [one for _, one in rows]
        # The longest first, so that the last ones to run are short: the others wait less for them.
        order = sorted(range(len(inputs)), key=lambda i: -len(inputs[i].ids))
        read = dict(zip(order, self._session.run_each([inputs[i].feed() for i in order]), strict=True))
        return _found(rows, [read[i][0] for i in range(len(inputs))])


class _Input(NamedTuple):
    """A passage, or a part of a long one, as the encoder gets it. `second` is where its segment begins, `first` its
    text's first token; `offsets` are that text's tokens' characters, NOWHERE for what was put in; `cells` are where
    cells of tables begin."""

    ids: list[int]
    second: int
    first: int
    offsets: list[tuple[int, int]]
    cells: list[int]

    def feed(self) -> Feed:
        ids = np.array([self.ids], np.int64)
        types = (np.arange(len(self.ids)) >= self.second).astype(np.int64)[None, :]
        return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}


def load_session(model: Path) -> Session:
    """Raises FootnoteError when the file is not there."""
    if not model.is_file():
        raise FootnoteError(f"No reader at {model}. Reinstall footnote to get it back.")
    return open_session(model)


def standing(asked: QuestionWords, one: Found) -> tuple[float, ...]:
    """What tells the answer among the best spans of the passages, in the order of STANDING: its log-odds against
    "nowhere" in all passages, and in its own; the cosine of its passage, and the overlap of the question's words with
    it. Passages that do not answer share the words of one that does, and the reader may be as sure of them."""
    return (one.margin, one.own, one.hit.cosine, asked.overlap(_around(one.hit.passage)))


def best_first(question: str, found: Sequence[Found], weights: Sequence[float]) -> list[Found]:
    """In the order of their standing; what overlaps a better one is left out."""
    asked = QuestionWords.of(question)
    scores = [float(np.dot(weights, standing(asked, one))) for one in found]
    order = sorted(range(len(found)), key=lambda i: -scores[i])
    return _apart([found[i] for i in order])


def evidence(question: str, found: Sequence[Found]) -> tuple[float, ...]:
    """What the confidence in the first span is told from, in the order of EVIDENCE.

    margin: its log-odds against "nowhere", cut to ±20, and own: against its own passage's "nowhere" alone; probability:
    its share of the softmax; lead: the margin's lead over the best span that says something else, cut to ±10; cosine:
    of its passage; overlap: of the question's words with its passage, and beside: with the sentence around it; unnamed:
    the share of the question's names and numbers that the passage does not hold. Spans elsewhere that say the same
    count with it: a source that says it twice is surer, not less.
    """
    best = found[0]
    said = _said(best)
    same = [one for one in found if _said(one) == said]
    margin = sum(float(np.logaddexp.reduce([one.odds[side] for one in same])) for side in range(2))
    begins, ends = (min(1.0, sum(one.shares[side] for one in same)) for side in range(2))
    others = [one.margin for one in found if _said(one) != said]
    passage, asked = best.hit.passage, QuestionWords.of(question)
    around = _around(passage)
    return (
        float(np.clip(margin, -20, 20)),
        float(np.clip(best.own, -20, 20)),
        begins * ends,
        float(np.clip(margin - max(others), -10, 10)) if others else 10.0,
        best.hit.cosine,
        asked.overlap(around),
        asked.overlap(passage.text[slice(*_sentences(passage, best.span))]),
        asked.unnamed(around),
    )


def _around(passage: Passage) -> str:
    """The passage with what it stands under."""
    return f"{passage.title}\n{passage.section}\n{passage.text}"


def _said(found: Found) -> tuple[str, ...]:
    passage = found.hit.passage
    return tuple(words(passage.text[found.span.start - passage.start : found.span.end - passage.start]))


def answer_span(question: str, found: Found) -> Span:
    """The span as it is said: at word edges, without loose punctuation, a list of names whole; the whole sentence for a
    yes/no question."""
    passage = found.hit.passage
    start, end = _at_word_edges(passage.text, found.span.start - passage.start, found.span.end - passage.start)
    start, end = _whole_list(passage.text, start, end)
    if _ASKS_YES_OR_NO.match(question):
        start, end = _sentences(passage, Span(passage.document_id, passage.start + start, passage.start + end))
    return Span(passage.document_id, passage.start + start, passage.start + end)


def _sentences(passage: Passage, span: Span) -> tuple[int, int]:
    """The sentences that hold a span, as characters of the passage."""
    start, end = span.start - passage.start, span.end - passage.start
    around = [(a, b) for a, b in sentence_spans(passage.text) if a < end and start < b]
    return min((start, *(a for a, _ in around))), max((end, *(b for _, b in around)))


_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "«": "»", '"': '"'}
_OPENERS = {closer: opener for opener, closer in _PAIRS.items()}
_LOOSE = ",;:–—- \n\t\u00a0"


def _at_word_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """Whole words, no loose punctuation at either side, no bracket or quote whose partner is outside."""
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    wide = (start, end)
    while start < end:
        first, last, inside = text[start], text[end - 1], text[start + 1 : end - 1]
        if first in _LOOSE or first in ".!?" or (first in _PAIRS and _PAIRS[first] not in inside + last):
            start += 1
        elif last in _LOOSE or (last in _OPENERS and _OPENERS[last] not in first + inside):
            end -= 1
        else:
            return (start, end)
    return wide


_WORD = r"[A-Z][\w’'-]*"
_NAMES = rf"(?:the )?{_WORD}(?: (?:(?:of|de|la|van|von|bin)(?: the)? )?{_WORD})*"
_LIST_END = re.compile(rf"{_NAMES}(?:, {_NAMES})*,? (?:and|or) {_NAMES}")
_LIST_BEGINNING = re.compile(rf"{_NAMES}(?:, {_NAMES})+")
_NAMES_BEFORE = re.compile(rf"(?:{_NAMES}, )+$")
_NAMES_AFTER = re.compile(rf"(?:, {_NAMES})*,? (?:and|or) {_NAMES}")
LOOK_BACK = 300
"""Characters in which a list that a span ends in may begin."""


def _whole_list(text: str, start: int, end: int) -> tuple[int, int]:
    """All of a list of names of which the span is the beginning or the end: of 210 such spans among the answers that
    people gave in SQuADShifts, 188 are the whole list."""
    said = text[start:end]
    if _LIST_END.fullmatch(said):
        before = _NAMES_BEFORE.search(text[max(0, start - LOOK_BACK) : start])
        return (start - len(before.group()) if before else start, end)
    if _LIST_BEGINNING.fullmatch(said) and (after := _NAMES_AFTER.match(text, end)):
        return (start, after.end())
    return (start, end)


def _inputs(asked: list[int], hit: Hit) -> list[_Input]:
    """The passage with as much of its lead as there is room for. One that is too long even without is read in parts,
    each of which begins the longest answer before the end of the one before it."""
    tokenizer = whole_tokenizer()
    table = spelled_out(hit.passage.text)
    text = tokenizer.encode(encodable(table.text if table else hit.passage.text), add_special_tokens=False)
    offsets = [table.span(*offset) or NOWHERE for offset in text.offsets] if table else text.offsets
    cells = table.cells if table else []
    room = MAX_LENGTH - len(asked) - 3
    lead = tokenizer.encode(encodable(hit.passage.lead), add_special_tokens=False).ids
    lead = lead[: min(MAX_QUESTION_PIECES, max(0, room - len(text.ids)))]
    second, first = len(asked) + 2, len(asked) + 2 + len(lead)
    last = max(1, len(text.ids) - LONGEST_ANSWER)
    parts = [slice(at, at + room - len(lead)) for at in range(0, last, room - LONGEST_ANSWER)]
    return [
        _Input([CLS, *asked, SEP, *lead, *text.ids[part], SEP], second, first, offsets[part], cells) for part in parts
    ]


def _found(rows: Sequence[tuple[Hit, _Input]], logits: Sequence[Floats]) -> list[Found]:
    """The best span of each row; `logits` of a row are (length, 2)."""
    absent = np.stack([scores[0] for scores in logits])
    nowhere = np.logaddexp.reduce(absent, axis=0)
    texts = [_of_text(scores, one) for scores, (_, one) in zip(logits, rows, strict=True)]
    total = np.logaddexp.reduce(np.concatenate([absent, *texts]), axis=0)
    found: list[Found] = []
    for (hit, one), scores, alone in zip(rows, texts, absent, strict=True):
        if not one.offsets:
            continue
        passage = hit.passage
        score, first, last = best_span(_unnumbered(scores, passage.text, one.offsets), _parts(passage.text, one))
        if score == -np.inf:  # all that is there numbers a line, or was put in
            continue
        span = Span(passage.document_id, passage.start + one.offsets[first][0], passage.start + one.offsets[last][1])
        at = np.array([scores[first, 0], scores[last, 1]])
        begin, end = (at - nowhere).tolist()
        found.append(Found(span, hit, (begin, end), tuple(np.exp(at - total).tolist()), float((at - alone).sum())))
    return found


def _apart(found: Sequence[Found]) -> list[Found]:
    """Without those that overlap a better one: two passages share a sentence, and both may hold its answer."""
    kept: list[Found] = []
    for one in found:
        a = one.span
        if not any(
            a.document_id == b.document_id and a.start < b.end and b.start < a.end
            for b in (better.span for better in kept)
        ):
            kept.append(one)
    return kept


def _of_text(scores: Floats, one: _Input) -> Floats:
    """The scores of the passage's own tokens; no answer begins or ends at what was put in."""
    scores = scores[one.first : one.first + len(one.offsets)]
    return np.where([[offset == NOWHERE] for offset in one.offsets], -np.inf, scores) if one.cells else scores


def _parts(text: str, one: _Input) -> NDArray[np.int64]:
    """The number of the sentence, or of the cell of a table, that each token stands in. Fewer than one human answer in
    a hundred goes on past its sentence; where the reader's best span does, it is nearly always wrong."""
    starts = sorted({*(start for start, _ in sentence_spans(text)), *one.cells})
    return np.searchsorted(starts, [start for start, _ in one.offsets], side="right")


def _unnumbered(scores: Floats, text: str, offsets: Sequence[tuple[int, int]]) -> Floats:
    """The scores, where no answer ends in what numbers or marks a line: it is not said of anything."""
    numbers = [match.span() for match in _NUMBERED.finditer(text)]
    inside = [i for i, (a, b) in enumerate(offsets) if any(start <= a and b <= end for start, end in numbers)]
    if not inside or len(inside) == len(offsets):
        return scores
    scores = scores.copy()
    scores[inside, 1] = -np.inf
    return scores


def best_span(scores: Floats, parts: NDArray[np.int64] | None = None) -> tuple[float, int, int]:
    """(score, first, last): the span of at most LONGEST_ANSWER tokens, within one part of the text where `parts` tells
    them apart, with the greatest start + end score."""
    n = len(scores)
    table = scores[:, 0][:, None] + scores[:, 1][None, :]
    length = np.arange(n)[None, :] - np.arange(n)[:, None]
    allowed = (length >= 0) & (length < LONGEST_ANSWER)
    if parts is not None:
        allowed &= parts[:, None] == parts[None, :]
    table = np.where(allowed, table, -np.inf)
    first, last = np.unravel_index(int(table.argmax()), table.shape)
    return float(table[first, last]), int(first), int(last)
