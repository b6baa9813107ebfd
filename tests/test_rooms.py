"""What may import what, and what asking must not pay for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

ROOMS = {"index", "qa", "ui", "ui_assets", "eval", "bench", "train", "tests"}
MAY_IMPORT = {
    "index": set(),
    "qa": {"index"},
    "ui": {"index", "qa", "ui_assets"},
    "ui_assets": {"index", "qa"},
    "eval": {"index", "qa"},
    # A bench asks the cases' questions and loads the model that the shipped ones were made from.
    "bench": {"index", "qa", "eval", "train"},
    "train": {"index", "qa"},
}
HEAVY = ["torch", "transformers", "sentence_transformers", "gradio", "llama_index", "fastapi", "pandas", "lancedb"]


def sources(room: str) -> list[Path]:
    return [PROJECT / "ui.py"] if room == "ui" else sorted((PROJECT / room).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """The top-level packages that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_lies_below_them(room: str) -> None:
    for file in sources(room):
        above = (set(imported(file)) & ROOMS) - MAY_IMPORT[room] - {room}
        assert not above, f"{file.relative_to(PROJECT)} imports {above}"


def test_the_direction_test_can_fail(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("def f():\n    import ui\n    from eval.cases import load\n", encoding="utf-8")
    assert set(imported(file)) == {"ui", "eval"}


@pytest.mark.parametrize("forbidden", ["pickle", "marshal", "shelve", "dill"])
def test_nothing_is_unpickled(forbidden: str) -> None:
    for room in MAY_IMPORT:
        for file in sources(room):
            assert forbidden not in set(imported(file)), file


def loaded_by(code: str) -> set[str]:
    """The heavy packages that a fresh process has loaded after running `code`."""
    tail = f"\nimport sys, json\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code + tail], cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_qa_loads_nothing_heavy() -> None:
    assert loaded_by("import qa, index, qa.cli") == set()


def test_asking_loads_nothing_heavy(article_storage: Path) -> None:
    code = f"""
from click.testing import CliRunner
from qa.cli import main
asked = ["ask", "How long will the memorandum be in force?", "--storage", {str(article_storage)!r}]
result = CliRunner().invoke(main, asked)
assert result.exit_code == 0 and "six months" in result.stdout, result
"""
    assert loaded_by(code) == set()


def test_indexing_and_asking_from_nothing_loads_nothing_heavy_in_this_process(tmp_path: Path) -> None:
    code = f"""
from index import sync
from qa import open_assistant
sync(["seeds"], {str(tmp_path / "storage")!r})
assert open_assistant({str(tmp_path / "storage")!r}).ask("How long will the memorandum be in force?").answered
"""
    assert loaded_by(code) == set()
