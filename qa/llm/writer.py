"""The writer that asks a language model, and believes none of its sentences: each is verified or flagged."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from index.embed import Embedder
from index.errors import FootnoteError, LLMError, LLMUnavailable
from index.types import Hit
from index.words import words
from qa.llm.prompt import AGAIN, SYSTEM, user_prompt
from qa.llm.sentences import Claim, Unfinished
from qa.llm.verify import Verdict, verified
from qa.llm.wire import Message, Wire
from qa.read import Reader
from qa.types import NOT_IN_SOURCE, ON_UNSUPPORTED, Draft, OnUnsupported, Part, Words

LONGEST = 20_000
"""Characters of an answer: a model that goes on after them talks to itself."""


class LLMWriter:
    """See the module's docstring. `on_unsupported`: flag keeps an unsupported sentence as such; drop leaves it out;
    retry asks once more, naming it, and leaves out what is unsupported still; where nothing of the second answer
    stands, or none comes, what stood of the first does. Safe to share among threads."""

    mode = "llm"

    def __init__(self, wire: Wire, embedder: Embedder, reader: Reader, on_unsupported: OnUnsupported = "flag") -> None:
        if on_unsupported not in ON_UNSUPPORTED:
            raise FootnoteError(f"{on_unsupported!r} is no way with a sentence. Choose: {', '.join(ON_UNSUPPORTED)}.")
        self._wire = wire
        self._embedder = embedder
        self._reader = reader
        self._on_unsupported = on_unsupported

    def write(
        self, question: str, hits: Sequence[Hit], *, strictness: float | None = None
    ) -> Generator[Words | Part | Draft, None, None]:
        """The model's words as they come ("" four times a second while there are none: a chance to give up), each
        sentence once it is verified, at last the Draft. With `strictness`, an answer of less confidence is an
        abstention. Raises LLMTimeout, LLMUnavailable."""
        draft = self._draft((yield from self._answer(question, hits)))
        yield draft if strictness is None or draft.confidence >= strictness else Draft((), draft.confidence)

    def _answer(self, question: str, hits: Sequence[Hit]) -> Generator[Words | Part, None, list[Verdict]]:
        until = self._wire.deadline()
        messages: list[Message] = [("system", SYSTEM), ("user", user_prompt(question, hits))]
        verdicts, written = yield from self._round(messages, hits, until, shown=self._on_unsupported != "retry")
        if self._on_unsupported != "retry":
            return verdicts
        failed = [verdict.part.text for verdict in verdicts if verdict.part.status == "unsupported"]
        if failed:
            listed = "\n".join(f"- {text}" for text in failed)
            messages += [("assistant", written), ("user", AGAIN.format(sentences=listed))]
            again = yield from self._again(messages, hits, until, stood=_stands(verdicts))
            if _stands(again):
                return again
        yield from (verdict.part for verdict in verdicts if not self._left_out(verdict))
        return verdicts

    def _again(
        self, messages: Sequence[Message], hits: Sequence[Hit], until: float, stood: bool
    ) -> Generator[Words | Part, None, list[Verdict]]:
        """The second answer. That it fails is no matter where some of the first one `stood`."""
        try:
            verdicts, _ = yield from self._round(messages, hits, until, shown=True)
        except LLMError:
            if not stood:
                raise
            return []
        return verdicts

    def _round(
        self, messages: Sequence[Message], hits: Sequence[Hit], until: float, shown: bool
    ) -> Generator[Words | Part, None, tuple[list[Verdict], str]]:
        """What the model says to `messages`, verified, and as it wrote it."""
        unfinished = Unfinished()
        verdicts: list[Verdict] = []

        def judged(claims: Sequence[Claim]) -> Iterator[Part]:
            for claim in claims:
                if _abstains(claim):
                    continue
                verdict = self._judge(claim, hits)
                verdicts.append(verdict)
                if shown and not self._left_out(verdict):
                    yield verdict.part

        for piece in self._wire.pieces(messages, until):
            before = unfinished.text
            finished = unfinished.add(piece)
            yield Words(unfinished.text.removeprefix(before) if shown else "")
            yield from judged(finished)
            if len(unfinished.text) > LONGEST:
                raise LLMUnavailable(f"{self._wire.name} does not come to an end.", again=False)
        yield from judged(unfinished.rest())
        if not unfinished.text:
            raise LLMUnavailable(f"{self._wire.name} answered with nothing.", again=False)
        return verdicts, unfinished.text

    def _judge(self, claim: Claim, hits: Sequence[Hit]) -> Verdict:
        """Against the passages that it cites; against all where it cites none. A number that no passage has is no
        citation, and a sentence that cites nothing else is unsupported."""
        cited = [hits[number - 1] for number in claim.cited if 1 <= number <= len(hits)]
        return verified(claim.text, cited if claim.cited else hits, self._embedder, self._reader)

    def _left_out(self, verdict: Verdict) -> bool:
        return verdict.part.status == "unsupported" and self._on_unsupported != "flag"

    def _draft(self, verdicts: Sequence[Verdict]) -> Draft:
        """With nothing that is borne out it is an abstention: "not in the source"."""
        kept = [verdict for verdict in verdicts if not self._left_out(verdict)]
        if not _stands(kept):
            return Draft((), confidence=0.0)
        confidence = sum(verdict.score for verdict in kept) / len(kept)
        return Draft(tuple(verdict.part for verdict in kept), confidence)


def _stands(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.part.spans for verdict in verdicts)


def _abstains(claim: Claim) -> bool:
    return words(claim.text) == words(NOT_IN_SOURCE)
