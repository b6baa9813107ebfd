"""Requests that nobody would think of: Schemathesis over the whole schema, traversal forms against every path
parameter, and bodies that are no bodies. Short here; `make hardening` runs them long."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.qa.api.conftest import Serve, tells_nothing

EXAMPLES = int(os.environ.get("FOOTNOTE_EXAMPLES", "4"))
"""An operation."""
SEED = os.environ.get("FOOTNOTE_SEED", "1")


# What is beyond a schema: that the last message is a user's and no blank, that a cursor is one that was given.
CONFIG = """
[[operations]]
include-path = "/v1/chat/completions"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-path = "/api/documents"
checks.positive_data_acceptance.enabled = false
"""


@pytest.mark.timeout(600 if EXAMPLES <= 4 else 0)
def test_every_operation_keeps_to_its_schema(fuzzed: Callable[[], FastAPI], serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    with serve(fuzzed()) as address:
        done = subprocess.run(
            [
                *[sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"],
                *["--mode", "all", "--max-examples", str(EXAMPLES), "--seed", SEED],
                *["--suppress-health-check", "all", "--request-timeout", "120", "--no-color"],
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    operations = sum(map(len, fuzzed().openapi()["paths"].values()))
    assert f"Tested: {operations}" in done.stdout


TRAVERSALS = [
    form
    for target in ("etc/passwd", "index.sqlite", "feedback.jsonl", "proc/self/environ", "windows/win.ini")
    for form in (
        f"../../../../{target}",
        f"..%2f..%2f..%2f..%2f{target.replace('/', '%2f')}",
        f"%2e%2e%2f%2e%2e%2f{target}",
        f"..%252f..%252f{target}",
        f"....//....//{target}",
        f"..\\..\\{target}",
        f"..%5c..%5c{target}",
        f"%c0%ae%c0%ae%c0%af{target}",
        f"/{target}",
        f"file:///{target}",
        f"{target}%00.txt",
        f"~/{target}",
    )
]


@pytest.mark.parametrize("form", TRAVERSALS)
def test_no_path_parameter_leads_out(fuzzed_client: TestClient, form: str) -> None:
    assert len(TRAVERSALS) == 60
    for path in fuzzed_client.app.openapi()["paths"]:  # type: ignore[attr-defined]
        if "{" in path:
            reply = fuzzed_client.get(re.sub(r"\{[^}]*\}", lambda _: form, path))
            assert reply.status_code in (404, 405, 422), path
            assert "root:" not in reply.text
            tells_nothing(reply.text)


BODIES = [
    b"",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b"\x00" * 100,
    b'{"question": NaN}',
    b'{"question": "a", "history": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"question": "' + b"a" * 100_000 + b'"}',
    b'{"question": "\\u0000\\ud83d"}',
    b'{"question": "Who?", "documents": ["' + b"a" * 10_000 + b'"]}',
    b'{"question": "Who?", "documents": ["x\' OR 1=1 --"]}',
    b'{"question": "Who?", "strictness": 1e400}',
    b'{"question": "Who?", "k": 1.5}',
    b'{"question": "Who?", "question": "Who else?"}',
    '{"question": "‮⁦ \U000e0001 \U0001f98a"}'.encode(),
]


@pytest.mark.parametrize(
    "path", ["/api/ask", "/api/ask/stream", "/api/search", "/api/feedback", "/v1/chat/completions"]
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_no_body_makes_a_server_error(fuzzed_client: TestClient, path: str, kind: str) -> None:
    for body in BODIES:
        reply = fuzzed_client.post(path, content=body, headers={"Content-Type": kind})
        assert reply.status_code < 500, body[:60]
        tells_nothing(reply.text)


@pytest.mark.parametrize(
    ("k", "status"), [(2.0, 200), (2, 200), (2.5, 422), ("2", 422), (True, 422), (51.0, 422), (float("inf"), 422)]
)
def test_a_whole_number_is_one_however_it_is_written(fuzzed_client: TestClient, k: object, status: int) -> None:
    body = json.dumps({"question": "How long is tea steeped?", "k": k})
    reply = fuzzed_client.post("/api/search", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == status
    assert status != 200 or len(reply.json()["hits"]) == 2


def test_a_stack_trace_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        tells_nothing('Traceback (most recent call last):\n  File "x.py"')
