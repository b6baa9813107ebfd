"""Cases → Predictions: index the sources afresh, ask every case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.retrieval import CUTOFFS
from eval.systems.footnote import over_index
from eval.types import Asks, Case, Prediction
from index.errors import SourceUnreadable
from index.store import EVERYWHERE, Where

Opener = Callable[[Sequence[Path]], AbstractContextManager[Asks]]
"""Sources → an assistant over them, for as long as the context lasts."""


@contextmanager
def assistant_over(sources: Sequence[Path]) -> Iterator[Asks]:
    """An assistant over `sources`, indexed into a temporary folder that goes when the context ends.

    Raises SourceError and its kind; a source that cannot be read would falsify every figure, so it is
    an error.
    """
    from index import sync
    from index.sync import open_index

    with TemporaryDirectory(prefix="footnote-eval-", ignore_cleanup_errors=True) as folder:
        storage = Path(folder) / "storage"
        for path, reason in sync(list(sources), storage).failed:
            raise SourceUnreadable(f"Cannot evaluate over {path}: {reason}")
        with over_index(open_index(storage)) as assistant:
            yield assistant


def predictions(cases: Sequence[Case], assistant: Asks) -> Iterator[Prediction]:
    """A prediction for each case, in order, as soon as it is made. A question that fails stops no other."""
    for case in cases:
        yield predict(case, assistant)


def predict(case: Case, assistant: Asks) -> Prediction:
    """Ask one case. The search is measured on the question as the assistant understood it, history included;
    only the asking is timed."""
    where = Where(frozenset(case.documents)) if case.documents else EVERYWHERE
    try:
        started = time.perf_counter()
        answer = assistant.ask(case.question, case.history, where)
        latency_ms = (time.perf_counter() - started) * 1000
        guess = None if answer.answered else assistant.guess(case.question, case.history, where)
        hits = assistant.index.search(answer.standalone_question, CUTOFFS[-1], where)
    except Exception as error:  # whatever it is, it is this question's result
        return Prediction(case, error=f"{type(error).__name__}: {error}")
    return Prediction(case, answer, tuple(hits), latency_ms, guess=guess)
