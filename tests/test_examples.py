"""The examples run as their files say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.qa.llm.server import Turn, serving


def run(name: str, *arguments: str, cwd: Path) -> str:
    """What the example prints, run where an index may be made and seeds/ is found."""
    (cwd / "seeds").symlink_to(PROJECT / "seeds")
    command = [sys.executable, str(PROJECT / "examples" / name), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("llamaindex_retriever.py", "Fourth round of Astana talks"),
        ("llamaindex_query_engine.py", "six months\n  [1] “The memorandum will be in force"),
        ("llamaindex_chat_engine.py", "read as: Why did the armed opposition suspend its participation in the talks?"),
        ("llamaindex_agent.py", "six months [1]\n[1] “The memorandum will be in force"),
    ],
)
def test_an_example_runs(name: str, says: str, tmp_path: Path) -> None:
    assert says in run(name, cwd=tmp_path)


def test_an_agent_uses_the_tool(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.llms.openai_like")
    thinks = (
        "Thought: I need the sources.\nAction: ask_sources\n"
        'Action Input: {"question": "How long will the memorandum be in force?"}'
    )

    def concludes(prompt: str) -> str:
        assert "six months [1]" in prompt
        return "Thought: I can answer.\nAnswer: Six months."

    with serving(Turn(thinks), Turn(concludes)) as server:
        told = run("llamaindex_agent.py", "--llm", server.spec("openai-like"), cwd=tmp_path)
    assert "Six months." in told
    assert len(server.requests) == 2
