"""Ask the same questions under each setting; what was asked before is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.asking import ask_all
from eval.files import make_folder, write_files
from eval.public.corpus import indexed
from eval.public.types import PublicSet
from eval.saved import holds
from eval.sweeping.settings import SHIPPED, Setting
from eval.systems.footnote import Footnote, span_reader
from index.search import Index
from index.store import Where
from qa.read import Reader, open_reader
from qa.types import History

WARM_UP = 5
"""Questions asked before the first that is timed."""


class Tuned(Footnote):
    """The assistant under a setting. What it would have said is not asked for: nothing here rests on it."""

    def __init__(self, index: Index, reader: Reader, setting: Setting) -> None:
        super().__init__(Index(index.store, index.embedder, setting.fusion), reader, setting.k, setting.strictness)

    def guess(self, question: str, history: History, where: Where) -> None:  # type: ignore[override]
        return None


def sweep(
    asked: PublicSet, tried: Sequence[Setting], made_with: Mapping[str, Any], out: Path, reader: Path | None = None
) -> Iterator[Setting]:
    """Each setting once its evaluation is in its folder below `out`; settings with the same passages follow each other.
    Ctrl-C ends it and keeps the whole ones.

    `reader` is a folder of weights for the reader "span".
    """
    for _, group in groupby(sorted(tried, key=_passages), key=_passages):
        together = list(group)
        missing = [one for one in together if not holds(out / one.name, settings_of_setting(one, made_with))]
        yield from (one for one in together if one not in missing)
        if missing:
            with _index(asked, missing[0]) as index:
                readers = {name: _reader(name, index, reader) for name in {one.reader for one in missing}}
                for setting in missing:
                    _ask(asked, setting, Tuned(index, readers[setting.reader], setting), made_with, out)
                    yield setting


def _passages(setting: Setting) -> tuple[bool, int, int]:
    """What decides the passages, the shipped ones first."""
    return (setting.splitter != SHIPPED.splitter, setting.passage, setting.overlap)


def settings_of_setting(setting: Setting, made_with: Mapping[str, Any]) -> dict[str, Any]:
    """What metrics.json says that the figures depend on."""
    search = {**made_with["search"], "dense_share": setting.fusion, "passages_read": setting.k}
    return {**made_with, "splitter": setting.splitter.settings(), "search": search, "setting": asdict(setting)}


def _ask(asked: PublicSet, setting: Setting, assistant: Tuned, made_with: Mapping[str, Any], out: Path) -> None:
    for case in asked.cases[:WARM_UP]:
        assistant.ask(case.question, case.history, Where(frozenset(case.documents) or None))
    evaluation = ask_all(asked.cases, assistant, settings_of_setting(setting, made_with), setting.name)
    if not evaluation.complete:
        raise KeyboardInterrupt
    make_folder(out / setting.name)
    write_files(evaluation, out / setting.name)


@contextmanager
def _index(asked: PublicSet, setting: Setting) -> Iterator[Index]:
    with (
        TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as folder,
        closing(indexed(asked.documents, Path(folder), setting.splitter)) as index,
    ):
        yield index


def _reader(name: str, index: Index, folder: Path | None) -> Reader:
    return span_reader(folder) if name == "span" else open_reader(name, index)
