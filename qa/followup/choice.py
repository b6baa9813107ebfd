"""Which of a question's readings is meant: each gets a score from its features, and the greatest wins.

The features' weights are in weights.json, fitted by train/fit_followups.py on conversations that have nothing to do
with what is asked here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from index.words import content_words, stems, words
from qa.followup.phrases import AUXILIARIES, PREPOSITIONS, noun_phrases
from qa.followup.readings import (
    PERSONS,
    Antecedent,
    Reading,
    Turn,
    is_fragment,
    pronouns,
    readings,
    refers,
    without_opener,
)
from qa.types import NOT_IN_SOURCE

WEIGHTS = Path(__file__).parent / "weights.json"
Features = dict[str, float]

_THINGS = frozenset("it its".split())
_PLURALS = frozenset("they them their theirs these those".split())
_WHO_IS = re.compile(r"^who(?:['’]s|\s+(?:is|was))\s+(.+)", re.IGNORECASE)
_PLACES = frozenset("in at to from near".split())
_MORE = re.compile(r"\b(?:other|others|else|another|also|more|besides|too|aspects|interesting)\b", re.IGNORECASE)
_POSSESSED = re.compile(r"^(?:his|her|its|their|this|that|these|those|my|your|our|some|any)\b", re.IGNORECASE)


class Asked(NamedTuple):
    """What there is to know about a question before it is read in any way."""

    states: tuple[str, ...]
    stems: frozenset[str]
    content: int


def best(found: Sequence[Reading], question: str, turns: Sequence[Turn], weights: Mapping[str, float]) -> Reading:
    """The reading with the greatest score, the earlier one on a tie; there must be one."""
    if len(found) == 1:  # nothing to choose: the lexicon that scoring needs takes a third of a second to load
        return found[0]
    if all(reading.kind in {"swapped", "replaced", "joined"} for reading in found):
        return min(found, key=_fragment_rank)
    scored = scores(found, question, turns, weights)
    return found[max(range(len(found)), key=lambda number: scored[number])]


def understood(typed: str, answer: str, before: Sequence[Turn], weights: Mapping[str, float]) -> Turn:
    """A turn of a conversation, its question read by what was said before it. What the sources do not say is no
    answer, and nothing in it was spoken of."""
    found = readings(typed, before)
    meant = best([one for one in found if one.kind != "joined"] or found, typed, before, weights)
    about = meant.antecedent.phrase.text if meant.antecedent and meant.kind == "topic" else ""
    phrase = meant.antecedent.phrase if meant.antecedent and meant.pronoun else None
    persons = {phrase.bare.lower()} if phrase and meant.pronoun in PERSONS else set()
    things = {phrase.bare.lower()} if phrase and meant.pronoun in _THINGS and not phrase.is_name else set()
    if described := _WHO_IS.match(meant.text):  # "Who is the captain?": a captain is a person
        persons |= {one.bare.lower() for one in noun_phrases(described.group(1))[:1] if not one.is_plural}
    said = answer.partition(NOT_IN_SOURCE[:-1])[0].strip()
    return Turn(meant.text, said, typed, about, found[0].text if about else "", frozenset(persons), frozenset(things))


FRAGMENTS = (
    "swapped",
    "replaced same preposition, alike",
    "replaced same preposition",
    "replaced same noun",
    "replaced same subject",
    "replaced added preposition",
    "replaced same object",
    "replaced other subject",
    "replaced other object",
    "replaced preposition",
    "replaced added",
    "joined",
)
"""How a question without a verb is read, the likeliest way first: a rule, since conversations to fit it on are few."""


def _fragment_rank(reading: Reading) -> int:
    told = f"{reading.kind} {reading.role}"
    return next((rank for rank, start in enumerate(FRAGMENTS) if told.startswith(start)), len(FRAGMENTS))


def scores(found: Sequence[Reading], question: str, turns: Sequence[Turn], weights: Mapping[str, float]) -> list[float]:
    return [
        sum(weights.get(name, 0.0) * value for name, value in features.items())
        for features in all_features(found, question, turns)
    ]


def all_features(found: Sequence[Reading], question: str, turns: Sequence[Turn]) -> list[Features]:
    spoken = " ".join(f"{turn.asked} {turn.answer}" for turn in turns).lower()
    asked = about(question, spoken)
    return [_features(reading, asked, spoken) for reading in found]


def about(question: str, spoken: str) -> Asked:
    bare, opened = without_opener(question)
    content = list(content_words(bare))
    pronoun = any(refers(bare, match) for match in pronouns(bare))
    phrases = noun_phrases(bare)
    named = any(phrase.is_name and phrase.first > 0 for phrase in phrases)
    heard = [word for word in content if word in spoken]
    states = {
        "pronoun": pronoun,
        "fragment": is_fragment(bare),
        "opened": opened,
        "named": named and not pronoun,
        "more": _MORE.search(bare) is not None,
        "definite": any(phrase.text.lower().startswith("the ") for phrase in phrases),
        "wholly definite": bool(phrases) and all(phrase.text.lower().startswith("the ") for phrase in phrases),
        "bare plural": any(phrase.is_plural and phrase.text == phrase.bare for phrase in phrases),
        "heard": bool(heard),
        "all heard": len(heard) == len(content),
        "plain": not (pronoun or named or opened or is_fragment(bare)),
    }
    return Asked(tuple(name for name, holds in states.items() if holds), frozenset(stems(content)), len(content))


def _features(reading: Reading, asked: Asked, spoken: str) -> Features:
    kind = f"{reading.kind} {reading.role}".strip()
    told: Features = {kind: 1.0}
    told |= {f"{reading.kind} if {state}": 1.0 for state in asked.states}
    told[f"{reading.kind} · content"] = min(asked.content, 6) / 6
    if reading.antecedent is not None:
        told |= {
            f"{reading.kind}: {name}": value
            for name, value in _of_antecedent(reading.antecedent, asked, spoken).items()
        }
        if reading.pronoun:
            told |= {f"agrees: {name}": 1.0 for name in _agreement(reading.pronoun, reading.antecedent)}
    return told


def _of_antecedent(spoken_of: Antecedent, asked: Asked, spoken: str) -> Features:
    phrase = spoken_of.phrase
    length = words(phrase.text)
    mentions = spoken.count(phrase.bare.lower())
    repeated = asked.stems & set(stems(length))
    return {
        "turns ago": min(spoken_of.turns_ago, 4) / 4,
        "last turn": float(spoken_of.turns_ago == 0),
        "inside an answer": float(spoken_of.in_answer and not spoken_of.whole),
        "inside the last answer": float(spoken_of.in_answer and not spoken_of.whole and spoken_of.turns_ago == 0),
        "whole answer": float(spoken_of.whole),
        "whole last answer": float(spoken_of.whole and spoken_of.turns_ago == 0),
        "first": float(spoken_of.place == 0),
        "subject": float(not spoken_of.in_answer and phrase.after in AUXILIARIES),
        "opens answer": float(spoken_of.in_answer and phrase.first == 0),
        "after preposition": float(phrase.after in PREPOSITIONS),
        "name": float(phrase.is_name),
        "definite": float(phrase.text.lower().startswith("the ")),
        "possessed": float(_POSSESSED.match(phrase.text) is not None),
        "no letters": float(not re.search(r"[^\W\d_]", phrase.bare)),
        "words": min(len(length), 8) / 8,
        "one word": float(len(length) == 1),
        "lone common word": float(len(length) == 1 and not phrase.is_name),
        "mentions": math.log(max(mentions, 1)),
        "repeats": float(bool(repeated)),
    }


def _agreement(pronoun: str, spoken_of: Antecedent) -> list[str]:
    phrase = spoken_of.phrase
    first, *rest = pronoun.split()
    number = "plural" if phrase.is_plural else "singular"
    sort = "name" if phrase.is_name else "thing"
    if rest and first not in PERSONS | _PLURALS - {"these", "those"}:
        noun = rest[-1]
        return [f"{noun in phrase.text.lower().split()} noun", f"noun {sort}", f"{first} {number}"]
    if first == "there":
        return ["place" if phrase.after in _PLACES else "no place", f"there {sort}"]
    group = "person" if first in PERSONS else "they" if first in _PLURALS else first
    told = [f"{group} {number}", f"{group} {sort}", f"{group} {sort} {number}"]
    if phrase.after in _PLACES:
        told.append(f"{group} after a place's preposition")
    if spoken_of.turns_ago == 0 and spoken_of.asked_with in {"who", "whom"} and spoken_of.place == 0:
        told.append(f"{group} who was asked for")
    if spoken_of.acted:
        told.append(f"{group} who acted{'' if spoken_of.turns_ago else ' last'}")
    return told


@lru_cache(maxsize=1)
def shipped_weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return weights
