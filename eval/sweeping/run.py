"""Ask the same questions under each setting; what was asked before is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.asking import ask_all
from eval.files import make_folder, write_files
from eval.public.corpus import indexed
from eval.public.types import PublicSet
from eval.saved import holds
from eval.sweeping.clock import Times, read_times, take_turns, write_times
from eval.sweeping.settings import SHIPPED, Setting
from eval.systems.footnote import Footnote, span_reader
from index.passages import Splitter
from index.search import Index
from index.store import Where
from qa.read import Reader, open_reader
from qa.types import History


class Tuned(Footnote):
    """The assistant under a setting. What it would have said is not asked for: nothing here rests on it."""

    def __init__(self, index: Index, reader: Reader, setting: Setting) -> None:
        super().__init__(Index(index.store, index.embedder, setting.fusion), reader, setting.k, setting.strictness)

    def guess(self, question: str, history: History, where: Where) -> None:  # type: ignore[override]
        return None


Tune = Callable[[Setting], Tuned]


@contextmanager
def tuning(asked: PublicSet, reader: Path | None = None) -> Iterator[Tune]:
    """What makes a setting's assistant over the set's texts. Settings with the same passages share an index, which is
    made when it is first wanted and goes when the context ends. `reader` is a folder of weights for the reader
    "span"."""
    with ExitStack() as opened:
        indexes: dict[Splitter, Index] = {}
        readers: dict[tuple[str, Splitter], Reader] = {}

        def tuned(setting: Setting) -> Tuned:
            splitter, name = setting.splitter, setting.reader
            if splitter not in indexes:
                indexes[splitter] = opened.enter_context(_index(asked, splitter))
            if (name, splitter) not in readers:
                readers[name, splitter] = (
                    span_reader(reader) if name == "span" else open_reader(name, indexes[splitter])
                )
            return Tuned(indexes[splitter], readers[name, splitter], setting)

        yield tuned


def sweep(
    asked: PublicSet, tried: Sequence[Setting], made_with: Mapping[str, Any], out: Path, tuned: Tune
) -> Iterator[Setting]:
    """Each setting once its evaluation is in its folder below `out`; settings with the same passages follow each other.
    Ctrl-C ends it and keeps the whole ones."""
    for setting in sorted(tried, key=_passages):
        settings = settings_of_setting(setting, made_with)
        if not holds(out / setting.name, settings):
            evaluation = ask_all(asked.cases, tuned(setting), settings, setting.name)
            if not evaluation.complete:
                raise KeyboardInterrupt
            make_folder(out / setting.name)
            write_files(evaluation, out / setting.name)
        yield setting


def timed(
    asked: PublicSet, tried: Sequence[Setting], made_with: Mapping[str, Any], out: Path, tuned: Tune, again: bool
) -> Times:
    """The settings' times on the cases of `asked`; those kept in `out`, unless they shall be taken `again`."""
    about = {**made_with, "timed": len(asked.cases)}
    kept = None if again else read_times(out, about, [setting.name for setting in tried])
    if kept is not None:
        return kept
    times = take_turns(asked.cases, {setting.name: tuned(setting) for setting in sorted(tried, key=_passages)})
    write_times(out, about, times)
    return times


def _passages(setting: Setting) -> tuple[bool, int, int]:
    """What decides the passages, the shipped ones first."""
    return (setting.splitter != SHIPPED.splitter, setting.passage, setting.overlap)


def settings_of_setting(setting: Setting, made_with: Mapping[str, Any]) -> dict[str, Any]:
    """What metrics.json says that the figures depend on."""
    search = {**made_with["search"], "dense_share": setting.fusion, "passages_read": setting.k}
    return {**made_with, "splitter": setting.splitter.settings(), "search": search, "setting": asdict(setting)}


@contextmanager
def _index(asked: PublicSet, splitter: Splitter) -> Iterator[Index]:
    with (
        TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as folder,
        closing(indexed(asked.documents, Path(folder), splitter)) as index,
    ):
        yield index
