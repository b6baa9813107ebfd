"""From wheels to an answer on a machine that reaches nothing, with a key for somebody else's service lying about."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.test_offline import ENVIRONMENT, connections, without_network

QUESTION = "How long will the memorandum be in force?"


@pytest.mark.slow
def test_wheels_are_all_that_an_answer_needs(tmp_path: Path) -> None:
    """Only gathering the wheels reaches an index of packages. Then: a namespace without egress, a fresh environment in
    an empty home, every connection and look-up traced."""
    wheels, home, log = tmp_path / "wheels", tmp_path / "home", tmp_path / "log"
    home.mkdir()
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".venv*", ".git", "storage*", "*.egg-info", "build", "eval-out*", "runs")
    shutil.copytree(PROJECT, source, ignore=ignored)
    gathered = [sys.executable, "-m", "pip", "wheel", "-q", "-c", "constraints.txt", "-w", str(wheels), "."]
    subprocess.run(gathered, cwd=source, check=True)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    environment = {**ENVIRONMENT, "HOME": str(home), "PIP_CONFIG_FILE": "/dev/null", "PYTHONPATH": ""}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        environment.pop(name, None)
    install = [str(venv / "bin" / "pip"), "install", "-q", "--no-index", "--find-links", str(wheels), "footnote"]
    # In a home of its own: pip asks rustc for its version, and rustup keeps settings there.
    subprocess.run(without_network(install), env={**environment, "HOME": str(tmp_path)}, check=True)
    ask = [str(venv / "bin" / "qa"), "ask", QUESTION, "--json", "--storage", str(tmp_path / "storage")]
    traced = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log)]
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine")
    done = subprocess.run(without_network([*traced, *ask]), cwd=home, env=environment, capture_output=True, text=True)
    assert json.loads(done.stdout)["answer"] == "six months", done.stderr
    assert connections(log) == []
    assert [path for path in home.rglob("*") if path.is_file()] == []
