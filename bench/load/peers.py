"""The same questions to Footnote and to a plain llama-index and FastAPI server with the same embedding model."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.load.clients import Outcome, Seen, Serial, crowd, figures, one_by_one, shown
from bench.load.server import Server, started
from bench.warm import SEEDS

ROUNDS, CROWD = 3, 8


async def peers(server: Server, seconds: float) -> Outcome:
    """In turns: a single client asks every question, then CROWD clients ask without thinking. The other server only
    retrieves five passages; Footnote also reads them, cites and says how sure it is."""
    alone: dict[str, Seen] = {}
    crowded: dict[str, Seen] = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.load.plain", str(SEEDS)]
        with started(command, Path(folder)) as (plain, _):
            addresses = {"Footnote": server.address, "llama-index + FastAPI (passages only)": plain}
            for turn in range(-1, ROUNDS):
                for name, address in addresses.items():
                    serial, one = await one_by_one(address)
                    anything: Serial = {question: [] for question in serial}
                    many = await crowd(address, anything, CROWD, seconds / ROUNDS / len(addresses), (0, 0))
                    if turn >= 0:
                        _add(alone.setdefault(f"{name}, one client", Seen()), one)
                        _add(crowded.setdefault(f"{name}, {CROWD} clients", Seen()), many)
    statuses = {status for seen in crowded.values() for status in seen.statuses}
    runs = {**alone, **crowded}
    failed = [f"replies that are not 200: {statuses}"] if statuses != {"200"} else []
    return Outcome(shown(runs), figures(runs), failed)


def _add(whole: Seen, part: Seen) -> None:
    whole.answered += part.answered
    whole.refused += part.refused
    whole.statuses += part.statuses
    whole.seconds += part.seconds
