"""What can be set, what is tried of it, and the names of what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from typing import Any, NamedTuple

from index.errors import FootnoteError
from index.passages import Splitter
from index.search import DENSE_SHARE
from qa.assistant import PASSAGES_READ
from qa.read import READERS

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to set everything; without arguments the shipped one. `strictness` None is the reader's own balance."""

    passage: int = Splitter().max_pieces
    overlap: int = Splitter().overlap
    k: int = PASSAGES_READ
    fusion: float = DENSE_SHARE
    strictness: float | None = None
    reader: str = next(iter(READERS))

    @property
    def splitter(self) -> Splitter:
        return Splitter(self.passage, self.overlap)

    @property
    def changed(self) -> dict[str, Value]:
        """What is not as shipped."""
        shipped = asdict(SHIPPED)
        return {name: value for name, value in asdict(self).items() if value != shipped[name]}

    @property
    def name(self) -> str:
        """For people and as a folder: "shipped", or what is changed."""
        return ", ".join(f"{name} {shown(value)}" for name, value in self.changed.items()) or "shipped"


SHIPPED = Setting()


class Axis(NamedTuple):
    """`values` are tried besides the shipped one; `read` makes one of a word that a person typed."""

    about: str
    values: tuple[Value, ...]
    read: Any


def _strictness(word: str) -> float | None:
    return None if word == "own" else float(word)


AXES: dict[str, Axis] = {
    "passage": Axis("word pieces in a passage, at most", (60, 90, 180), int),
    "overlap": Axis("sentences that a passage shares with the one before", (0, 2, 3), int),
    "k": Axis("passages that the reader gets", (1, 2, 3, 8, 12), int),
    "fusion": Axis("the dense search's share in the fusion, 0 to 1", (0.0, 0.3, 0.5, 0.85, 1.0), float),
    "strictness": Axis("the share of answers that shall be right, or own", (0.0, 0.5, 0.6, 0.7, 0.8, 0.9), _strictness),
    "reader": Axis("who reads", ("sentence",), str),
}
"""Each is a field of Setting."""
assert list(AXES) == [field.name for field in fields(Setting)]


def shown(value: Value) -> str:
    return "own" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def chosen(given: Sequence[str]) -> dict[str, tuple[Value, ...]]:
    """What is to be tried: NAME takes the table's values, NAME=VALUE,VALUE these; all of the table where nothing is
    given. Raises FootnoteError."""
    made: dict[str, tuple[Value, ...]] = {}
    for one in given or AXES:
        name, equals, values = one.partition("=")
        if name not in AXES:
            raise FootnoteError(f"{name!r} cannot be set here. Choose of: {', '.join(AXES)}.")
        try:
            read = tuple(AXES[name].read(value.strip()) for value in values.split(",")) if equals else AXES[name].values
        except ValueError as exc:
            raise FootnoteError(f"{one!r}: {name} is {AXES[name].about}, as in {name}={_example(name)}.") from exc
        made[name] = read
    _check(made)
    return made


def settings(axes: Mapping[str, Sequence[Value]], cross: bool) -> list[Setting]:
    """The shipped setting and those that change one thing of it, or, crossed, every combination. No two are alike."""
    if not cross:
        moved = [replace(SHIPPED, **{name: value}) for name, values in axes.items() for value in values]  # type: ignore[arg-type]
        return list(dict.fromkeys([SHIPPED, *moved]))
    every = {name: dict.fromkeys([getattr(SHIPPED, name), *values]) for name, values in axes.items()}
    return [Setting(**dict(zip(every, values, strict=True))) for values in product(*every.values())]


def _example(name: str) -> str:
    return ",".join(map(shown, AXES[name].values[:2]))


def _check(axes: Mapping[str, Sequence[Value]]) -> None:
    """Raises FootnoteError for a value that makes no sense."""
    for name, least, most in (
        ("passage", 8, 512),
        ("overlap", 0, 100),
        ("k", 1, 50),
        ("fusion", 0, 1),
        ("strictness", 0, 1),
    ):
        for value in axes.get(name, ()):
            if value is not None and not (isinstance(value, int | float) and least <= value <= most):
                raise FootnoteError(f"{name} {shown(value)} is not between {least} and {most}.")
    for value in axes.get("reader", ()):
        if value not in READERS:
            raise FootnoteError(f"No reader is called {value!r}. Choose of: {', '.join(READERS)}.")
