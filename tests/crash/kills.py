"""SIGKILL at any moment, and what must hold then: the index opens, holds exactly what was acknowledged (the operation
in flight wholly or not at all), and answers as one that was built from nothing.

A kill of the process, not of the machine: what the system has taken it still writes."""

from __future__ import annotations

import json
import multiprocessing
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from time import monotonic

from index.manifest import open_index
from index.search import Index
from index.sources import source_state
from index.store import open_store
from index.uploads import FOLDER, Upload, add_files, remove_document, upload_id
from tests.crash.workload import (
    EMBEDDER,
    MANIFEST,
    WORDS,
    Operation,
    State,
    States,
    content_of,
    operations,
    uploaded_text,
    work,
)

QUESTIONS = (" ".join(WORDS[:3]), "the silver winter treaty", "garden")
SWEEP = "sweep.txt"
Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Killed:
    """How far it came: `acknowledged` operations were done, counted from the first of all; one may be `in_flight`."""

    acknowledged: int
    in_flight: bool


@dataclass
class Tally:
    """What the kills left: how often the operation in flight was there "wholly" or "not at all", how often there was
    "none"; `wrong` says what did not hold."""

    kills: int = 0
    in_flight: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, killed: Killed, held: int | None) -> None:
        self.kills += 1
        if held is None:
            self.wrong.append(f"kill {self.kills}, after {killed.acknowledged} operations")
        else:
            there = "wholly" if held > killed.acknowledged else "not at all"
            self.in_flight[there if killed.in_flight else "none"] += 1


class Killer:
    """Starts the workload, each time in a process of its own, forked from one that has loaded what it needs."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._seconds: dict[str, float] = {}
        """How long an operation of a kind of store takes on this machine, now."""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.crash.workload"])

    def __call__(
        self, kind: str, folder: Path, start: int, *, at: int = 0, after: float = 0, statement: int | None = None
    ) -> Killed:
        """Run from operation `start` on and kill it: from the begin of the `at`-th after so many times as long as one
        takes, or before an SQL statement."""
        listen, tell = self._context.Pipe(duplex=False)
        process = self._context.Process(target=work, args=(kind, folder, self.seed, start, tell, statement))
        process.start()
        tell.close()
        begun, done, since, timer = start, start, 0.0, None
        try:
            while True:
                what, number = listen.recv()
                if what == "begin":
                    begun, since = number + 1, monotonic()
                else:
                    done = number + 1
                    self._seconds[kind] = 0.8 * self._seconds.get(kind, 0.01) + 0.2 * (monotonic() - since)
                if statement is None and timer is None and number >= start + at:
                    timer = Timer(after * self._seconds.get(kind, 0.01), process.kill)
                    timer.start()
        except EOFError:
            process.join()
        finally:
            process.kill()
            process.join()
            listen.close()
            if timer is not None:
                timer.cancel()
        assert process.exitcode == -9, f"the workload ended by itself with {process.exitcode}"
        return Killed(done, begun > done)


def random_kills(killer: Killer, folder: Path, count: int, step: Step = lambda: None) -> Tally:
    """One index, killed again and again while documents come and go."""
    tally, states, generator, done = Tally(), States(killer.seed), random.Random(killer.seed), 0
    for _ in range(count):
        killed = killer("ours", folder / "index", done, at=generator.randrange(6), after=generator.uniform(0, 1.5))
        held = survived(folder / "index", killed, states, folder / "fresh")
        tally.count(killed, held)
        if held is None:
            return tally  # what comes after it means nothing
        done = held
        step()
    return tally


def statement_kills(killer: Killer, folder: Path, statements: Iterable[int], step: Step = lambda: None) -> Tally:
    """A new index each time, killed before the SQL statement of each number: BEGIN, each DELETE and INSERT, COMMIT."""
    tally = Tally()
    for statement in statements:
        killed = killer("ours", folder / "index", 0, statement=statement)
        tally.count(killed, survived(folder / "index", killed, States(killer.seed), folder / "fresh"))
        shutil.rmtree(folder / "index")
        step()
    return tally


def survived(index: Path, killed: Killed, states: States, scratch: Path) -> int | None:
    """How many operations the index holds, which must be those that were acknowledged, and the one in flight or not;
    None when it holds anything else, or answers otherwise than a new index of the same documents."""
    store = open_store(str(index), create=MANIFEST)
    documents = store.documents()
    found: State = {document.id: (document.path, document.text) for document in documents}
    counts = (killed.acknowledged, killed.acknowledged + 1) if killed.in_flight else (killed.acknowledged,)
    held = next((count for count in counts if states.after(count) == found), None)
    shutil.rmtree(scratch, ignore_errors=True)
    fresh = open_store(str(scratch), create=MANIFEST)
    fresh.replace_documents([content_of(document) for document in documents])
    one, other = Index(store, EMBEDDER), Index(fresh, EMBEDDER)
    same = store.counts() == fresh.counts() and all(one.search(q, 5) == other.search(q, 5) for q in QUESTIONS)
    fresh.close()
    store.close()
    return held if same else None


def upload_kills(killer: Killer, folder: Path, count: int, step: Step = lambda: None) -> Tally:
    """Uploads and removals: every document has its original, and what a kill leaves behind goes with the next one."""
    tally, generator, done = Tally(), random.Random(killer.seed), 0
    there: dict[str, str] = {}
    left = operations(killer.seed)
    for _ in range(count):
        killed = killer("uploads", folder, done, at=generator.randrange(4), after=generator.uniform(0, 1.5))
        held = None
        while done < killed.acknowledged:
            _follow(there, next(left))
            done += 1
        found = _uploaded(folder)
        if found == there:
            held = done
        elif killed.in_flight:
            _follow(there, next(left))
            done += 1
            held = done if found == there else None
        tally.count(killed, held)
        if held is None or not _swept(folder, there):
            tally.wrong += [] if held is None else [f"kill {tally.kills}: originals were left without a document"]
            return tally
        step()
    return tally


def _follow(there: dict[str, str], operation: Operation) -> None:
    name = f"{operation.document_id}.txt"
    if operation.what == "delete":
        del there[name]
    else:
        there[name] = uploaded_text(operation)


def _uploaded(folder: Path) -> dict[str, str] | None:
    """Name → text; None when a document's original is not what was indexed."""
    store = open_store(str(folder), create=MANIFEST)
    documents = store.documents()
    store.close()
    whole = all(source_state(document) == "same" for document in documents)
    return {document.path: document.text for document in documents} if whole else None


def _swept(folder: Path, there: dict[str, str]) -> bool:
    """Whether the next upload leaves no original that belongs to no document."""
    assert add_files([Upload(SWEEP, b"Sweep.")], folder).documents
    remove_document(upload_id(SWEEP), folder)
    index = open_index(folder)
    index.close()
    return len([path for path in (folder / FOLDER).rglob("*") if path.is_file()]) == len(there)


def naive_kills(killer: Killer, folder: Path, count: int, step: Step = lambda: None) -> Tally:
    """The control: the same kills on a JSON file that is written in place."""
    tally, generator = Tally(), random.Random(killer.seed)
    for number in range(count):
        place = folder / str(number)
        killed = killer("naive", place, 0, at=generator.randrange(6), after=generator.uniform(0, 1.5))
        states = States(killer.seed)
        try:
            found: State = {
                id_: (path, text) for id_, (path, text) in json.loads((place / "index.json").read_text()).items()
            }
        except (ValueError, FileNotFoundError):
            found = {"unreadable": ("", "")}
        counts = (killed.acknowledged, killed.acknowledged + 1)
        tally.count(killed, next((count for count in counts if states.after(count) == found), None))
        step()
    return tally
