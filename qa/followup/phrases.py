"""Text → its noun phrases: what a later question can refer to.

No parser: a lexicon (lemminflect) tells which words can be nouns or verbs, and their neighbours settle the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.words import FUNCTION_WORDS

_TITLE = r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sir|St|Gen|Col|Lt|Capt|Sen|Rep|Rev|Hon)"
_TOKEN = re.compile(rf"{_TITLE}\.|[A-Z]\.(?=\s?[A-Z])|[^\W_]+(?:[-&./’'][^\W_]+)*|[^\w\s]")
TITLED = re.compile(rf"^{_TITLE}\b")
_POSSESSIVE = re.compile(r"['’]s?$")

DETERMINERS = frozenset("a an the this that these those his her its their my our your some any".split())
PREPOSITIONS = frozenset(
    "about after against among around as at before behind between beyond by during for from in inside into near of on "
    "onto over since than through to toward towards under until with within without".split()
)
AUXILIARIES = frozenset(
    "is are was were am be been being do does did has have had can could will would shall should may might must".split()
)
_BE = frozenset("is are was were be been being".split())
_ANYBODY = re.compile(r"(?:any|some|every|no)(?:one|body|thing|where)|none")
_WHO_ACTS = frozenset("i you he she we they".split())
_VERB_LIKE = frozenset("tell describe explain give list name show compare know happen happened called named".split())


class Token(NamedTuple):
    """`start` and `end` are characters of the text."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()


class Phrase(NamedTuple):
    """A noun phrase as it stands in its text. `first`, `last`: its tokens' numbers, both within."""

    text: str
    first: int
    last: int
    is_name: bool
    is_plural: bool
    after: str
    """The word before it, in lower case, "" at the beginning."""

    @property
    def bare(self) -> str:
        """Without its article."""
        head, _, rest = self.text.partition(" ")
        return rest if head.lower() in DETERMINERS and rest else self.text


def tokens(text: str) -> list[Token]:
    return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def noun_phrases(text: str) -> list[Phrase]:
    """The noun phrases of a question or a short answer, in order; coordinated ones also as one."""
    found = tokens(text)
    kinds = _kinds(found)
    phrases: list[Phrase] = []
    at = 0
    while at < len(found):
        if kinds[at] not in "DN":
            at += 1
            continue
        last = at
        while last + 1 < len(found) and kinds[last + 1] == "N" and found[last + 1].start - found[last].end <= 1:
            last += 1
        if kinds[last] == "N":
            phrases.append(_phrase(text, found, at, last))
        at = last + 1
    return _with_joined(text, found, phrases)


def has_verb(text: str) -> bool:
    """Whether it is more than a noun phrase, as a short answer mostly is."""
    found = tokens(text)
    return "V" in _kinds(found) or any(
        token.low in AUXILIARIES and not is_month(found, number) for number, token in enumerate(found)
    )


def is_month(found: Sequence[Token], number: int) -> bool:
    """Whether it is "May" and not what a question opens with: "May 6", but "May I use it?"."""
    follows = found[number + 1].text[:1] if number + 1 < len(found) else ""
    return found[number].text == "May" and (number > 0 or not follows.isalpha())


def _phrase(text: str, found: Sequence[Token], first: int, last: int) -> Phrase:
    words = found[first : last + 1]
    naming = [word for word in words if word.text[:1].isupper() and word.low not in DETERMINERS]
    return Phrase(
        _POSSESSIVE.sub("", text[words[0].start : words[-1].end]),
        first,
        last,
        is_name=bool(naming) and (first > 0 or len(naming) > 1 or words[0] not in naming or not can_be_other(words[0])),
        is_plural=is_plural(_POSSESSIVE.sub("", words[-1].text)),
        after=found[first - 1].low if first else "",
    )


def can_be_other(word: Token) -> bool:
    """Whether a capitalised first word is an everyday word rather than a name."""
    return bool(word_kinds(word.low))


def _with_joined(text: str, found: Sequence[Token], phrases: list[Phrase]) -> list[Phrase]:
    """The phrases, and after each what it makes with the next ones: "X of Y", "Russia, Iran and Turkey"; before it
    the one that is picked out of it: "one of the guards"."""
    told: list[Phrase] = []
    for number, phrase in enumerate(phrases):
        if [token.low for token in found[max(phrase.first - 2, 0) : phrase.first]] == ["one", "of"]:
            told.append(_phrase(text, found, phrase.first - 2, phrase.last)._replace(is_name=False, is_plural=False))
        told.append(phrase)
        whole, linked = phrase, False
        for follower in phrases[number + 1 :]:
            between = [token.low for token in found[whole.last + 1 : follower.first]]
            if between == ["of"]:
                whole = _phrase(text, found, phrase.first, follower.last)._replace(is_plural=phrase.is_plural)
                told.append(whole)
            elif between in (["and"], [",", "and"], [","], ["&"]) and phrase.is_name == follower.is_name:
                whole = _phrase(text, found, phrase.first, follower.last)._replace(is_plural=True)
                linked = linked or between != [","]
                if between != [","]:
                    told.append(whole)
            else:
                break
    return told


def _kinds(found: Sequence[Token]) -> str:
    """A letter for each token: D determiner, N part of a noun phrase, V verb, - anything else."""
    kinds: list[str] = []
    asked_of_subject = False
    for number, token in enumerate(found):
        before = kinds[-1] if kinds else ""
        asked_of_subject |= number == 1 and found[0].low in {"who", "what"} and token.low.endswith("s")
        passive = number > 0 and found[number - 1].low in {"be", "been", "being"} and "VERB" in word_kinds(token.low)
        kinds.append("V" if passive else _kind(found, number, before, asked_of_subject))
        if token.low in AUXILIARIES - _BE and not is_month(found, number):
            asked_of_subject = True
        elif kinds[-1] == "V":
            asked_of_subject = False
    return "".join(kinds)


def _kind(found: Sequence[Token], number: int, before: str, asked_of_subject: bool) -> str:
    token, low = found[number], found[number].low
    if not token.text[0].isalnum():
        return "-"
    begins = number == 0 or found[number - 1].text in {".", "!", "?"}
    if token.text[:1].isupper() and not begins and low not in {"i", "i’m", "i'm"}:
        return "N"
    following = found[number + 1].text if number + 1 < len(found) else ""
    if low == "that" and following[:1].isupper():
        return "-"  # "shouting THAT Iran …"
    if low in DETERMINERS:
        return "D"
    if _ANYBODY.fullmatch(low):
        return "-"
    if low in FUNCTION_WORDS or low in PREPOSITIONS or low in AUXILIARIES or low in _VERB_LIKE:
        return "-" if low not in _VERB_LIKE else "V"
    kinds = word_kinds(_POSSESSIVE.sub("", low))
    if not kinds and asked_of_subject and before == "N" and found[number - 1].text[:1].isupper():
        return "V"  # misspelt, most likely: "did Disney recieve"
    if not kinds or token.text[:1].isdigit():
        return "N"
    if "ADJ" in kinds and number and found[number - 1].low in _BE and _ends(found, number):
        return "-"  # "What is DUE to be set up", "Is it OPEN?"
    if "VERB" not in kinds:
        return "-" if kinds == {"ADV"} and before not in "DN" else "N" if kinds & {"NOUN", "PROPN", "ADJ"} else "-"
    if number and found[number - 1].low in _WHO_ACTS:
        return "V"  # "did she REPORT the leak"
    if before == "D" or not kinds & {"NOUN", "ADJ"}:
        modifies = low.endswith(("ed", "ing")) and number + 1 < len(found)
        return "N" if before == "D" and (kinds & {"NOUN", "ADJ"} or modifies) else "V"
    if before == "N" and ("NOUN" not in kinds or low.endswith("ed") or following.lower() in DETERMINERS):
        return "V"  # "the guards LEFT the hall"
    if following == "of" and any("VERB" in word_kinds(token.low) for token in found[number + 2 :]):
        return "N"  # "did the fourth ROUND of talks end"
    # "did the guarantors SIGN", "what CAUSES cancer": an auxiliary's subject, or "what", is followed by the verb.
    following = following.lower()
    verb_follows = "VERB" in word_kinds(following) and not following.endswith("s")  # "did the bridge COLLAPSE"
    is_verb = asked_of_subject and not verb_follows and (number == 1 or (before == "N" and not low.endswith("s")))
    return "V" if is_verb else "N"


def _ends(found: Sequence[Token], number: int) -> bool:
    """Whether what follows cannot go on with a noun phrase."""
    return number + 1 == len(found) or not found[number + 1].text[0].isalnum() or found[number + 1].low in PREPOSITIONS


def is_plural(word: str) -> bool:
    low = word.lower()
    return (low.endswith("s") and not low.endswith(("ss", "us", "is"))) or low in {"people", "men", "women", "children"}


@lru_cache(maxsize=16384)
def word_kinds(word: str) -> frozenset[str]:
    """Which of NOUN, VERB, ADJ, ADV … the lexicon knows the word as; empty for one that it does not know."""
    return frozenset(_lexicon()(word))


def verb_form(verb: str) -> tuple[str, str]:
    """("find", "VBD") of "found": its base and which form it is, past where it may be either."""
    from lemminflect import getAllInflections

    low = verb.lower()
    for lemma in _lexicon()(low).get("VERB", ()):
        forms = getAllInflections(lemma, "VERB")
        tag = next((tag for tag in ("VBD", "VBZ") if low in forms.get(tag, ())), "VB")
        return lemma, tag
    return low, "VB"


@lru_cache(maxsize=1)
def _lexicon() -> Callable[[str], dict[str, tuple[str, ...]]]:
    from lemminflect import getAllLemmas

    return getAllLemmas  # type: ignore[no-any-return]
