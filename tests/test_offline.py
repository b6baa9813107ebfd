"""Nothing phones home: no look-up, no connection, though a key for somebody else's service lies about."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = {**os.environ, "OPENAI_API_KEY": "sk-not-a-key", "PYTHONUNBUFFERED": "1"}
ASK = [sys.executable, "-m", "qa.cli", "ask", "How long will the memorandum be in force?", "--json"]

SERVE = """
import sys, threading, time, httpx, uvicorn
from qa import open_assistant
from qa.api import create_app
app = create_app(open_assistant(sys.argv[1]))
server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=7860, log_level="critical"))
threading.Thread(target=server.run).start()
while not server.started: time.sleep(0.1)
page = httpx.get("http://127.0.0.1:7860/").text
told = httpx.post("http://127.0.0.1:7860/api/ask", json={"question": sys.argv[2]}, timeout=60).json()
server.should_exit = True
print(len(page) > 1000, told["answer"])
"""


def without_network(command: list[str]) -> list[str]:
    """The command in a network namespace of its own that has nothing but loopback."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this machine makes no network namespaces")
    return ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


def connections(log: Path) -> list[str]:
    """The addresses of internet families, loopback aside, that a traced command sent anything to."""
    found = re.findall(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"', log.read_text(errors="replace"))
    return [address for address in found if not address.startswith("127.") and address != "::1"]


def test_an_answer_needs_no_network(article_storage: Path) -> None:
    command = without_network([*ASK, "--storage", str(article_storage)])
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert json.loads(done.stdout)["answer"] == "six months", done.stderr


def test_an_answer_leaves_nothing_in_the_home(article_storage: Path, tmp_path: Path) -> None:
    """onnxruntime's wheels keep an identifier and a queue of reports there unless they are told not to."""
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
    command = [*ASK, "--storage", str(article_storage)]
    subprocess.run(command, env={**ENVIRONMENT, **homes}, capture_output=True, check=True)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.slow
def test_the_server_needs_no_network(article_storage: Path) -> None:
    command = without_network([sys.executable, "-c", SERVE, str(article_storage), ASK[4]])
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout.strip() == "True six months", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", [ASK, [sys.executable, "-c", SERVE]], ids=["ask", "serve"])
def test_nothing_outside_is_even_tried(command: list[str], article_storage: Path, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace on this machine")
    rest = ["--storage", str(article_storage)] if command is ASK else [str(article_storage), ASK[4]]
    traced = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(tmp_path / "log")]
    done = subprocess.run([*without_network([]), *traced, *command, *rest], env=ENVIRONMENT, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert connections(tmp_path / "log") == []


def test_a_connection_would_be_seen(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        'connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = -1\n'
        'connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, 16) = 0\n'
        'sendto(4, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), '
        'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 1\n'
    )
    assert connections(log) == ["192.0.2.1", "2001:db8::1"]
