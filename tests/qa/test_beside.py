"""Questions that are answered side by side, and indexing beside them."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bench.warm import questions
from index.background import NICENESS, give_way
from qa import Assistant
from qa.worker import Worker


def said(assistant: Assistant, question: str) -> dict[str, Any]:
    return {**assistant.ask(question).to_dict(), "timings_ms": None}


def test_answers_given_side_by_side_are_those_given_alone(assistant: Assistant) -> None:
    asked = questions()[::8]
    alone = [said(assistant, question) for question in asked]
    with ThreadPoolExecutor(4) as beside:
        assert list(beside.map(lambda question: said(assistant, question), asked * 2)) == alone * 2


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
def test_what_changes_the_index_gives_way_and_questions_do_not() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    changes, asking = Worker.for_changes(), Worker.for_questions()
    assert changes.run(niceness) == max(niceness(), NICENESS)
    assert asking.run(niceness) == niceness()
    changes.close()
    asking.close()


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
def test_giving_way_is_for_the_thread_and_what_it_starts() -> None:
    seen: list[int] = []

    def begin() -> None:
        give_way()
        inner = threading.Thread(target=lambda: seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
        inner.start()
        inner.join()

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    outer = threading.Thread(target=begin)
    outer.start()
    outer.join()
    assert seen == [max(before, NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
