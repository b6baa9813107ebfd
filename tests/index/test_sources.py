import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import NoSources, SourceMissing, SourceUnreadable
from index.reading import SourceReader
from index.sources import document_id, file_digest, find_sources, is_gone, load_document, shown_path, source_state
from tests.index.conftest import make_document

Folder = Callable[..., Path]


def names(*paths: Path | str) -> list[str]:
    return [path.name for path in find_sources(paths)]


def test_a_folders_text_and_markdown_files_are_found_in_order(folder: Folder) -> None:
    root = folder({"b.txt": "", "a.md": "", "c.TEXT": "", "d.markdown": "", "sub/e.txt": "", "x.exe": "", "y": ""})
    assert names(root) == ["a.md", "b.txt", "c.TEXT", "d.markdown", "e.txt"]
    assert all(path.is_absolute() for path in find_sources([root]))


def test_hidden_files_and_folders_are_left_out(folder: Folder) -> None:
    assert names(folder({"a.txt": "", ".b.txt": "", ".git/c.txt": "", "sub/.d.txt": ""})) == ["a.txt"]


def test_footnoteignore_leaves_out_what_it_names(folder: Folder) -> None:
    files = {"a.txt": "", "b.md": "", "drafts/c.txt": "", "keep/c.md": "", "keep/d.txt": ""}
    root = folder({**files, ".footnoteignore": "# a comment\n*.md\n!keep/*.md\ndrafts/\n"})
    assert names(root) == ["a.txt", "c.md", "d.txt"]


def test_footnoteignore_may_begin_with_a_byte_order_mark(folder: Folder) -> None:
    assert names(folder({"a.txt": "", "b.txt": "", ".footnoteignore": b"\xef\xbb\xbfa.txt\r\n"})) == ["b.txt"]


@pytest.mark.parametrize("content", [b"\xff\n", b"!\n"])
def test_a_footnoteignore_that_is_no_text_or_no_pattern_is_an_error(folder: Folder, content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match=r"\.footnoteignore: cannot be used .* Write it in gitignore's syntax"):
        find_sources([folder({"a.txt": "", ".footnoteignore": content})])


def test_the_same_file_given_twice_is_found_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"a.txt": ""})
    (root / "link.txt").symlink_to(root / "a.txt")
    monkeypatch.chdir(root)
    assert names(root, "a.txt", root / ".." / "sources" / "a.txt") == ["a.txt"]


def test_a_folder_called_like_a_file_is_a_folder(folder: Folder) -> None:
    assert names(folder({"x.txt/a.txt": ""})) == ["a.txt"]


def test_a_link_to_a_file_without_a_suffix_is_read_as_its_own_name_says(
    folder: Folder, source_reader: SourceReader
) -> None:
    root = folder({"blob": "The content."})
    (root / "notes.txt").symlink_to(root / "blob")
    (found,) = find_sources([root])
    assert found == root.resolve() / "notes.txt"
    assert load_document(found, source_reader).text == "The content."


def test_links_that_lead_nowhere_are_left_out(folder: Folder) -> None:
    root = folder({"a.txt": ""})
    (root / "loop.txt").symlink_to(root / "loop.txt")
    (root / "broken.txt").symlink_to(root / "nothing")
    (root / "round").symlink_to(root)
    assert names(root) == ["a.txt"]
    for name in ("loop.txt", "broken.txt"):
        with pytest.raises(SourceMissing):
            find_sources([root / name])


def test_a_pipe_socket_or_device_is_no_source(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"a.txt": ""})
    os.mkfifo(root / "pipe.txt")
    (root / "zero.txt").symlink_to("/dev/zero")
    monkeypatch.chdir(root)  # a socket's path may have no more than 108 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.txt")
        assert names(root) == ["a.txt"]
        for name in ("pipe.txt", "zero.txt", "socket.txt"):
            with pytest.raises(SourceUnreadable, match="no regular file"):
                find_sources([root / name])


@pytest.mark.parametrize("path", ["nowhere", "nowhere/a.txt", "x" * 300, "a\0b", "a.txt/b"])
def test_a_path_where_there_is_nothing_is_missing(path: str, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder({"a.txt": ""}))
    with pytest.raises(SourceMissing, match=r"There is no file or folder .* Check the path\."):
        find_sources([path])


def test_a_file_of_another_kind_is_refused_with_the_kinds_that_are_read(folder: Folder) -> None:
    with pytest.raises(SourceUnreadable, match=r"x\.exe: files of this kind are not read\. Readable: \.txt, "):
        find_sources([folder({"x.exe": ""}) / "x.exe"])


@pytest.mark.parametrize("files", [{}, {"x.exe": ""}, {".a.txt": ""}])
def test_a_folder_without_sources_is_an_error(folder: Folder, files: dict[str, str]) -> None:
    root = folder(files)
    with pytest.raises(NoSources, match=f"No readable file in {root}. Put a .txt"):
        find_sources([root])
    with pytest.raises(NoSources, match="no path"):
        find_sources([])


def deny(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Looking at a path that ends in `name` is not permitted (root, as tests may run, is permitted everything)."""
    stat = Path.stat

    def denied(path: Path, **options: bool) -> os.stat_result:
        if path.name == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", denied)


def test_a_path_that_may_not_be_looked_at_is_refused_and_not_gone(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": "", "b.txt": ""})
    deny(monkeypatch, "a.txt")
    with pytest.raises(SourceUnreadable, match=r"a\.txt: cannot be read \(Permission denied\)"):
        find_sources([root / "a.txt"])
    assert [is_gone(root / name) for name in ("a.txt", "b.txt", "c.txt")] == [False, False, True]


def test_a_document_has_its_headline_and_its_place(
    folder: Folder, source_reader: SourceReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": "The headline\n\nAnd the body.\n", "b.txt": "only a body."})
    monkeypatch.chdir(root)
    document = load_document(root / "a.txt", source_reader)
    assert (document.title, document.path, document.location) == ("The headline", "a.txt", str(root / "a.txt"))
    assert document.text == "The headline\n\nAnd the body.\n"
    assert document.sha256 == file_digest(root / "a.txt")
    assert document.id == document_id("a.txt")
    assert load_document(root / "b.txt", source_reader).title == "b"


@pytest.mark.parametrize("content", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_a_file_without_text_is_refused(folder: Folder, source_reader: SourceReader, content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match=r"a\.txt: the file has no text\."):
        load_document(folder({"a.txt": content}) / "a.txt", source_reader)


def test_a_name_that_is_no_text_is_shown_as_text(folder: Folder, source_reader: SourceReader) -> None:
    path = folder({}) / os.fsdecode(b"a\xff.txt")
    path.write_text("only a body.")
    document = load_document(path, source_reader)
    assert document.title == "a\ufffd"
    assert document.path.endswith("a\ufffd.txt")
    assert Path(document.location) == path


def test_a_path_is_shown_from_the_current_folder(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"sub/a.txt": ""})
    monkeypatch.chdir(root)
    assert shown_path(root / "sub" / "a.txt") == "sub/a.txt"
    monkeypatch.chdir(root / "sub")
    assert shown_path(root / "b.txt") == str(root / "b.txt")


def test_a_source_is_the_same_changed_or_missing(folder: Folder) -> None:
    path = folder({"a.txt": "one"}) / "a.txt"
    document = make_document("one", location=str(path))
    assert source_state(document) == "changed"
    path.write_text("")
    empty = make_document("", location=str(path))
    assert source_state(empty) == "changed"
    path.unlink()
    assert source_state(document) == "missing"
