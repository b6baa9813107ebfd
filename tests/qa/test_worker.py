from __future__ import annotations

import threading

import pytest

from index.errors import Overloaded
from qa.worker import Worker


def test_calls_run_one_after_another_on_one_thread() -> None:
    worker = Worker(waiting=10)
    names = [worker.submit(lambda: threading.current_thread().name) for _ in range(5)]
    assert len({future.result() for future in names}) == 1
    worker.close()


def test_one_too_many_is_refused_and_a_finished_one_makes_room() -> None:
    worker, gate = Worker(waiting=1), threading.Event()
    running, waiting = worker.submit(gate.wait), worker.submit(lambda: "waited")
    with pytest.raises(Overloaded):
        worker.submit(lambda: "too many")
    gate.set()
    assert waiting.result(5) == "waited"
    assert running.result(5)
    assert worker.run(lambda: "room again") == "room again"
    worker.close()


def test_an_error_reaches_who_asked_and_the_worker_goes_on() -> None:
    worker = Worker(waiting=1)
    with pytest.raises(ZeroDivisionError):
        worker.run(lambda: 1 / 0)
    assert worker.run(lambda: 1) == 1
    worker.close()
