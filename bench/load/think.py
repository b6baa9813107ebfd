"""32 clients that think 1 to 3 s, while documents are indexed."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from time import monotonic

import httpx

from bench.load.clients import PATIENCE, Outcome, Serial, crowd, figures, merged, one_by_one, shown, tell
from bench.load.server import Server, indexed
from bench.measure import p95

CLIENTS, THINK, PROMISED = 32, (1.0, 3.0), 3.0
NOTES, PARAGRAPHS = 8, 120
"""Documents of about so many passages, made of words that are no words: what they change in an index is only what
everything in it changes, and every answer has to stay."""


def write_notes(folder: Path) -> list[Path]:
    """NOTES files, in the order in which they are indexed."""
    chosen = random.Random(7)
    words = ["".join(chosen.choices("bcdfghjklmnpqrstvwxz", k=chosen.randint(3, 9))) for _ in range(2000)]
    folder.mkdir()
    files = [folder / f"note-{number}.txt" for number in range(NOTES)]
    for file in files:
        sentences = (f"{' '.join(chosen.choices(words, k=40)).capitalize()}." for _ in range(PARAGRAPHS))
        file.write_text("\n\n".join(sentences) + "\n", encoding="utf-8")
    return files


async def think(server: Server, seconds: float) -> Outcome:
    serial, alone = await one_by_one(server.address)
    notes = write_notes(server.folder / "notes")
    async with httpx.AsyncClient(base_url=server.address, timeout=PATIENCE) as http:
        states = [serial, *[await _with_another(note, http, server.address) for note in notes]]
        await _remove(http)
    asked = crowd(server.address, merged(*states), CLIENTS, seconds, THINK)
    seen, rounds = await asyncio.gather(asked, _indexing(server, notes, monotonic() + seconds))
    ratio = p95(seen.answered) / p95(alone.answered)
    runs = {"one client": alone, f"{CLIENTS} clients, {rounds} documents indexed meanwhile": seen}
    told = shown(runs)
    told += f"\n\np95 of the crowd / p95 alone: {ratio:.2f} (promised: at most {PROMISED:.0f})"
    failed = (
        [f"answers that differ from the serial ones: {len(seen.wrong)}, as {seen.wrong[0]!r}"] if seen.wrong else []
    )
    failed += [f"replies that are not 200: {dict(seen.statuses)}"] if set(seen.statuses) != {"200"} else []
    failed += [f"p95 is {ratio:.2f} times a single client's"] if ratio > PROMISED else []
    return Outcome(told, {**figures(runs), "p95_ratio": ratio, "differing_answers": len(seen.wrong)}, failed)


async def _with_another(note: Path, http: httpx.AsyncClient, address: str) -> Serial:
    """What a single client is told once this note is in the index too."""
    await _upload(note, http)
    tell(f"{note.name}: asking alone")
    return (await one_by_one(address))[0]


async def _indexing(server: Server, notes: list[Path], until: float) -> int:
    """Index the notes, take them out again, last first, and so on, in turns by `qa index` and by uploading each; how
    many were indexed. So the index is always in one of the states that a single client has asked."""
    done = 0
    async with httpx.AsyncClient(base_url=server.address, timeout=PATIENCE) as http:
        while monotonic() < until:
            if (done // len(notes)) % 2:
                await indexed(notes[0].parent, server)
            else:
                for note in notes:
                    await _upload(note, http)
            await _remove(http)
            done += len(notes)
    return done


async def _upload(note: Path, http: httpx.AsyncClient) -> None:
    (await http.post("/api/documents", files={"files": (note.name, note.read_bytes())})).raise_for_status()


async def _remove(http: httpx.AsyncClient) -> None:
    listed = (await http.get("/api/documents")).raise_for_status().json()["documents"]
    notes = sorted((one for one in listed if one["title"].startswith("note-")), key=lambda one: one["title"])
    for note in reversed(notes):
        (await http.delete(f"/api/documents/{note['id']}")).raise_for_status()
