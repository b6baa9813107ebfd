"""Items are read one after the other and made side by side, ahead of who asks for them."""

from __future__ import annotations

import threading

import pytest

from index.ahead import AHEAD, Ahead
from index.config import load_settings

SECONDS = 60


def nothing() -> None:
    raise AssertionError("it was not to be stopped")


def test_they_come_in_their_order_whatever_takes_longest() -> None:
    last_made = threading.Event()

    def make(item: int) -> int:
        if item == 0:
            assert last_made.wait(SECONDS)  # the first is made after the second
        else:
            last_made.set()
        return item * 10

    with Ahead([0, 1, 2], lambda item: item, make, nothing) as steps:
        assert [steps.next(), steps.next(), steps.next()] == [0, 10, 20]
        with pytest.raises(StopIteration):
            steps.next()


def test_what_fails_fails_in_its_turn_and_the_others_come() -> None:
    with Ahead([1, 0, 2], lambda item: 10 // item, lambda read: read, nothing) as steps:
        assert steps.next() == 10
        with pytest.raises(ZeroDivisionError):
            steps.next()
        assert steps.next() == 5


def test_only_a_few_are_read_ahead() -> None:
    read: list[int] = []
    with Ahead(range(1000), read.append, lambda _: None, nothing) as steps:
        steps.next()
    assert len(read) <= AHEAD * load_settings().inference_threads + 1


def test_an_error_ends_what_is_being_read() -> None:
    stopped = threading.Event()

    def read(item: int) -> int:
        if item:
            assert stopped.wait(SECONDS)
        return item

    def interrupted() -> None:
        with Ahead([0, 1, 2], read, lambda item: item, stopped.set) as steps:
            assert steps.next() == 0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stopped.is_set()
