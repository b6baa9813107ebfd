"""Two evaluations of the same questions → what changed, and whether chance would explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.columns import Columns, Floats
from eval.folds import value
from eval.intervals import BATCH
from eval.measures import MEASURES, Measure
from eval.outcomes import OUTCOMES
from eval.saved import Saved
from index.errors import CasesError

SHUFFLES = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure before and after; `p` is the share of shuffles that differ as much, None where it cannot be told."""

    measure: Measure
    before: float
    after: float
    p: float | None

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def better(self) -> bool | None:
        """None where neither direction is."""
        if not self.measure.better or not self.change:
            return None
        return (self.change > 0) == (self.measure.better == "more")


@dataclass(frozen=True, slots=True)
class Change:
    """A question that came out otherwise, or with other words."""

    id: str
    question: str
    before: str
    after: str
    said_before: str
    said_after: str

    @property
    def better(self) -> bool:
        """OUTCOMES go from worst to best."""
        order = list(OUTCOMES)
        return order.index(self.after) > order.index(self.before)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`questions` is how many both were asked; `only` how many one alone was, before and after."""

    questions: int
    only: tuple[int, int]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]


def compare(before: Saved, after: Saved) -> Comparison:
    """Over the questions that both have. Raises CasesError where there is none."""
    ids = [id_ for id_ in before.rows if id_ in after.rows]
    if not ids:
        raise CasesError(f"{before.folder} and {after.folder} have no question in common.")
    return Comparison(
        len(ids),
        (len(before.rows) - len(ids), len(after.rows) - len(ids)),
        differences(before.columns(ids), after.columns(ids)),
        tuple(change for id_ in ids if (change := _change(id_, before, after)) is not None),
    )


def differences(
    before: Columns,
    after: Columns,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    measures: Sequence[Measure] = MEASURES,
) -> tuple[Difference, ...]:
    """Approximate randomisation (Noreen 1989; for retrieval Smucker, Allan and Carterette 2007): were it chance alone,
    a question's two results could be swapped. p counts the observed difference as one of the shuffles, so that it is
    never 0. The rows of both are the same questions."""
    both = {name: np.concatenate([column, after[name]]) for name, column in before.items()}
    rows = [row for row in measures if not np.isnan([value(row.fold, before), value(row.fold, after)]).any()]
    found = []
    weights = _shuffles(len(before["f1"]), shuffles, seed)
    for row in rows:
        old, new = value(row.fold, before), value(row.fold, after)
        changes = np.concatenate([row.fold(both, 1 - batch) - row.fold(both, batch) for batch in weights])
        changes = changes[~np.isnan(changes)]
        as_much = int((np.abs(changes) >= abs(new - old) - 1e-12).sum())
        found.append(Difference(row, old, new, (1 + as_much) / (1 + len(changes)) if len(changes) else None))
    return tuple(found)


def _shuffles(questions: int, count: int, seed: int) -> list[Floats]:
    """Batches of weights over the rows of both: 1 where a row is taken for the first run, 0 for the second."""
    swapped = np.random.default_rng(seed).random((count, questions)) < 0.5
    weights = np.concatenate([~swapped, swapped], axis=1).astype(np.float64)
    return [weights[begun : begun + BATCH] for begun in range(0, count, BATCH)]


def _change(id_: str, before: Saved, after: Saved) -> Change | None:
    old, new = before.rows[id_], after.rows[id_]
    if (old["outcome"], old["guess"]) == (new["outcome"], new["guess"]):
        return None
    said_before, said_after = (row["guess"] or row["error"] or "" for row in (old, new))
    return Change(id_, old["question"], old["outcome"], new["outcome"], said_before, said_after)
