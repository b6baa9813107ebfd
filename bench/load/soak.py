"""Everything that clients do, for hours, at a rate: does the server stay the same size."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import httpx

from bench.load.clients import PATIENCE, Outcome, Serial, merged, one_by_one, said, tell
from bench.load.server import Server
from bench.measure import table

CLIENTS = 8
SAMPLES = 200
"""How often the server is measured."""
WARM = 0.1
"""The share of the time that is warm-up; what is compared are the medians of as much after it and of the end."""
ALLOWED = {"memory, MB": 0.05}
"""How much more there may be at the end; of all else there may be FEW more."""
FEW = 2
NOTE = ("note.txt", b"zzyzx qwxv vxwq.\n" * 60)


class Soak:
    """One visitor after another, each doing something that OPERATIONS lists."""

    def __init__(self, http: httpx.AsyncClient, serial: Serial) -> None:
        self.http = http
        self.serial = serial
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.one_note = asyncio.Lock()

    async def visit(self, name: str) -> None:
        try:
            await OPERATIONS[name][1](self)
            self.done[name] += 1
        except (httpx.HTTPError, AssertionError, KeyError, ValueError) as exc:
            self.failed[f"{name}: {type(exc).__name__} {exc}"] += 1

    async def post(self, path: str, **sent: object) -> httpx.Response:
        return (await self.http.post(path, json=sent)).raise_for_status()

    def question(self) -> str:
        return random.choice(list(self.serial))

    async def ask(self) -> None:
        question = self.question()
        assert said((await self.post("/api/ask", question=question)).json()) in self.serial[question], question

    async def follow_up(self) -> None:
        await self.post("/api/ask", question="And why?", history=[[self.question(), "So it is."]])

    async def stream(self) -> None:
        assert "event: answer" in (await self.post("/api/ask/stream", question=self.question())).text

    async def leave(self) -> None:
        async with self.http.stream("POST", "/api/ask/stream", json={"question": self.question()}) as reply:
            await anext(reply.aiter_lines())

    async def chat(self) -> None:
        messages = [{"role": "user", "content": self.question()}]
        await self.post("/v1/chat/completions", model="footnote", messages=messages)

    async def search(self) -> None:
        await self.post("/api/search", question=self.question())

    async def mcp(self) -> None:
        call = {"name": "search", "arguments": {"question": self.question()}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        accepts = {"Accept": "application/json, text/event-stream"}
        (await self.http.post("/mcp", json=body, headers=accepts)).raise_for_status()

    async def look(self) -> None:
        for path in ("/", "/api/documents", "/metrics", "/openapi.json"):
            (await self.http.get(path)).raise_for_status()

    async def mistake(self) -> None:
        assert (await self.http.post("/api/ask", json={"question": " "})).status_code == 422
        assert (await self.http.get("/api/documents/nothing")).status_code == 404

    async def note(self) -> None:
        async with self.one_note:
            added = (await self.http.post("/api/documents", files={"files": NOTE})).raise_for_status().json()
            (await self.http.delete(f"/api/documents/{added['documents'][0]['id']}")).raise_for_status()


OPERATIONS: dict[str, tuple[int, Callable[[Soak], Awaitable[None]]]] = {
    "ask": (60, Soak.ask),
    "follow-up": (5, Soak.follow_up),
    "stream": (10, Soak.stream),
    "stream and leave": (5, Soak.leave),
    "chat completion": (5, Soak.chat),
    "search": (5, Soak.search),
    "MCP search": (2, Soak.mcp),
    "page, list, metrics, schema": (3, Soak.look),
    "mistakes": (3, Soak.mistake),
    "upload and delete": (2, Soak.note),
}
"""What visitors do → (how often, of 100 visits; how)."""


async def soak(server: Server, seconds: float, rate: float) -> Outcome:
    """Visits at `rate` a second, begun at random times as strangers do, at most CLIENTS at once."""
    samples: list[dict[str, float]] = []
    async with httpx.AsyncClient(base_url=server.address, timeout=PATIENCE) as http:
        soaked = Soak(http, await _serial(server, http))
        began = monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_visits(soaked, rate, began + seconds))
                tasks.create_task(_watch(server, began, seconds, soaked, samples))
        except asyncio.CancelledError:
            tell("Stopped; what was seen until now:")
        took = monotonic() - began
    return _told(samples, took, soaked)


async def _serial(server: Server, http: httpx.AsyncClient) -> Serial:
    """What a single client is told without the note and with it."""
    without, _ = await one_by_one(server.address)
    added = (await http.post("/api/documents", files={"files": NOTE})).raise_for_status().json()
    beside, _ = await one_by_one(server.address)
    (await http.delete(f"/api/documents/{added['documents'][0]['id']}")).raise_for_status()
    return merged(without, beside)


async def _visits(soaked: Soak, rate: float, until: float) -> None:
    free = asyncio.Semaphore(CLIENTS)
    names, weights = list(OPERATIONS), [weight for weight, _ in OPERATIONS.values()]

    async def one(name: str) -> None:
        try:
            await soaked.visit(name)
        finally:
            free.release()

    async with asyncio.TaskGroup() as visitors:
        while monotonic() < until:
            await free.acquire()
            visitors.create_task(one(random.choices(names, weights)[0]))
            await asyncio.sleep(random.expovariate(rate))


async def _watch(server: Server, began: float, seconds: float, soaked: Soak, samples: list[dict[str, float]]) -> None:
    for number in range(1, SAMPLES + 1):
        await asyncio.sleep(max(0.0, began + seconds * number / SAMPLES - monotonic()))
        samples.append(server.size())
        if number % 10 == 0:
            size = ", ".join(f"{value:.0f} {name}" for name, value in samples[-1].items())
            tell(f"{(monotonic() - began) / 60:.0f} min: {soaked.done.total()} visits; {size}")


def _told(samples: Sequence[dict[str, float]], took: float, soaked: Soak) -> Outcome:
    share = max(1, round(len(samples) * WARM))
    if len(samples) < 3 * share:
        return Outcome("", {}, ["it was stopped before there was anything to compare"])
    early, late = samples[share : 2 * share], samples[-share:]
    rows, failed, results = [], [], {}
    for name in samples[0]:
        before, after = (statistics.median(one[name] for one in part) for part in (early, late))
        highest = max(one[name] for one in samples[share:])
        results[name] = {"after_warm_up": before, "at_the_end": after, "highest": highest}
        rows.append([name, f"{before:.0f}", f"{after:.0f}", f"{highest:.0f}"])
        limit = before * (1 + ALLOWED[name]) if name in ALLOWED else before + FEW
        failed += [f"{name} grew from {before:.0f} to {after:.0f}"] if after > limit else []
    told = table(["", "after warm-up", "at the end", "highest between"], rows)
    visits = ", ".join(f"{count} × {name}" for name, count in soaked.done.most_common())
    told += f"\n\n{took / 60:.0f} minutes, {soaked.done.total()} visits: {visits}"
    failed += [f"{count} × {what}" for what, count in soaked.failed.items()]
    return Outcome(told, {**results, "minutes": took / 60, "visits": soaked.done.total()}, failed)
