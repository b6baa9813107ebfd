from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from functools import partial

import click

import bench.load
from bench.load.clients import Outcome
from bench.load.flood import flood
from bench.load.peers import peers
from bench.load.server import Server, server
from bench.load.soak import soak
from bench.load.think import think
from bench.measure import write

Scene = Callable[[Server, float], Awaitable[Outcome]]
"""(server, seconds) → what was seen."""

SCENES: dict[str, tuple[Scene, float]] = {
    "think": (think, 600),
    "flood": (flood, 60),
    "peers": (peers, 90),
}
SOAK_SECONDS = 7200


@click.command(help=bench.load.__doc__)
@click.argument("scene", type=click.Choice([*SCENES, "soak"]))
@click.option("--seconds", type=click.FloatRange(min=1), help="How long; as above if left out.")
@click.option("--rate", type=click.FloatRange(min=0.1), default=4, show_default=True, help="soak: visits a second.")
def main(scene: str, seconds: float | None, rate: float) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no server is left behind
    run, usual = SCENES.get(scene) or (partial(soak, rate=rate), SOAK_SECONDS)
    with server() as started:
        outcome = asyncio.run(_run(run, started, seconds or usual))
        options = f" --seconds {seconds:g}" if seconds else ""
        options += f" --rate {rate:g}" if scene == "soak" else ""
        # Before the server is stopped: nothing that was seen may be lost.
        write(f"load-{scene}", f"python -m bench.load {scene}{options}", outcome.told, outcome.results)
    for failure in outcome.failed:
        click.echo(f"FAILED: {failure}", err=True)
    raise SystemExit(1 if outcome.failed else 0)


async def _run(run: Scene, started: Server, seconds: float) -> Outcome:
    return await run(started, seconds)


if __name__ == "__main__":
    main()
