"""Fit which reading of a follow-up is meant, and measure it beside two baselines.

    python -m train.fit_followups --data ../shared/data [--write]

Fits on half of CANARD's dialogues; prints, for its other half and for all of TREC CAsT 2019, how well the terms that
the stand-alone question adds to what was asked are found, and of the follow-ups on the shipped article how many are
answered right. Terms are stems of content words. `--write` renews qa/followup/weights.json; without it the shipped
weights are measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from index import sync
from index.words import content_words, stems, words
from qa import Assistant, open_assistant
from qa.followup.choice import WEIGHTS, Features, all_features, best, shipped_weights, understood
from qa.followup.readings import TURNS, Reading, Turn, readings
from train.conversations import Followup, halves, read_canard, read_cast

_PROJECT = Path(__file__).parent.parent
CASES, SEEDS = _PROJECT / "eval" / "cases" / "astana.jsonl", _PROJECT / "seeds"
RIDGE = 3e-4
UNTITLED = 3
"""Every third question also without titles: there, what is meant was often never said."""
ROUNDS = 2
"""In the second, earlier questions are read with the first one's weights, as when asking."""
CANDIDATES_KEPT = 120

Floats = NDArray[np.float64]
Weights = dict[str, float]
_READ: dict[int, dict[tuple[tuple[str, str], ...], Turn]] = {}


class Example(NamedTuple):
    """The features of a question's readings, and how good each is, 0..1."""

    features: list[Features]
    goodness: Floats


class Figures(NamedTuple):
    """recall, precision, f1: of the terms that the right reading adds, over all questions where it or ours adds any.
    untouched: the share of questions that need nothing and were left as they are. f1_whole: all words, mean."""

    recall: float
    precision: float
    f1: float
    untouched: float
    f1_whole: float


@lru_cache(maxsize=100_000)
def terms(text: str) -> frozenset[str]:
    return frozenset(stems(content_words(text)))


def word_f1(made: str, meant: str) -> float:
    ours, theirs = words(made), words(meant)
    shared = sum(min(ours.count(word), theirs.count(word)) for word in set(ours))
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def goodness(made: str, followup: Followup) -> float:
    """Half F2 of terms (a term that is missing is worse than one too many), half F1 of all words, 0..1; less
    where a question that needs nothing gets something."""
    meant = followup.meant
    ours, theirs = terms(made), terms(meant)
    if theirs <= terms(followup.question) and not ours <= terms(followup.question):
        return 0.7 * word_f1(made, meant)
    of_terms = 5 * len(ours & theirs) / (len(ours) + 4 * len(theirs)) if ours or theirs else 1.0
    return (of_terms + word_f1(made, meant)) / 2


def measure(followups: Sequence[Followup], read: Callable[[Followup], str]) -> Figures:
    found = added = wanted = untouched = complete = 0
    whole = 0.0
    for followup in followups:
        made = read(followup)
        asked = terms(followup.question)
        ours, theirs = terms(made) - asked, terms(followup.meant) - asked
        found, added, wanted = found + len(ours & theirs), added + len(ours), wanted + len(theirs)
        whole += word_f1(made, followup.meant)
        if not theirs:
            complete += 1
            untouched += not ours
    recall, precision = found / wanted, found / added if added else 0.0
    f1 = 2 * recall * precision / (recall + precision) if found else 0.0
    return Figures(recall, precision, f1, untouched / max(complete, 1), whole / len(followups))


def as_asked(followup: Followup) -> str:
    return followup.question


def with_last(followup: Followup) -> str:
    return f"{followup.history[-1][0]} {followup.question}"


def as_meant(followup: Followup) -> str:
    return followup.meant


def ours(followup: Followup) -> str:
    """As `qa.history.standalone` reads it, earlier questions read once."""
    turns = turns_of(followup, shipped_weights())[-TURNS:]
    return best(readings(followup.question, turns), followup.question, turns, shipped_weights()).text


def turns_of(followup: Followup, weights: Weights | None) -> list[Turn]:
    """The turns before, their questions as `weights` would read them."""
    if weights is None:
        return [Turn(*turn) for turn in followup.history]
    known = _READ.setdefault(id(weights), {})
    turns: list[Turn] = []
    for number, (asked, answer) in enumerate(followup.history, start=1):
        before = followup.history[:number]
        if before not in known:
            known[before] = understood(asked, answer, turns, weights)
        turns.append(known[before])
    return turns


def examples(followups: Sequence[Followup], weights: Weights | None) -> list[Example]:
    made = []
    for followup in followups:
        turns = turns_of(followup, weights)
        found: list[Reading] = readings(followup.question, turns)[:CANDIDATES_KEPT]
        good = np.array([goodness(reading.text, followup) for reading in found])
        made.append(Example(all_features(found, followup.question, turns), good))
    return made


def fit(made: Sequence[Example]) -> Weights:
    """Weights that give most probability to the best readings (conditional logit with a small ridge)."""
    counted: dict[str, int] = {}
    for example in made:
        for name in {name for features in example.features for name in features}:
            counted[name] = counted.get(name, 0) + 1
    names = sorted(name for name, count in counted.items() if count >= 10)
    column = {name: number for number, name in enumerate(names)}
    rows = np.concatenate([_rows(example, column) for example in made])
    good = np.concatenate([example.goodness for example in made])
    sizes = np.array([len(example.goodness) for example in made])
    begins = np.r_[0, sizes.cumsum()[:-1]]
    top = np.maximum.reduceat(good, begins).repeat(sizes) - 1e-3

    def shares(scores: Floats) -> Floats:
        """The softmax of each example's scores."""
        raised = np.exp(scores - np.maximum.reduceat(scores, begins).repeat(sizes))
        return raised / np.add.reduceat(raised, begins).repeat(sizes)

    def loss(weights: Floats) -> tuple[float, Floats]:
        """Of the best readings' share: its negative logarithm."""
        share = shares(rows @ weights)
        best = np.where(good >= top, share, 0.0)
        right = np.add.reduceat(best, begins)
        slope = (share - best / right.repeat(sizes)) @ rows / len(made)
        return float(-np.log(right).mean()) + RIDGE * float(weights @ weights), slope + 2 * RIDGE * weights

    def regret(weights: Floats) -> tuple[float, Floats]:
        """What is expected to be lost against the best readings, four times."""
        share = shares(rows @ weights)
        expected = np.add.reduceat(share * good, begins)
        slope = -4 * (share * (good - expected.repeat(sizes))) @ rows / len(made)
        return -4 * float(expected.mean()) + RIDGE * float(weights @ weights), slope + 2 * RIDGE * weights

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    found = minimize(regret, found, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return {name: round(float(weight), 4) for name, weight in zip(names, found, strict=True) if abs(weight) >= 1e-3}


def _rows(example: Example, column: dict[str, int]) -> Floats:
    matrix = np.zeros((len(example.features), len(column)))
    for row, features in enumerate(example.features):
        for name, value in features.items():
            if name in column:
                matrix[row, column[name]] = value
    return matrix


class Asked(NamedTuple):
    """Shares of the questions that the article answers: their evidence was the first passage; the answer given was
    right (shares half of its words with a right one); and of those that it does not answer: refused."""

    found_first: float
    right: float
    refused: float


def asked_of_article(cases: Sequence[dict[str, Any]]) -> dict[str, Asked]:
    """Way of reading → what comes of asking the cases that have a history; ours is what `Assistant.ask` does."""
    with TemporaryDirectory() as storage:
        sync([SEEDS], storage)
        assistant = open_assistant(storage)
        try:
            return {
                way: _asked(assistant, [case for case in cases if case["history"]], way)
                for way in ("as asked", "with the last question", "ours")
            }
        finally:
            assistant.index.close()


def _asked(assistant: Assistant, cases: Sequence[dict[str, Any]], way: str) -> Asked:
    first, right, refused = [], [], []
    for case in cases:
        asked, history = case["question"], case["history"]
        if way == "ours":
            answer = assistant.ask(asked, history)
        else:
            answer = assistant.ask(asked if way == "as asked" else f"{history[-1][0]} {asked}")
        if not case["answers"]:
            refused.append(not answer.answered)
            continue
        best = assistant.index.search(answer.standalone_question, 1)
        first.append(any(quote in hit.passage.text for hit in best for quote in case["evidence"]))
        said = answer.text if answer.answered else ""
        right.append(any(word_f1(said, wanted) >= 0.5 for wanted in case["answers"]))
    return Asked(*(sum(flags) / len(flags) for flags in (first, right, refused)))


def table(sets: dict[str, Sequence[Followup]]) -> dict[str, dict[str, dict[str, float]]]:
    """Set → way of reading → figures."""
    ways = {"as asked": as_asked, "with the last question": with_last, "ours": ours, "as meant": as_meant}
    return {
        name: {way: {k: round(v, 4) for k, v in measure(asked, read)._asdict().items()} for way, read in ways.items()}
        for name, asked in sets.items()
    }


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--write", is_flag=True, help="Fit, and renew the shipped weights.")
def main(data: Path, write: bool) -> None:
    canard = {titled: halves(read_canard(data / "train" / "canard_dev.json", titled)) for titled in (False, True)}
    cast = read_cast(data / "eval" / "trec_cast_2019_topics.json", data / "eval" / "trec_cast_2019_resolved.tsv")
    if write:
        weights: Weights | None = None
        for _ in range(ROUNDS):
            weights = fit(examples([*canard[False][0][::UNTITLED], *canard[True][0]], weights))
        told = {"made_by": "python -m train.fit_followups --write", "weights": weights}
        WEIGHTS.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        shipped_weights.cache_clear()
    figures = table({"CANARD, test half": canard[False][1], "… with titles": canard[True][1], "TREC CAsT 2019": cast})
    for name, ways in figures.items():
        click.echo(f"\n{name}")
        for way, measured in ways.items():
            click.echo(f"  {way:24}" + "  ".join(f"{key} {value:.3f}" for key, value in measured.items()))
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    click.echo(f"\nThe article's follow-ups ({sum(bool(case['history']) for case in cases)})")
    for way, asked in asked_of_article(cases).items():
        click.echo(f"  {way:24}" + "  ".join(f"{key} {value:.3f}" for key, value in asked._asdict().items()))


if __name__ == "__main__":
    main()
