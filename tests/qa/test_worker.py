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


def test_two_run_side_by_side_and_a_third_waits_for_one_of_them() -> None:
    worker, both, gate = Worker(waiting=1, beside=2), threading.Barrier(3), threading.Event()

    def meet() -> bool:
        both.wait(20)
        return gate.wait(20)

    running = [worker.submit(meet) for _ in range(2)]
    both.wait(20)
    third = worker.submit(lambda: "third")
    with pytest.raises(Overloaded):
        worker.submit(lambda: "too many")
    assert not third.done()
    gate.set()
    assert third.result(20) == "third"
    assert all(future.result(20) for future in running)
    worker.close()


def test_one_too_many_is_refused_and_a_finished_one_makes_room() -> None:
    worker, gate = Worker(waiting=1), threading.Event()
    running, waiting = worker.submit(gate.wait), worker.submit(lambda: "waited")
    with pytest.raises(Overloaded):
        worker.submit(lambda: "too many")
    gate.set()
    assert waiting.result(20) == "waited"
    assert running.result(20)
    assert worker.run(lambda: "room again") == "room again"
    worker.close()


def test_an_error_reaches_who_asked_and_the_worker_goes_on() -> None:
    worker = Worker(waiting=1)
    with pytest.raises(ZeroDivisionError):
        worker.run(lambda: 1 / 0)
    assert worker.run(lambda: 1) == 1
    worker.close()


def test_closing_finishes_what_runs_and_drops_what_waits() -> None:
    worker, begun, gate = Worker(waiting=1), threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        gate.wait(20)
        return "finished"

    running, waiting = worker.submit(work), worker.submit(lambda: "never")
    assert begun.wait(20)
    closing = threading.Thread(target=worker.close)
    closing.start()
    while not waiting.cancelled():
        threading.Event().wait(0.01)
    gate.set()
    closing.join(20)
    assert running.result(0) == "finished"
    with pytest.raises(Overloaded, match="stopping"):
        worker.submit(lambda: "too late")
