"""A sentence → the questions that it answers, by English patterns: "The pact will last six months" → "How long …?".

A pattern knows no grammar, so its questions are candidates: `ui_assets.suggestions` keeps those that the sources
answer with the very words from which they were made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.pieces import whole_tokenizer
from index.sentences import sentences_between
from index.types import Document

LONGEST = 90
"""Characters of a question; a longer one is hard to take in at a glance."""
_SENTENCE = range(30, 320)


@dataclass(frozen=True, slots=True)
class Made:
    """A question and where its answer stands: `document.text[start:end]`."""

    question: str
    document_id: str
    start: int
    end: int
    kind: str


_AUX = "is|are|was|were|will|can|could|must|should|may|might|would|has|have|had"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DIGITS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|[0-9][0-9,.]*"
_NUMBER = rf"(?:{_DIGITS})(?: (?:{_DIGITS}|hundred|thousand|million))*"
_DATE = (
    rf"(?:(?:early|late|mid)[ -])?(?:[0-9]{{1,2}} )?(?:{_MONTH})(?: [0-9]{{1,2}}\b)?(?:,? [0-9]{{4}})?"
    r"|(?:1[0-9]|20)[0-9]{2}"
)
_NAME = r"[A-Z][\w’'-]+(?: (?:of|de|the|al|[A-Z][\w’'-]+))*(?<! of)(?<! the)"

# What opens a subject that cannot stand alone, or is no subject at all.
_OPENERS = frozenset(
    "he she it they this that these those there we i you his her its their our my your who which what when where why "
    "how if as in on at by for from with during after before since until while although because but and or so yet "
    "also however then here not no some any most all each such many several others another other both neither to "
    "first later next finally having being once today soon originally initially eventually according despite upon "
    "under over through following instead thus".split()
)
# In a question these point to something that it does not name.
_JOINING = {"and", "but", "nor", "or", "then"}  # at its end another verb stood before, whose subject this is
_POINTING = re.compile(r"\b(?:this|these|those|he|she|it|they|him|them|here|such|I|we|you|itself|themselves)\b")
# A second verb after "and": the phrase would be cut out of the wrong one.
_SECOND_VERB = re.compile(r" and (?:[\w’'-]+ ){0,4}?(?:\w+ed|is|are|was|were|will|has|have|had)\b")
# Within a subject these say that it is a clause of its own.
_CLAUSE = frozenset(
    "said says told noted added believes believed explained announced stated that which who whom whose because if "
    "when while where as but is are was were will has have had be been not".split()
)
_COMMON_NOUN = re.compile(r"(?:[^su]s|tion|ment|ing|ity|ness)$")
_SUBJECT = r"(?P<subject>[A-Z][^,;:()\"“”«»?!\n]{1,60}?)"
_REST = r"(?P<rest>[^;:()\"“”«»?!\n]*?)"
_WITH_AUX = re.compile(rf"^{_SUBJECT} (?P<aux>{_AUX}) {_REST}[.]?$")
_WITH_PAST = re.compile(rf"^{_SUBJECT} (?P<verb>[a-z]{{3,}}ed) {_REST}[.]?$")
_COUNTED = re.compile(
    rf"^(?:About |Some |Nearly |Over )?(?P<answer>(?i:{_NUMBER})) (?P<what>[a-z][a-z -]+?) "
    rf"(?P<rest>(?:{_AUX}) [^,;:()\"“”?!\n]+?)[.]?$"
)

_NOUN_PHRASE = re.compile(r"(?:an?|the|one of|its|their|his|her) ")
_CLAUSE_ENDS = re.compile(
    r",| (?:but|that|which|who|because|after|before|while|confirming|saying|"
    r"and \w+(?:ed|ing)|and (?:was|were|became|made|took))\b"
)

_ASKED: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("When", "when", re.compile(rf" (?:on|in|by|from|at|until|since) (?P<answer>{_DATE})(?=$|[ ,.])")),
    (
        "How long",
        "long",
        re.compile(
            rf" (?:for|during) (?P<answer>(?:about |up to |at least )?(?:{_NUMBER}) "
            r"(?:second|minute|hour|day|week|month|year)s?)\b"
        ),
    ),
    ("Why", "why", re.compile(r",? (?P<answer>(?:because|due to|owing to) [^,]+)$")),
    ("By whom", "whom", re.compile(rf" by (?P<answer>(?:the )?{_NAME})(?=$|[ ,.])")),
    ("Where", "where", re.compile(rf" (?:in|at|near) (?P<answer>(?:the )?(?!(?:{_MONTH})\b){_NAME})(?=$|[ ,.])")),
)
"""Question word, kind, and the phrase that answers it, which the question leaves out."""


def questions(document: Document, start: int = 0, end: int | None = None) -> Iterator[Made]:
    """What the sentences of `document.text[start:end]` answer, in their order."""
    text = document.text
    for at, stop in sentences_between(text, document.headings, start, len(text) if end is None else end):
        sentence = text[at:stop]
        if len(sentence) in _SENTENCE and "\n" not in sentence and sentence.isprintable():
            for question, (answer, ends), kind in _of(sentence, text):
                if len(question) <= LONGEST and not _POINTING.search(question) and not question.endswith("’s?"):
                    yield Made(question, document.id, at + answer, at + ends, kind)


_Found = tuple[str, tuple[int, int], str]


def _of(sentence: str, text: str) -> Iterator[_Found]:
    if counted := _COUNTED.match(sentence):
        yield f"How many {counted['what']} {counted['rest']}?", counted.span("answer"), "many"
    for pattern, ask in ((_WITH_AUX, _inverted), (_WITH_PAST, _did)):
        found = pattern.match(sentence)
        if found and _stands_alone(found["subject"]):
            yield from ask(found, _uncapitalised(found["subject"], text))
            break


def _inverted(found: re.Match[str], subject: str) -> Iterator[_Found]:
    """ "The pact will be in force for six months" → "How long will the pact be in force?" """
    if found["aux"] not in ("is", "are", "was", "were") or not _NOUN_PHRASE.match(found["rest"]):
        yield from _about_phrases(found, lambda word, rest: f"{word} {found['aux']} {subject}{rest}?")
    elif subject[0].islower() and len(subject.split()) > 2:
        yield f"What {found['aux']} {subject}?", found.span("rest"), "what"


def _did(found: re.Match[str], subject: str) -> Iterator[_Found]:
    """ "The firm opened a mill in 1912" → "When did the firm open a mill?", and of a name "Who opened a mill?" """
    verb = _base(found["verb"])
    if verb and not re.search(r"\b[a-z]{2,}ed\b", found["rest"].split(",")[0]):
        yield from _about_phrases(found, lambda word, rest: f"{word} did {subject} {verb}{rest}?")
    rest = _CLAUSE_ENDS.split(found["rest"])[0].strip()
    named = re.fullmatch(rf"{_NAME}(?: and {_NAME})?", found["subject"]) and subject == found["subject"]
    if named and _NOUN_PHRASE.match(rest) and found["rest"].count(",") < 2 and not re.search(r" to \w+$", rest):
        yield f"Who {found['verb']} {rest}?", found.span("subject"), "who"


def _about_phrases(found: re.Match[str], ask: Callable[[str, str], str]) -> Iterator[_Found]:
    """One question for each phrase that says when, how long, why, by whom or where; what comes after is left out."""
    for word, kind, phrase in _ASKED:
        answer = phrase.search(f" {found['rest']}")
        if answer is None:
            continue
        before = f" {found['rest']}"[: answer.start()].rstrip(" ,")
        if "," in before or len(before.split()) > 12 or _SECOND_VERB.search(before):
            continue
        start, end = (found.start("rest") - 1 + at for at in answer.span("answer"))
        yield ask(word, before), (start, end), kind


def _stands_alone(subject: str) -> bool:
    words = subject.lower().split()
    return (
        words[0] not in _OPENERS
        and words[-1] not in _JOINING
        and subject not in ("The", "A", "An")
        and len(words) <= 9
        and not _CLAUSE & set(words)
    )


def _uncapitalised(subject: str, text: str) -> str:
    """The subject as it reads within a sentence. Its first word is no name when the document also has it in lower
    case, or when it looks like a common noun and has its capital only where sentences begin."""
    first, _, rest = subject.partition(" ")
    word = re.escape(first)
    common = first in ("The", "A", "An") or re.search(rf"\b{word.lower()}\b", text) is not None
    if not common and (not rest or _COMMON_NOUN.search(first)):
        common = re.search(rf"[\w,;] {word}\b", text) is None
    return f"{first.lower()} {rest}".strip() if common else subject


def _base(verb: str) -> str | None:
    """The verb of which `verb` is the regular past: of the spellings it may have, the most frequent English word."""
    stem = verb.removesuffix("ed")
    spelled = [stem, f"{stem}e"]
    if len(stem) > 2 and stem[-1] == stem[-2]:
        spelled.append(stem[:-1])
    if stem.endswith("i"):
        spelled = [f"{stem[:-1]}y"]
    tokenizer = whole_tokenizer()
    # The vocabulary is ordered by frequency.
    known = [(number, word) for word in spelled if (number := tokenizer.token_to_id(word)) is not None]
    return min(known)[1] if known else None
