from pathlib import Path

import pytest

from index.errors import FootnoteError
from index.store import open_store
from index.store.rows import FILE_NAME
from tests.crash.flips import flips, made

TEXT = "The silver bridge stands over the winter river, and nobody knows who built it."


def test_a_flipped_bit_is_an_error_or_changes_no_text(tmp_path: Path) -> None:
    outcomes = flips(tmp_path, 25)
    assert outcomes["wrong"] == 0
    assert outcomes["error"] > 0
    assert outcomes["error"] + outcomes["right"] == 25


def test_the_control_a_store_without_checksums_gives_wrong_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all checksums taken for right, a change in the text is not noticed: the test above can fail."""
    made(tmp_path / "index", TEXT)
    file = tmp_path / "index" / FILE_NAME
    content = file.read_bytes()
    flipped = content.replace(TEXT.encode(), f"#{TEXT[1:]}".encode())
    assert flipped != content
    file.write_bytes(flipped)
    with pytest.raises(FootnoteError, match="checksum"):
        open_store(str(tmp_path / "index")).documents()
    monkeypatch.setattr("index.store.rows.checksum", lambda *values: Anything())
    (document,) = open_store(str(tmp_path / "index")).documents()
    assert document.text != TEXT


class Anything:
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]
