import codecs
import os
import subprocess
import sys
from pathlib import Path
from typing import IO
from unittest.mock import Mock

import pytest

import index.reading
from index.config import Settings
from index.errors import SourceUnreadable
from index.formats import Limits
from index.formats.__main__ import reply
from index.reading import SourceReader

TEXT = "Grüße 🙂"


def refused(reader: SourceReader, path: Path) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        reader.read(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), TEXT),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), TEXT),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), TEXT),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), TEXT),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), TEXT),
        (b"a\r\nb\rc\n\r\n", "a\nb\nc\n\n"),
        (codecs.BOM_UTF16_BE + "a\r\nb".encode("utf-16-be"), "a\nb"),
        ("a\u2028b\x85c\x0b\x0cd\ufeffe".encode(), "a\u2028b\x85c\x0b\x0cd\ufeffe"),
        (b" \n\tx ", " \n\tx "),
    ],
)
def test_the_canonical_text(source_reader: SourceReader, tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert source_reader.read(path).text == text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Gr\xfc\xdfe".encode("latin-1"), "byte 2 is not UTF-8"),
        (codecs.BOM_UTF8 + b"abc\xfc", "byte 6 is not UTF-8"),
        (b"a" * 300_000 + b"\xff" + b"b" * 9, "byte 300000 is not UTF-8"),
        (codecs.BOM_UTF8 + b"a" * 300_000 + b"\xff", "byte 300003 is not UTF-8"),
        (b"abc\xe2\x82", "byte 3 is not UTF-8"),
        (b"\xed\xa0\x80", "byte 0 is not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a\0b\0c", "byte 6 is not UTF-16"),
        (codecs.BOM_UTF16_LE + b"a\0" * 100_000 + b"\0\xd8a\0", "byte 200002 is not UTF-16"),
        (codecs.BOM_UTF32_LE + b"a\0\0\0b\0", "byte 8 is not UTF-32"),
        ("ab".encode("utf-16-le"), "a NUL at byte 1: this is no text, or UTF-16 without a byte-order mark"),
        ("ab".encode("utf-16-be"), "a NUL at byte 0"),
        (codecs.BOM_UTF8 + "ü\0".encode(), "a NUL at byte 5"),
        (codecs.BOM_UTF16_BE + "ab\0".encode("utf-16-be"), "a NUL at byte 6"),
        (codecs.BOM_UTF16_LE + "ab\0".encode("utf-16-le"), "a NUL at byte 6"),
        (codecs.BOM_UTF32_BE + "a\0".encode("utf-32-be"), "a NUL at byte 8"),
    ],
)
def test_what_is_no_text_is_refused_with_name_and_byte(
    source_reader: SourceReader, tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    message = refused(source_reader, path)
    assert message.startswith(f"{path}: {why}")
    assert "as UTF-8" in message


@pytest.mark.parametrize(
    "name", ["with space.txt", "q\"'.txt", "ünï🙂.txt", "line\nbreak.txt", "%*[x]?#~.txt", "$HOME.txt"]
)
def test_any_name_is_read(source_reader: SourceReader, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert source_reader.read(tmp_path / name).text == "x"


def test_a_name_that_is_no_text_is_read(source_reader: SourceReader, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/a\xff.txt"
    Path(os.fsdecode(path)).write_text("x")
    assert source_reader.read(Path(os.fsdecode(path))).text == "x"


def test_a_file_that_vanished_is_refused(source_reader: SourceReader, tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refused(source_reader, tmp_path / "a.txt")


def test_a_file_that_may_not_be_read_is_refused(source_reader: SourceReader, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "cannot be read (Permission denied)" in refused(source_reader, path)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 2_000_001)
    with SourceReader(Settings(max_file_mb=2)) as reader:
        message = refused(reader, path)
    assert message == (f"{path}: 2 MB is over the limit of 2 MB. Split the file or raise FOOTNOTE_MAX_FILE_MB.")


@pytest.fixture
def scripted_child(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The child runs the script that is put into the list last."""
    scripts: list[str] = []

    def started(said: IO[bytes]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", scripts[-1]]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True)

    monkeypatch.setattr(index.reading, "_started", started)
    return scripts


HANGS = """import time; input(); print('{"ready": true}', flush=True); time.sleep(600)"""
DIES = "import os; input(); os._exit(3)"
DIES_AT_ONCE = "raise SystemExit(3)"
OUT_OF_MEMORY = """import os, sys; input()
print("memory allocation of 99 bytes failed", *["at x"] * 900, sep="\\n", file=sys.stderr, flush=True); os.abort()"""
READS = (
    "input(); import json; "
    "print(json.dumps(dict(text='read', title=None, headings=[], pages=None)), flush=True); input()"
)


FAILED = "the program that reads such files failed on it (exit code 3), so it was left out."


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (HANGS, "reading it takes over 1 s."),
        (DIES, FAILED),
        (DIES_AT_ONCE, FAILED),
        (OUT_OF_MEMORY, "more memory than FOOTNOTE_READ_MEMORY_MB allows"),
    ],
)
def test_a_child_that_hangs_or_dies_costs_one_file_only(
    scripted_child: list[str], tmp_path: Path, script: str, why: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    with SourceReader(Settings(read_seconds=1)) as reader:
        scripted_child.append(script)
        assert why in refused(reader, path)
        scripted_child.append(READS)
        assert reader.read(path).text == "read"


def test_a_parser_that_panics_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a parser written in Rust raises then is no Exception, so that nothing catches it by accident."""
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    monkeypatch.setattr("index.formats.__main__.read_file", Mock(side_effect=panic("index out of bounds")))
    assert "its parser panicked" in reply(tmp_path / "a.xlsx", Limits())["error"]


def test_a_files_time_is_the_processors_and_each_file_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of so many rows takes several seconds of any processor; ten small files before it take it none."""
    monkeypatch.setenv("FOOTNOTE_READ_SECONDS", "1")
    slow = tmp_path / "slow.csv"
    slow.write_text("Name,Number\n" + "ä,b\n" * 2_000_000)
    with SourceReader() as reader:
        for number in range(10):
            (tmp_path / f"{number}.txt").write_text("x")
            assert reader.read(tmp_path / f"{number}.txt").text == "x"
        assert "reading it takes over 1 s. Split the file or raise FOOTNOTE_READ_SECONDS." in refused(reader, slow)
        assert reader.read(tmp_path / "0.txt").text == "x"


def test_closing_ends_the_child(scripted_child: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    scripted_child.append(READS)
    reader = SourceReader()
    reader.read(path)
    child = reader._child
    assert child is not None
    reader.close()
    assert child.poll() is not None
