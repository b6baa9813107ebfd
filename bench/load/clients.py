"""Clients that ask, and compare every answer with the one that a single client was given."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

import aiohttp
import click
import httpx

from bench.measure import p50, p95, table
from bench.warm import questions

PATIENCE = 300
"""Seconds; a client waits longer than any promise, so that what is slow is measured and not cut off."""

Serial = dict[str, list[dict[str, Any]]]
"""Question → what a single client is told, for each state that the index goes through."""


@dataclass
class Seen:
    """What clients got: seconds of the answers and of the refusals, what came back by status, what was wrong."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def said(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer claims. Times differ from run to run; scores and what came near, with what else is indexed."""
    return {name: answer[name] for name in ("standalone_question", "answered", "answer", "citations", "sentences")}


async def one_by_one(address: str) -> tuple[Serial, Seen]:
    """Every fourth question once, by a single client."""
    serial: Serial = {}
    seen, began = Seen(), monotonic()
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:
        for question in questions()[::4]:
            begun = perf_counter()
            reply = (await http.post("/api/ask", json={"question": question})).raise_for_status()
            seen.answered.append(perf_counter() - begun)
            serial[question] = [said(reply.json())] if "citations" in reply.json() else []
    seen.seconds = monotonic() - began
    return serial, seen


def merged(*states: Serial) -> Serial:
    """What may be said while the index goes through several states."""
    return {question: [told for state in states for told in state[question]] for question in states[0]}


async def crowd(address: str, serial: Serial, clients: int, seconds: float, think: tuple[float, float]) -> Seen:
    """So many clients that ask, think and ask again. An empty list in `serial` accepts whatever is said."""
    seen, began = Seen(), monotonic()
    # Not httpx: with 200 connections its pool, not the server, is what is measured.
    connector, patience = aiohttp.TCPConnector(limit=clients), aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(address, connector=connector, timeout=patience) as http:
        await asyncio.gather(*(_client(http, serial, began + seconds, think, seen) for _ in range(clients)))
    seen.seconds = monotonic() - began
    return seen


async def _client(
    http: aiohttp.ClientSession, serial: Serial, until: float, think: tuple[float, float], seen: Seen
) -> None:
    asked = list(serial)
    await asyncio.sleep(random.uniform(*think))  # people do not begin all at once
    while monotonic() < until:
        await ask(http, serial, random.choice(asked), seen)
        if think[1]:
            await asyncio.sleep(random.uniform(*think))


async def ask(http: aiohttp.ClientSession, serial: Serial, question: str, seen: Seen) -> None:
    begun = perf_counter()
    try:
        async with http.post("/api/ask", json={"question": question}) as reply:
            told = await reply.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError) as exc:
        seen.statuses[type(exc).__name__] += 1
        return
    took = perf_counter() - begun
    seen.statuses[str(reply.status)] += 1
    if reply.status == 200:
        seen.answered.append(took)
        if serial[question] and said(told) not in serial[question]:
            seen.wrong.append(question)
    elif reply.status == 429:
        seen.refused.append(took)
        if not reply.headers.get("retry-after"):
            seen.wrong.append("a 429 without Retry-After")


def shown(runs: Mapping[str, Seen]) -> str:
    """A table of the runs."""
    rows = [
        [name, one["answers"], f"{one['a_second']:.1f}", f"{one['p50_ms']:.0f}", f"{one['p95_ms']:.0f}", one["refused"]]
        for name, one in figures(runs).items()
    ]
    return table(["", "answers", "a second", "p50 ms", "p95 ms", "refused (429)"], rows)


@dataclass(frozen=True)
class Outcome:
    """What was seen, in words and in figures, and what of it is not as promised."""

    told: str
    results: dict[str, Any]
    failed: list[str]


def figures(runs: Mapping[str, Seen]) -> dict[str, Any]:
    """For the results' file."""
    return {
        name: {
            "answers": len(seen.answered),
            "a_second": len(seen.answered) / seen.seconds,
            "p50_ms": p50(seen.answered) * 1000,
            "p95_ms": p95(seen.answered) * 1000,
            "refused": len(seen.refused),
        }
        for name, seen in runs.items()
        if seen.answered
    }


def tell(text: str) -> None:
    """Progress, on standard error."""
    click.echo(text, err=True)
