"""Fit when a passage bears out a sentence, and measure how often that errs.

    python -m train.fit_support --data ../shared/data [--write]

Fitted on sentences made from questions and their answers (SQuADShifts): true ones from the right answer, false ones
with an answer that another question of the article has, with another number, denied, or held against another paragraph
of the article. Half of the Wikipedia articles is fitted on; the other half and product reviews are measured. So are
sentences that people wrote from a passage (CLAPNQ's dev answers), which nothing is fitted on: as they are, with another
name or number of the same passage, denied, or held against another question's passage. `--write` renews
qa/llm/support.json; without it the shipped weights are measured.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from index.embed import open_embedder
from index.passages import split
from index.sentences import sentence_spans
from index.types import Document, Hit
from qa.followup.phrases import AUXILIARIES
from qa.followup.readings import split_question
from qa.llm.verify import FEATURES, FITTED, Support, candidates, denies, numbers_of, quoted_at, stretches
from qa.read.extractive import logistic
from qa.read.span import SpanReader
from train.decisions import logistic_regression

KINDS = ("true", "other answer", "other name", "other number", "denied", "other paragraph")
LIES = ("other answer", "other number", "denied", "other paragraph")
FALSE_COSTS = 2.0
"""A false sentence that passes weighs as much as this many true ones that do not: the threshold is fitted so."""


_NAMES = re.compile(r"\b[A-Z][a-z]\w+")


class Made(NamedTuple):
    """A sentence, of one of KINDS, and the paragraph that it is held against; `article` is its article's number."""

    kind: str
    text: str
    paragraph: str
    article: int


class Claim(NamedTuple):
    """`quoted`: the paragraph says it word for word; `rows`: the features of each stretch that could bear it out."""

    made: Made
    quoted: bool
    rows: list[tuple[float, ...]]

    @property
    def true(self) -> bool:
        return self.made.kind == "true"

    def score(self, weights: Sequence[float]) -> float:
        return max((logistic(weights, row) for row in self.rows), default=0.0)

    def passes(self, support: Support) -> bool:
        return self.quoted or self.score(support.weights) >= support.threshold


def statement(question: str, answer: str) -> str:
    """The question with its answer as something that is said; "" where it cannot be turned into that."""
    asks, rest = split_question(question)
    if not asks or not rest:
        return ""
    first, _, after = rest.partition(" ")
    if first.lower() not in AUXILIARIES:
        return f"{answer} {rest}."
    kept = "" if first.lower() in {"do", "does", "did"} else f" {first}"
    return f"{after}{kept} {answer}."


def claims(file: Path, seed: int, most: int) -> Iterator[Made]:
    """True and false ones in equal numbers."""
    chance = random.Random(seed)
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    chance.shuffle(articles)
    given = 0
    for number, article in enumerate(articles):
        paragraphs = article["paragraphs"]
        answers = [qa["answers"][0]["text"] for p in paragraphs for qa in p["qas"] if qa["answers"]]
        for paragraph in paragraphs:
            for asked in chance.sample(paragraph["qas"], min(2, len(paragraph["qas"]))):
                gold = [answer["text"] for answer in asked["answers"]]
                said = statement(asked["question"], gold[0]) if gold and len(gold[0].split()) <= 8 else ""
                if not said:
                    continue
                kind = LIES[given % 4]
                lie = _lie(kind, asked["question"], gold, answers, paragraph["context"], chance)
                where = chance.choice(paragraphs)["context"] if kind == "other paragraph" else paragraph["context"]
                if lie and (kind != "other paragraph" or not any(one.lower() in where.lower() for one in gold)):
                    yield Made("true", said, paragraph["context"], number)
                    yield Made(kind, lie, where, number)
                given += 1
                if given >= most:
                    return


def _lie(kind: str, question: str, gold: list[str], answers: list[str], paragraph: str, chance: random.Random) -> str:
    if kind == "other answer":
        # What the paragraph itself says elsewhere is the hardest to tell.
        others = [one for one in answers if not any(_alike(one, right) for right in gold) and len(one.split()) <= 8]
        near = [one for one in others if one in paragraph]
        return statement(question, chance.choice(near or others)) if others else ""
    said = statement(question, gold[0])
    return _falsified(kind, said, paragraph, chance)


def _falsified(kind: str, said: str, paragraph: str, chance: random.Random) -> str:
    """The sentence made false in that way, "" where it cannot be; as it is for another paragraph."""
    if kind == "other number":
        digits = list(re.finditer(r"\d+", said))
        if not digits:
            return ""
        at = chance.choice(digits)
        return f"{said[: at.start()]}{int(at.group()) + chance.randint(1, 9)}{said[at.end() :]}"
    if kind == "other name":
        names = [match for match in _NAMES.finditer(said) if match.start() > 0]
        others = [name for name in _NAMES.findall(paragraph) if name not in said]
        if not names or not others:
            return ""
        at = chance.choice(names)
        return f"{said[: at.start()]}{chance.choice(others)}{said[at.end() :]}"
    if kind == "denied":
        return "" if denies(said) else f"It is not true that {said}"
    return said


def written(file: Path, seed: int, most: int) -> Iterator[Made]:
    """Sentences that people wrote from a paragraph, and what is made of each."""
    chance = random.Random(seed)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()[:most]]
    texts = [" ".join(row["passages"][0]["sentences"]) for row in rows]
    for number, row in enumerate(rows):
        answer = row["output"][0]["answer"]
        for start, end in sentence_spans(answer):
            said = answer[start:end]
            yield Made("true", said, texts[number], number)
            for kind in ("other name", "other number", "denied", "other paragraph"):
                lie = _falsified(kind, said, texts[number], chance)
                if lie:
                    where = texts[number - 1] if kind == "other paragraph" else texts[number]
                    yield Made(kind, lie, where, number)


def _alike(one: str, other: str) -> bool:
    a, b = one.lower(), other.lower()
    return a in b or b in a or bool(numbers_of(a) & numbers_of(b))


def read(made: Sequence[Made], label: str) -> list[Claim]:
    embedder, reader = open_embedder("minilm"), SpanReader.shipped()
    found = []
    with click.progressbar(made, label=label) as shown:
        for one in shown:
            hits = [Hit(p, 1.0, None, None) for p in split(Document("d", "", "", one.paragraph, ""))]
            evidence = [stretch for hit in hits for stretch in stretches(hit)]
            rows = [row for _, row in candidates(one.text, evidence, embedder, reader)]
            found.append(Claim(one, any(quoted_at(one.text, hit) for hit in hits), rows))
    return found


def fit(made: Sequence[Claim]) -> Support:
    """Each sentence by its best stretch under the weights so far, begun with the mean of cosine and coverage."""
    weights: Sequence[float] = (1.0, 0.0, 1.0, 0.0, 0.0)
    for _ in range(4):
        rows = [max(one.rows, key=lambda row: logistic(weights, row)) for one in made if one.rows]
        weights = logistic_regression(rows, [one.true for one in made if one.rows])
    scored = [(one.score(weights), one.true) for one in made]

    def cost(threshold: float) -> float:
        return sum(float(score < threshold) if true else FALSE_COSTS * (score >= threshold) for score, true in scored)

    return Support(tuple(weights), min((step / 100 for step in range(1, 100)), key=cost))


def measure(made: Sequence[Claim], support: Support) -> dict[str, float]:
    """The share of each kind that passes: of "true", what was rightly let through; of the others, wrongly."""
    passed = {kind: [one.passes(support) for one in made if one.made.kind == kind] for kind in KINDS}
    false = [flag for kind, flags in passed.items() if kind != "true" for flag in flags]
    shares = {kind: round(sum(flags) / len(flags), 3) for kind, flags in passed.items() if flags}
    return {"sentences": len(made), **shares, "all false": round(sum(false) / max(len(false), 1), 3)}


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--write", is_flag=True, help="Fit, and renew the shipped weights.")
@click.option("--seed", default=0, show_default=True)
@click.option("--most", default=150, show_default=True, help="Questions of a set; half as many of CLAPNQ.")
def main(data: Path, write: bool, seed: int, most: int) -> None:
    train, evaluation = data / "train", data / "eval"
    wiki = read(list(claims(train / "squadshifts_new_wiki.json", seed, 2 * most)), "Wikipedia")
    reviews = read(list(claims(train / "squadshifts_amazon_reviews.json", seed, most)), "reviews")
    by_people = read(list(written(evaluation / "clapnq_dev_answerable_first150.jsonl", seed, most // 2)), "CLAPNQ")
    to_fit, to_test = ([one for one in wiki if one.made.article % 2 == half] for half in (0, 1))
    support = fit(to_fit) if write else Support.shipped()
    measured = {
        "SQuADShifts new_wiki, other articles": measure(to_test, support),
        "SQuADShifts amazon_reviews": measure(reviews, support),
        "CLAPNQ dev, written by people": measure(by_people, support),
    }
    if write:
        named = dict(zip((*FEATURES, "constant"), (round(weight, 4) for weight in support.weights), strict=True))
        told = {"made_by": "python -m train.fit_support --write", "weights": named, "threshold": support.threshold}
        FITTED.write_text(json.dumps({**told, "held_out": measured}, indent=2) + "\n", encoding="utf-8")
    click.echo(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
