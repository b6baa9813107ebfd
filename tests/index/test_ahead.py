"""Items are read and made ahead of who asks for them, in groups, in order, and never many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from index.ahead import AHEAD, Ahead
from index.config import load_settings

SECONDS = 60


def nothing() -> None:
    raise AssertionError("it was not to be stopped")


def one(_: object) -> int:
    return 1


def same_item(item: int) -> int:
    return item


def taken(steps: Ahead[int, int, list[int]]) -> list[list[int]]:
    groups = []
    while made := steps.next():
        groups += made
    return groups


def same(group: list[int]) -> list[int]:
    return group


def test_groups_come_in_their_order_whatever_takes_longest() -> None:
    last_made = threading.Event()

    def make(group: list[int]) -> list[int]:
        if 0 in group:
            assert last_made.wait(SECONDS)  # the first is made after the second
        else:
            last_made.set()
        return group

    with Ahead([0, 1, 2, 3], same_item, one, make, nothing, enough=2) as steps:
        assert taken(steps) == [[0, 1], [2, 3]]
        assert steps.next() == []


def test_a_group_ends_with_the_item_that_makes_it_heavy_enough() -> None:
    with Ahead([1, 2, 9, 4, 1, 1], same_item, same_item, same, nothing, enough=5) as steps:
        assert taken(steps) == [[1, 2, 9], [4, 1], [1]]


@pytest.mark.parametrize("readers", [1, 3])
def test_items_are_read_side_by_side_and_come_in_order(readers: int) -> None:
    together = threading.Barrier(readers)

    def read(item: int) -> int:
        together.wait(SECONDS)  # none is read before all these are being read
        return item

    with Ahead(range(9), read, one, same, nothing, enough=4, readers=readers) as steps:
        assert [item for group in taken(steps) for item in group] == list(range(9))


@pytest.mark.parametrize("failing", ["read", "make"])
def test_what_fails_fails_in_its_turn(failing: str) -> None:
    def broken(item: int) -> int:
        return 10 // item

    def make(group: list[int]) -> list[int]:
        return [broken(item) for item in group]

    reads: Callable[[int], int] = broken if failing == "read" else same_item
    with Ahead([5, 0], reads, one, make if failing == "make" else same, nothing, enough=1) as steps:
        assert steps.next() == [[2]]
        with pytest.raises(ZeroDivisionError):
            steps.next()


def test_groups_that_are_ready_come_together() -> None:
    made = threading.Semaphore(0)

    def make(group: list[int]) -> list[int]:
        made.release()
        return group

    with Ahead(range(2), same_item, one, make, nothing, enough=1) as steps:
        for _ in range(2):
            assert made.acquire(timeout=SECONDS)
        time.sleep(0.5)  # both are ready now
        assert steps.next() == [[0], [1]]


def test_what_waits_is_bounded_however_many_items_there_are() -> None:
    read: list[int] = []
    threads, readers, enough = load_settings().inference_threads, 3, 10
    bound = enough * (AHEAD * threads + 2) + readers + 1

    def reads(item: int) -> int:
        read.append(item)
        return item

    with Ahead(range(100 * bound), reads, one, same, nothing, enough=enough, readers=readers) as steps:
        took = 0
        for _ in range(3):
            took += sum(map(len, steps.next()))
            _until_still(read)
            assert took < len(read) <= took + bound


def _until_still(read: list[int]) -> None:
    before = -1
    while before != len(read):
        before = len(read)
        time.sleep(0.3)


def test_an_error_ends_what_is_being_read() -> None:
    stopped = threading.Event()

    def read(item: int) -> int:
        if item:
            assert stopped.wait(SECONDS)
        return item

    def interrupted() -> None:
        with Ahead([0, 1, 2], read, one, same, stopped.set, enough=1) as steps:
            assert steps.next() == [[0]]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stopped.is_set()
