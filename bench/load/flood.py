"""200 clients that do not think: what cannot be served is told so at once, and all is well again soon after."""

from __future__ import annotations

import asyncio
import re
from time import monotonic

import aiohttp
import httpx

from bench.load.clients import PATIENCE, Outcome, Seen, ask, crowd, figures, one_by_one, shown
from bench.load.server import Server
from bench.measure import p95

CLIENTS, LEAVING = 200, 30
REFUSED_WITHIN, RECOVERED_WITHIN, FREE_WITHIN = 1.0, 10.0, 1.0
"""Seconds."""


async def flood(server: Server, seconds: float) -> Outcome:
    serial, alone = await one_by_one(server.address)
    seen = await crowd(server.address, serial, CLIENTS, seconds, (0, 0))
    recovered = await _recovery(server.address, p95(alone.answered))
    _, after = await one_by_one(server.address)
    freed = await _freed(server.address)
    slowest = max(seen.refused, default=0.0)
    runs = {"one client": alone, f"{CLIENTS} clients without a thought": seen, "one client after it": after}
    told = shown(runs)
    told += (
        f"\n\nslowest refusal {slowest:.2f} s (promised: {REFUSED_WITHIN:.0f}); answered as before {recovered:.1f} s "
        f"after it (promised: {RECOVERED_WITHIN:.0f}); {LEAVING} clients that leave at once cost nothing after "
        f"{freed:.2f} s (promised: {FREE_WITHIN:.0f})"
    )
    failed = [f"{len(seen.wrong)} replies were wrong, as {seen.wrong[0]!r}"] if seen.wrong else []
    failed += [f"neither 200 nor 429: {dict(seen.statuses)}"] if set(seen.statuses) - {"200", "429"} else []
    failed += [f"a refusal took {slowest:.2f} s"] if slowest > REFUSED_WITHIN else []
    failed += [f"recovery took {recovered:.1f} s"] if recovered > RECOVERED_WITHIN else []
    failed += [f"those who left cost {freed:.2f} s"] if freed > FREE_WITHIN else []
    seconds_of = {"slowest_refusal_s": slowest, "recovered_s": recovered, "freed_s": freed}
    return Outcome(told, {**figures(runs), **seconds_of}, failed)


async def _recovery(address: str, usual: float) -> float:
    """Seconds until five questions in a row take no longer than the slowest twentieth did before."""
    begun = since = monotonic()
    quick, seen = 0, Seen()
    async with aiohttp.ClientSession(address, timeout=aiohttp.ClientTimeout(PATIENCE)) as http:
        while quick < 5 and monotonic() - begun < 60:
            since = monotonic() if quick == 0 else since
            await ask(http, {_QUESTION: []}, _QUESTION, seen)
            quick = quick + 1 if seen.answered and seen.answered[-1] <= usual else 0
    return since - begun


_QUESTION = "How long will the memorandum be in force?"


async def _freed(address: str) -> float:
    """Seconds from when many clients leave without waiting for their answers until nothing runs or waits."""
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:
        await asyncio.gather(*(_leave(address) for _ in range(LEAVING)))
        begun = monotonic()
        while True:
            metrics = (await http.get("/metrics")).text
            found = re.search(r"^footnote_queue_pending (\S+)", metrics, re.MULTILINE)
            if found is None or float(found[1]) == 0 or monotonic() - begun > 60:
                return monotonic() - begun
            await asyncio.sleep(0.02)


async def _leave(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    body = b'{"question": "Summarise the article."}'
    head = f"POST /api/ask HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
