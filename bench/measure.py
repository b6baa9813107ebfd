"""Jobs measured in turns, and the table that is made of it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import click

RESULTS = Path(__file__).parent / "results"
Seconds = list[float]


def in_turns(jobs: Mapping[str, Callable[[], object]], rounds: int, label: str = "") -> dict[str, Seconds]:
    """Run every job once a round, each round beginning with another; the seconds of each run by job.

    A round before the first is not counted: it fills caches and pages files in.
    """
    names = list(jobs)
    taken: dict[str, Seconds] = {name: [] for name in names}
    with click.progressbar(range(-1, rounds), label=label, file=sys.stderr) as shown:
        for turn in shown:
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                begun = perf_counter()
                jobs[name]()
                if turn >= 0:
                    taken[name].append(perf_counter() - begun)
    return taken


def p50(seconds: Sequence[float]) -> float:
    return statistics.median(seconds)


def p95(seconds: Sequence[float]) -> float:
    """The nearest rank: of 20 runs, the 19th."""
    return sorted(seconds)[max(0, -(-95 * len(seconds) // 100) - 1)]


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the others are right-aligned."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *[[str(cell) for cell in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ratio(slower: Sequence[float], faster: Sequence[float]) -> float:
    """The median of the rounds' ratios: both were measured in turns, so that what slows the machine slows both."""
    return statistics.median(a / b for a, b in zip(slower, faster, strict=True))


def summary(taken: Mapping[str, Seconds]) -> dict[str, dict[str, float]]:
    """By job, for the results' file: milliseconds."""
    return {
        name: {"p50_ms": p50(seconds) * 1000, "p95_ms": p95(seconds) * 1000, "runs": len(seconds)}
        for name, seconds in taken.items()
    }


def write(name: str, command: str, told: str, results: Mapping[str, Any]) -> None:
    """Print the machine and `told`; keep `results` as bench/results/NAME.json with command, day and machine."""
    described = machine()
    click.echo(f"{', '.join(str(value) for value in described.values())}\n\n{told}")
    kept = {
        "command": command,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": described,
        "results": _rounded(results),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> dict[str, str]:
    """What the figures hang on, and nothing that names this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": f"{os.cpu_count()} cores of {_processor()}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"Python {platform.python_version()}",
        "onnxruntime": f"onnxruntime {version('onnxruntime')}",
    }


def _rounded(value: Any) -> Any:
    """Four significant digits."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def _processor() -> str:
    """Its name, and which of the instructions that int8 products profit from it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    told = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    flags = told.get("flags", "").split()
    wide = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if name in flags]
    return f"{told.get('model name', platform.machine()).strip()} ({', '.join(wide)})" if wide else platform.machine()
