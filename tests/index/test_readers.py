from pathlib import Path
from threading import Barrier, Thread
from typing import cast

from index.config import load_settings
from index.formats import Reading
from index.readers import FILES_A_READER, SourceReaders, how_many
from index.reading import SourceReader

SECONDS = 60


class Meeting:
    """A reader that reads only while another does."""

    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier
        self.stopped = False

    def read(self, path: Path) -> Reading:
        self._barrier.wait(SECONDS)
        return Reading(path.name)

    def stop(self) -> None:
        self.stopped = True

    def __exit__(self, *_: object) -> None:
        pass


def meeting(count: int) -> tuple[SourceReaders, list[Meeting]]:
    barrier = Barrier(count)
    fakes = [Meeting(barrier) for _ in range(count)]
    return SourceReaders([cast(SourceReader, fake) for fake in fakes]), fakes


def test_as_many_files_are_read_side_by_side_as_there_are_readers() -> None:
    readers, _ = meeting(3)
    texts: dict[str, str] = {}

    def read(name: str) -> None:
        texts[name] = readers.read(Path(name)).text

    threads = [Thread(target=read, args=(name,)) for name in ("a", "b", "c")]
    with readers:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
    assert texts == {"a": "a", "b": "b", "c": "c"}


def test_stopping_stops_all() -> None:
    readers, fakes = meeting(2)
    readers.stop()
    assert [fake.stopped for fake in fakes] == [True, True]


def test_a_few_files_are_worth_one_process_and_many_one_a_thread() -> None:
    assert how_many(1) == how_many(FILES_A_READER - 1) == 1
    assert how_many(100 * FILES_A_READER) == load_settings().inference_threads
