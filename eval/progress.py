"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def watched(steps: Iterable[T], total: int, doing: str) -> Iterable[T]:
    """`steps`, each counted as it goes by."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(
        steps, description=doing, total=total, console=console, transient=True, disable=not console.is_terminal
    )
