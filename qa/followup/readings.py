"""A question and the conversation before it → the readings that the question could have, by rules of English.

    pronoun      "Who is he?"             → the pronoun is replaced by something that was spoken of
    swapped      "Why?"                   → the last question, asked with the new question word
    replaced     "And the working group?" → the last question, asked about this instead
    topic        "What are the causes?"   → … of something that was spoken of
    joined       the last question in front: for what no rule understands
    plain        as asked, without the connective it may open with

Which of them is meant is for `qa.followup.choice` to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.words import FUNCTION_WORDS, content_words, words
from qa.followup.phrases import (
    AUXILIARIES,
    DETERMINERS,
    PREPOSITIONS,
    TITLED,
    Phrase,
    Token,
    has_verb,
    noun_phrases,
    tokens,
    verb_form,
    word_kinds,
)

TURNS = 8
"""How many turns back a question may refer."""
ANSWER_READ = 300
"""Characters of an answer in which its subjects are looked for."""
SHORT_ANSWER = 12
"""Words: such an answer as a whole may be what is referred to."""


class Turn(NamedTuple):
    """`asked` is the question as it was understood, `typed` as it was typed, "" where that is the same; `about` is what
    was added to it that nothing in it called for, `bare` the question without that, "" where there is nothing.
    `persons` and `things` are what a "he" or "she", and what an "it", was understood to be; an abstention's `answer` is
    ""."""

    asked: str
    answer: str
    typed: str = ""
    about: str = ""
    bare: str = ""
    persons: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()


class Antecedent(NamedTuple):
    """Something that was spoken of. `turns_ago` is 0 for the last turn; `place`: its number among the noun phrases of
    its text; `whole`: it is all of a short answer; `asked_with`: the question word that it answers, "" where none;
    `acted`: it answers who did what the question tells of; `sort`: "person" or "thing" where the conversation has told,
    else ""; `typed`: it stands in the question as it was typed."""

    phrase: Phrase
    turns_ago: int
    in_answer: bool
    place: int
    whole: bool
    asked_with: str = ""
    acted: bool = False
    sort: str = ""
    typed: bool = True


class Reading(NamedTuple):
    """`kind` as in the module's docstring; `pronoun` is the word that was replaced, "" where none was; `role` of a
    replaced phrase is how it compares with what replaces it."""

    text: str
    kind: str
    antecedent: Antecedent | None = None
    pronoun: str = ""
    role: str = ""


_OPENER = re.compile(
    r"^(?:(?:and|but|so|then|also|or|well|ok|okay)\b,?\s+)+(?=\S)|^(?:(?:and|but|so|then),?\s+)?(?:what|how) about\s+",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    r"\b(?:he|she|him|his|hers|her|they|them|their|theirs|it|its|"
    r"(?:this|that|these|those)(?=\s*(?:[?.!,]|$|\s(?:is|are|was|were|do|did|does|has|have|had|can|could|will|would|one|"
    r"ones|happen|mean|work|take|change|affect|help|start|begin|end|compare|include|cause)))|"
    r"(?:this|that|these|those|the same)\s+[a-z]+|there(?!\s+(?:is|are|was|were|will|be|an?|any|no|some)\b)|"
    r"the (?:former|latter|others)|the (?:first|second|third|last|other) ones?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_ADDS = re.compile(r"^(?:this|that|these|those|the same)\s+\w+", re.IGNORECASE)
_IS_THERE = re.compile(r"\b(?:is|are|was|were|will|be|been|has|have)\s+$", re.IGNORECASE)
_COMPLEMENT = re.compile(
    r"\b(?:says?|said|tells?|told|claims?|claimed|argues?|argued|thinks?|thought|beliefs?|believed?|know|knew|shows?|"
    r"showed|means?|so|fact|adds?|added|noted|found|sure|likely|true|noted|promised?)\s+$",
    re.IGNORECASE,
)
_POSSESSIVES = frozenset({"his", "their", "its", "theirs", "hers"})
_QUESTION_WORDS = frozenset("what which who whom whose when where why how".split())
_SMALL_TALK = re.compile(
    r"^\W*(?:thanks?(?: you| a lot)?|thx|ok(?:ay)?|great|cool|nice|hi|hello|hey|bye|goodbye|perfect|i see)\b"
    r"[\s\w]{0,15}\W*$",
    re.IGNORECASE,
)
ONE_THING = frozenset("it its this that".split())
TIME = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|noon|midnight|today|tomorrow|yesterday|spring|summer|autumn|winter|(?:1[0-9]|20)\d\d)(?![^\W\d_])",
    re.IGNORECASE,
)
PERSONS = frozenset("he she him his hers her".split())
_SUBJECTS = frozenset("i you he she it we they this that these those there anybody anyone somebody someone".split())
_EMPTY = frozenset("long many much exactly else come ones one example examples details reason happened".split())
_MEASURES = frozenset("many much long often old far big large high tall soon fast exactly else come".split())


def readings(question: str, turns: Sequence[Turn]) -> list[Reading]:
    """All readings, the plain one first; each text once. `turns`, oldest first, may be empty."""
    bare, opened = without_opener(question)
    last = turns[-1].asked if turns else ""
    found = [Reading(bare if not opened or not is_fragment(bare) else question, "plain")]
    if not turns:
        return [Reading(question, "plain")]
    spoken = antecedents(turns)
    if _SMALL_TALK.match(question):
        return found
    meant = list(_pronouns(bare, spoken, turns[-1].typed or last))
    if len(meant) == 1 and meant[0].antecedent is not None and meant[0].antecedent.acted:
        return meant  # "What did he shout?" after "Who called the guard?": he who did it
    found += meant
    telling = {word for word in words(bare) if word not in FUNCTION_WORDS | _EMPTY}
    if len(found) == 1 and (not telling or (is_fragment(bare) and (opened or len(telling) < 2))):
        # It has no meaning of its own, so it is never read as asked.
        filled = [*_swapped(bare, turns[-1]), *_replaced(bare, last)] if is_fragment(bare) else []
        return _each_once([*filled, Reading(f"{_ended(last)} {question}", "joined")])
    if len(found) == 1:
        found += _topics(bare, spoken)
    found.append(Reading(f"{_ended(last)} {question}", "joined"))
    return _each_once(found)


def _each_once(found: Sequence[Reading]) -> list[Reading]:
    return list({reading.text.lower(): reading for reading in reversed(found)}.values())[::-1]


def without_opener(question: str) -> tuple[str, bool]:
    """The question without "and", "but", "what about" in front, and whether there was one."""
    bare = _OPENER.sub("", question, count=1)
    return (bare[:1].upper() + bare[1:], True) if bare != question and bare.strip(" ?.!") else (question, False)


def is_fragment(question: str) -> bool:
    """Whether it has no verb of its own: "Why?", "For how long?", "The experts?", "Which ones?"."""
    words = [token.low for token in tokens(question) if token.text[0].isalnum()]
    if any(word in AUXILIARIES for word in words) or not words:
        return False
    if words[0] in _QUESTION_WORDS or (words[0] in PREPOSITIONS and words[1:2] and words[1] in _QUESTION_WORDS):
        rest = [word for word in words[1:] if word not in _QUESTION_WORDS | _MEASURES | PREPOSITIONS | {"not", "ones"}]
        return not any("VERB" in word_kinds(word) for word in rest)
    return not any(word_kinds(word) == {"VERB"} for word in words[:2]) and words[0] not in {
        "tell",
        "describe",
        "explain",
    }


def antecedents(turns: Sequence[Turn]) -> list[Antecedent]:
    """What was spoken of, the latest turn first; a phrase said before counts where it was said last."""
    found: dict[str, Antecedent] = {}
    persons = frozenset().union(*(turn.persons for turn in turns))
    things = frozenset().union(*(turn.things for turn in turns))

    def sort(phrase: Phrase) -> str:
        bare = phrase.bare.lower()
        named = set(bare.split())
        person = TITLED.match(phrase.text) is not None or any(named <= set(known.split()) for known in persons)
        return "person" if person else "thing" if bare in things else ""

    for turns_ago, turn in enumerate(reversed(turns[-TURNS:])):
        answer = turn.answer[:ANSWER_READ]
        whole = _whole(answer)
        wh = next((token.low for token in tokens(turn.asked)[:2] if token.low in _QUESTION_WORDS), "")
        if whole is not None:
            acted = wh == "who" and not _has_subject(split_question(turn.asked)[1])
            # A name may be a country's; "a baker" is a person.
            told = "person" if wh in {"who", "whom"} and not whole.is_name else sort(whole)
            found.setdefault(whole.bare.lower(), Antecedent(whole, turns_ago, True, 0, True, wh, acted, told))
        for in_answer, text in ((False, turn.bare or turn.asked), (False, turn.about), (True, answer)):
            for place, phrase in enumerate(noun_phrases(text)):
                if content_words(phrase.bare) and phrase.bare.lower() not in DETERMINERS:
                    typed = in_answer or phrase.bare.lower() in (turn.typed or turn.asked).lower()
                    known = Antecedent(
                        phrase, turns_ago, in_answer, place, False, wh if in_answer else "", False, sort(phrase), typed
                    )
                    found.setdefault(phrase.bare.lower(), known)
    return list(found.values())


def _whole(answer: str) -> Phrase | None:
    text = answer.strip().rstrip(".")
    words = text.split()
    if not 0 < len(words) <= SHORT_ANSWER or "\n" in text or words[0].lower() in PREPOSITIONS:
        return None
    phrases = noun_phrases(text)
    if not phrases or phrases[0].first > 0 or has_verb(text):
        return None
    return phrases[0]._replace(text=text, is_plural=phrases[0].is_plural or " and " in text)


def pronouns(question: str) -> Iterator[re.Match[str]]:
    """The words that may stand for something that was spoken of; of "that decided" only "that"."""
    for match in PRONOUN.finditer(question):
        alone = _ADDS.match(match.group()) and "NOUN" not in word_kinds(match.group().split()[-1].lower())
        alone = alone and match.group().split()[-1].lower() not in {"one", "ones"}
        yield (_WORD.match(question, match.start()) or match) if alone else match


def _pronouns(question: str, spoken: Sequence[Antecedent], last: str) -> Iterator[Reading]:
    """The question with its first pronoun replaced; `last` is the last question as it was typed."""
    match = next((m for m in pronouns(question) if refers(question, m)), None)
    if match is None:
        return
    pronoun = match.group().lower()
    able = [one for one in spoken if can_mean(pronoun, one)]
    if pronoun in PERSONS and (asked_for := _person_asked_for(spoken, last)) is not None:
        able = [asked_for]
    for antecedent in able or spoken:
        yield Reading(_filled(question, match, antecedent.phrase), "pronoun", antecedent, pronoun)


def can_mean(pronoun: str, spoken_of: Antecedent) -> bool:
    """Whether English lets the pronoun stand for it: no "he" for a place or a number, no "it" for several things."""
    phrase, first = spoken_of.phrase, pronoun.split()[0]
    if pronoun in phrase.text.lower().split() or not re.search(r"[^\W\d_]", phrase.bare):
        return False
    if first in PERSONS | {"they", "them", "their"} and phrase.is_name and phrase.after in {"in", "at", "from", "near"}:
        return False
    if (spoken_of.sort == "person" and first in ONE_THING) or TIME.match(phrase.bare):
        return False
    if first in PERSONS:
        return not phrase.is_plural and spoken_of.sort != "thing"
    return not (first in ONE_THING and phrase.is_plural and (not phrase.is_name or " and " in phrase.text))


def _person_asked_for(spoken: Sequence[Antecedent], asked: str) -> Antecedent | None:
    """The answer of "Who came?", and of "Who is …?" where nobody was named or meant who could be meant as well."""
    last = [one for one in spoken if one.turns_ago == 0]
    meant = any(match.group().lower() in PERSONS for match in pronouns(asked))
    named = any(one.phrase.is_name and one.typed and not one.in_answer and can_mean("he", one) for one in last)
    # A name's last letter tells no number: "Stuart Jones" is one.
    whole = [one for one in last if one.whole and (can_mean("he", one) or one.phrase.is_name)]
    whole = [one for one in whole if not re.search(r",| and ", one.phrase.text)]
    told = (one for one in whole if one.phrase.is_name and one.asked_with in {"who", "whom", "which"} and not named)
    # "He" after "two delegates" is one of them.
    acted = next((one for one in [*whole, *last] if one.acted), None)
    return acted or (None if meant else next(told, None))


def refers(question: str, match: re.Match[str]) -> bool:
    """Whether a pronoun stands for something outside the question: not "that" as a conjunction, not "is there"."""
    word, before = match.group().lower(), question[: match.start()]
    if word == "there":
        return not _IS_THERE.search(before) and bool(before.strip())
    if word.startswith("that"):
        return not _COMPLEMENT.search(before)
    if word == "her" or _ADDS.match(word) or not before:
        return True
    # "What did Lavrentyev say about his plans?": the question has named who that is.
    named = [phrase for phrase in noun_phrases(before) if phrase.is_name and phrase.first > 0]
    if word not in {"it", "they", "them"}:
        return not named
    return not any(phrase.is_plural == (word != "it") for phrase in named)


def _filled(question: str, match: re.Match[str], phrase: Phrase) -> str:
    word = match.group()
    low = word.lower()
    after = question[match.end() :]
    if low in _POSSESSIVES or (low == "her" and re.match(r"\s+[a-z]", after)):
        put = phrase.text + ("’" if phrase.text.endswith("s") else "’s")
    elif low == "there":
        put = f"in {phrase.text}"
    elif _ADDS.match(low):
        noun = low.split()[-1]
        put = (
            phrase.text
            if noun in phrase.text.lower().split() or noun in {"one", "ones"}
            else f"{word} of {phrase.text}"
        )
    else:
        put = phrase.text
    if match.start() and put.split()[0].lower() in DETERMINERS:
        put = put[0].lower() + put[1:]
    return question[: match.start()] + put + after


def _swapped(fragment: str, last: Turn) -> Iterator[Reading]:
    """ "Why?" after "When did they leave?" → "Why did they leave?"; also with "which ones" and "what else"."""
    asks, rest = split_question(last.asked)
    words = [token for token in tokens(fragment) if token.text[0].isalnum()]
    lows = [word.low for word in words]
    if not words or not set(lows[:2]) & _QUESTION_WORDS:
        return
    asked_of = _noun_of(asks)
    stem = fragment.rstrip(" ?.!")
    if lows[-1] in {"ones", "one"} and asked_of:
        stem = f"{stem[: words[-1].start].rstrip()} {asked_of}"
        yield Reading(f"{_with_preposition(asks, stem)} {rest}?", "swapped", role="ones")
        return
    if not rest:
        return
    first, _, after = rest.partition(" ")
    if first.lower() in AUXILIARIES and (not asks or _has_subject(rest)):
        yield Reading(f"{stem} {rest[0].lower()}{rest[1:]}?", "swapped", role="auxiliary")
    elif asks:
        # Who or what did it was asked for: it becomes the subject.
        subject = _subject(asks, last.answer)
        helper, does = (first, after) if first.lower() in AUXILIARIES else _with_do(rest)
        yield Reading(f"{stem} {helper} {subject} {does}".rstrip() + "?", "swapped", role="subject")
    else:
        yield Reading(f"{stem} {rest[0].lower()}{rest[1:]}?", "swapped", role="yes-no")


def _has_subject(rest: str) -> bool:
    """Of what follows the question words: "did the guard leave" has one, "left" and "will be set up" have none."""
    found = tokens(rest)
    if not found or found[0].low not in AUXILIARIES:
        return False
    at = 2 if len(found) > 1 and found[1].low == "not" else 1
    following = found[at].low if at < len(found) else ""
    return following in _SUBJECTS or any(phrase.first == at for phrase in noun_phrases(rest))


def _subject(asks: str, answer: str) -> str:
    """What was answered, where that is short and no number; else "the zones" of "How many zones"."""
    said, noun = answer.strip().rstrip("."), _noun_of(asks)
    if not said and not noun:
        return {"who": "somebody", "whom": "somebody"}.get(asks.lower(), "something")
    counted = {token.low for token in tokens(asks)} & _MEASURES
    if 0 < len(said.split()) <= SHORT_ANSWER and not counted:
        return said
    return f"the {noun}" if noun else asks


def _with_do(rest: str) -> tuple[str, str]:
    """ "found the leak" → ("did", "find the leak")."""
    verb, _, after = rest.partition(" ")
    base, form = verb_form(verb)
    return {"VBD": "did", "VBZ": "does"}.get(form, "did" if verb.lower().endswith("ed") else "do"), f"{base} {after}"


def split_question(question: str) -> tuple[str, str]:
    """("In how many areas", "will zones be set up") of a wh-question; ("", all) of any other."""
    text = question.strip().rstrip("?.! ")
    found = tokens(text)
    head = [token.low for token in found[:2]]
    if not head or not (head[0] in _QUESTION_WORDS or (head[0] in PREPOSITIONS and set(head[1:]) & _QUESTION_WORDS)):
        return ("", text)
    for number, token in enumerate(found[1:], start=1):
        if token.low in AUXILIARIES or _is_verb(found, number):
            return (text[: token.start].strip(), text[token.start :])
    return (text, "")


def _is_verb(found: Sequence[Token], number: int) -> bool:
    word, before = found[number], found[number - 1]
    if word.low in _QUESTION_WORDS | _MEASURES or before.low in PREPOSITIONS or not word.text[0].isalnum():
        return False
    kinds = word_kinds(word.low)
    return "VERB" in kinds and (
        "NOUN" not in kinds or (before.low in {"who", "what"} and number + 1 < len(found)) or word.low.endswith("ed")
    )


def _noun_of(asks: str) -> str:
    """ "areas" of "In how many areas"."""
    words = [token for token in tokens(asks) if token.low not in _QUESTION_WORDS | _MEASURES | PREPOSITIONS]
    return asks[words[0].start :] if words else ""


def _with_preposition(asks: str, stem: str) -> str:
    first = asks.split()[0] if asks else ""
    opens = stem.split()[0].lower()
    return (
        f"{first} {stem[0].lower()}{stem[1:]}" if first.lower() in PREPOSITIONS and opens in _QUESTION_WORDS else stem
    )


def _replaced(fragment: str, last: str) -> Iterator[Reading]:
    """The last question about something else: each of its phrases replaced by the fragment."""
    stem = fragment.rstrip(" ?.!")
    words = stem.split()
    if not words or {word.lower() for word in words[:2]} & _QUESTION_WORDS:
        return
    preposition = words[0].lower() if words[0].lower() in PREPOSITIONS else ""
    new = noun_phrases(stem)
    common = new and not new[-1].is_name and not stem[:2].isupper()
    put = stem[0].lower() + stem[1:] if preposition or common else stem
    found = tokens(last)
    for phrase in noun_phrases(last):
        start, end = found[phrase.first].start, found[phrase.last].end
        if preposition and phrase.after == preposition:
            start = found[phrase.first - 1].start
        role = ""
        if preposition:
            like = new and any(map(str.isdigit, new[-1].text)) == any(map(str.isdigit, phrase.text))
            role = (
                ("same preposition, alike" if like else "same preposition")
                if phrase.after == preposition
                else "preposition"
            )
        if not role and new:
            same_kind = new[-1].is_name == phrase.is_name
            same_noun = new[-1].bare.split()[-1].lower() == phrase.bare.split()[-1].lower()
            subject = phrase.after in AUXILIARIES
            role = (
                "same noun" if same_noun else f"{'same' if same_kind else 'other'} {'subject' if subject else 'object'}"
            )
        yield Reading(f"{last[:start]}{put}{last[end:]}", "replaced", role=role)
    yield Reading(f"{last.rstrip(' ?.!')} {put}?", "replaced", role="added preposition" if preposition else "added")


def _topics(question: str, spoken: Sequence[Antecedent]) -> Iterator[Reading]:
    stem = question.rstrip(" ?.!")
    if not stem:
        return
    phrases = noun_phrases(stem)
    ends_in_noun = bool(phrases) and stem.lower().endswith(phrases[-1].text.lower())
    for antecedent in spoken:
        if antecedent.phrase.bare.lower() in question.lower():
            continue
        link = "of" if ends_in_noun and not phrases[-1].is_name else "about"
        text = f"{stem} of {antecedent.phrase.text}?" if link == "of" else f"{stem}, about {antecedent.phrase.text}?"
        yield Reading(text, "topic", antecedent, role=link)


def _ended(question: str) -> str:
    return question if question.rstrip().endswith(("?", ".", "!")) else f"{question}?"
