"""An index that is open in a process of its own (`bench.scale.side`), and what was measured of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bench.scale.corpus import replacement
from index.store import open_store

Figures = dict[str, list[float]]


@dataclass
class Asked:
    engine: str
    passages: int
    uri: str
    questions: Path
    built: Mapping[str, float]
    process: subprocess.Popen[str] | None = None
    taken: Figures = field(default_factory=dict)
    """Name of a measure → what each run gave: seconds, MB or shares."""

    def open(self) -> None:
        """Start the process; it opens the index and answers its first question."""
        command = [sys.executable, "-m", "bench.scale.side", self.uri, str(self.questions)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name, value in self._reply().items():
            self.add(name, [value])

    def ask(self, do: str, **what: object) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self.process.stdin.flush()
        return self._reply()

    def add(self, name: str, values: Sequence[float]) -> None:
        self.taken.setdefault(name, []).extend(values)

    def replace(self, numbers: Mapping[int, int]) -> None:
        """Replace documents from this process, each number → the question about what is new in it; the other process is
        asked at once and has to find it first. Then the old document is put back."""
        store = open_store(self.uri)
        try:
            for number, question in numbers.items():
                new, old = replacement(number), replacement(number, back=True)
                new_ids = {passage.id for passage in new[1]}
                if self._found(question) & new_ids:
                    raise click.ClickException(f"{self.uri} holds what is only now written to it. Build it anew.")
                begun = perf_counter()
                store.replace_documents([new])
                self.add("replace", [perf_counter() - begun])
                after = self.ask("search", numbers=[question], where="everywhere")
                self.add("answer after a replacement", after["seconds"])
                self.add("visible", [float(after["found"][0][0] in new_ids)])
                store.replace_documents([old])
        finally:
            store.close()

    def _found(self, question: int) -> set[str]:
        return set(self.ask("search", numbers=[question], where="everywhere")["found"][0])

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None

    def _reply(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise click.ClickException(f"The process that asks {self.uri} ended with {self.process.wait()}.")
        reply: dict[str, Any] = json.loads(line)
        return reply
