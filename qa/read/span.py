"""The trained reader: answers with the exact span of one passage, or abstains.

One MiniLM-sized encoder (train/train_reader.py) gives every token of every passage a score for beginning and for ending
the answer, and each passage's [CLS] the score that the answer is not there. All passages share one softmax, so a span
competes with every other and with "nowhere". What the confidence is told from is in `evidence`; its weights and the
threshold under which it abstains are in reader.json, fitted by train/calibrate.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import FootnoteError
from index.inference import open_session
from index.pieces import encodable, whole_tokenizer
from index.sentences import sentence_spans
from index.types import Hit
from index.words import words
from qa.read.candidates import QuestionWords
from qa.read.extractive import logistic
from qa.types import Draft, Part, Span

if TYPE_CHECKING:
    import onnxruntime

SHIPPED = Path(__file__).parent / "minilm"
MAX_QUESTION_PIECES = 48
MAX_LENGTH = 224
"""Word pieces of the question, and of question, lead and passage together, as in training."""
LONGEST_ANSWER = 40
"""Word pieces."""
EVIDENCE = ("margin", "probability", "lead", "cosine", "overlap")
CLS, SEP = 101, 102  # as BERT's vocabulary has them
Floats = NDArray[np.float32]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_ASKS_YES_OR_NO = re.compile(
    r"^(?:(?:and|but|so|then),? )?(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might)"
    r"(?:n['’]t)? (?!.*\bor\b)",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A span of a document. `odds`: the log-odds of beginning and of ending there against "nowhere"; `shares`: its
    first and last token's shares of the two softmaxes."""

    span: Span
    hit: Hit
    odds: tuple[float, float]
    shares: tuple[float, float]

    @property
    def margin(self) -> float:
        return sum(self.odds)


@dataclass(frozen=True, slots=True)
class Calibration:
    """`confidence` weighs EVIDENCE, then a constant 1; it abstains under `threshold`."""

    confidence: tuple[float, ...]
    threshold: float

    @classmethod
    def load(cls, path: Path = SHIPPED / "reader.json") -> Calibration:
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(read["confidence"][name] for name in (*EVIDENCE, "constant")), read["threshold"])


class SpanReader:
    """See the module's docstring. Safe to share among threads."""

    mode = "extractive"

    def __init__(self, session: onnxruntime.InferenceSession, calibration: Calibration) -> None:
        self._session = session
        self._calibration = calibration

    @classmethod
    def shipped(cls) -> SpanReader:
        return cls(load_session(SHIPPED / "model.onnx"), Calibration.load())

    def read(self, question: str, hits: Sequence[Hit]) -> Draft:
        found = self.spans(question, hits)
        if not found:
            return Draft((), confidence=0.0)
        confidence = logistic(self._calibration.confidence, evidence(question, found))
        if confidence < self._calibration.threshold:
            return Draft((), confidence)
        best = answer_span(question, found[0])
        text = found[0].hit.passage.text
        start = found[0].hit.passage.start
        return Draft((Part(text[best.start - start : best.end - start], (best,)),), confidence)

    def spans(self, question: str, hits: Sequence[Hit]) -> list[Found]:
        """The best span of each passage, best first; the same characters found in two passages count once. Ties keep
        the hits' order."""
        if not hits:
            return []
        asked = whole_tokenizer().encode(encodable(question), add_special_tokens=False).ids[:MAX_QUESTION_PIECES]
        inputs = [_input(asked, hit) for hit in hits]
        longest = max(len(one.ids) for one in inputs)
        feed = {
            name: np.zeros((len(inputs), longest), np.int64)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        }
        for row, one in enumerate(inputs):
            feed["input_ids"][row, : len(one.ids)] = one.ids
            feed["attention_mask"][row, : len(one.ids)] = 1
            feed["token_type_ids"][row, one.second : len(one.ids)] = 1
        logits: Floats = self._session.run(None, feed)[0]
        return _ranked(hits, inputs, logits)


class _Input(NamedTuple):
    """A passage as the encoder gets it. `second` is where its segment begins, `first` its text's first token;
    `offsets` are that text's tokens' characters."""

    ids: list[int]
    second: int
    first: int
    offsets: list[tuple[int, int]]


def load_session(model: Path) -> onnxruntime.InferenceSession:
    """Raises FootnoteError when the file is not there."""
    if not model.is_file():
        raise FootnoteError(f"No reader at {model}. Reinstall footnote to get it back.")
    return open_session(model)


def evidence(question: str, found: Sequence[Found]) -> tuple[float, ...]:
    """What the confidence in the best span is told from, in the order of EVIDENCE.

    margin: its log-odds against "nowhere", cut to ±20; probability: its share of the softmax; lead: the margin's lead
    over the best span that says something else, cut to 10; cosine: of its passage; overlap: of the question's words
    with its passage. Spans elsewhere that say the same count with it: a source that says it twice is surer, not less.
    """
    best = found[0]
    said = _said(best)
    same = [one for one in found if _said(one) == said]
    margin = sum(float(np.logaddexp.reduce([one.odds[side] for one in same])) for side in range(2))
    begins, ends = (min(1.0, sum(one.shares[side] for one in same)) for side in range(2))
    others = [one.margin for one in found if _said(one) != said]
    passage = best.hit.passage
    return (
        float(np.clip(margin, -20, 20)),
        begins * ends,
        float(min(margin - max(others), 10)) if others else 10.0,
        best.hit.cosine,
        QuestionWords.of(question).overlap(f"{passage.title}\n{passage.section}\n{passage.text}"),
    )


def _said(found: Found) -> tuple[str, ...]:
    passage = found.hit.passage
    return tuple(words(passage.text[found.span.start - passage.start : found.span.end - passage.start]))


def answer_span(question: str, found: Found) -> Span:
    """The span as it is said: at word edges, without loose punctuation; the whole sentence for a yes/no question."""
    passage = found.hit.passage
    start, end = _at_word_edges(passage.text, found.span.start - passage.start, found.span.end - passage.start)
    if _ASKS_YES_OR_NO.match(question):
        around = [(a, b) for a, b in sentence_spans(passage.text) if a < end and start < b]
        start, end = min((start, *(a for a, _ in around))), max((end, *(b for _, b in around)))
    return Span(passage.document_id, passage.start + start, passage.start + end)


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


def _input(asked: list[int], hit: Hit) -> _Input:
    tokenizer = whole_tokenizer()
    lead = tokenizer.encode(encodable(hit.passage.lead), add_special_tokens=False).ids[:MAX_QUESTION_PIECES]
    text = tokenizer.encode(encodable(hit.passage.text), add_special_tokens=False)
    room = MAX_LENGTH - len(asked) - len(lead) - 3
    ids = [CLS, *asked, SEP, *lead, *text.ids[:room], SEP]
    return _Input(ids, len(asked) + 2, len(asked) + 2 + len(lead), text.offsets[:room])


def _ranked(hits: Sequence[Hit], inputs: Sequence[_Input], logits: Floats) -> list[Found]:
    nowhere = np.logaddexp.reduce(logits[: len(hits), 0, :], axis=0)
    texts = [logits[row, one.first : one.first + len(one.offsets)] for row, one in enumerate(inputs)]
    total = np.logaddexp.reduce(np.concatenate([logits[: len(hits), 0, :], *texts]), axis=0)
    found: list[Found] = []
    for hit, one, scores in zip(hits, inputs, texts, strict=True):
        if not one.offsets:
            continue
        passage = hit.passage
        _, first, last = best_span(scores, _paragraphs(passage.text, one.offsets))
        span = Span(passage.document_id, passage.start + one.offsets[first][0], passage.start + one.offsets[last][1])
        at = np.array([scores[first, 0], scores[last, 1]])
        begin, end = (at - nowhere).tolist()
        found.append(Found(span, hit, (begin, end), tuple(np.exp(at - total).tolist())))
    return _apart(sorted(found, key=lambda one: -one.margin))


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


def _paragraphs(text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The number of the paragraph that each token stands in."""
    ends = [match.start() for match in _BLANK_LINE.finditer(text)]
    return np.searchsorted(ends, [start for start, _ in offsets], side="right")


def best_span(scores: Floats, paragraphs: NDArray[np.int64] | None = None) -> tuple[float, int, int]:
    """(score, first, last): the span of at most LONGEST_ANSWER tokens, within one paragraph where `paragraphs` tells
    them apart, with the greatest start + end score."""
    n = len(scores)
    table = scores[:, 0][:, None] + scores[:, 1][None, :]
    length = np.arange(n)[None, :] - np.arange(n)[:, None]
    allowed = (length >= 0) & (length < LONGEST_ANSWER)
    if paragraphs is not None:
        allowed &= paragraphs[:, None] == paragraphs[None, :]
    table = np.where(allowed, table, -np.inf)
    first, last = np.unravel_index(int(table.argmax()), table.shape)
    return float(table[first, last]), int(first), int(last)
