"""Keep an index in step with folders as their files change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

from index.errors import FootnoteError, NoSources, SourceMissing
from index.formats import SUFFIXES
from index.manifest import storage_name
from index.sources import IGNORE_FILE
from index.store import local_folder
from index.sync import Progress, SyncReport, sync

QUIET_MS = 400
"""Changes are waited for until none has come for so long: a program may save a file in several steps."""
WAIT_SECONDS = 600.0
"""How long a change waits for another process that indexes."""


def watch(
    sources: Sequence[str | Path],
    storage: str | Path | None = None,
    *,
    stop: Event | None = None,
    progress: Progress | None = None,
    failed: Callable[[FootnoteError], None] = lambda error: None,
    ready: Callable[[], None] = lambda: None,
) -> Iterator[SyncReport]:
    """A report of a first sync, and one for each time that files below `sources` changed and the index was brought
    into step, until `stop`.

    `ready` is called when every change from then on is seen; the first sync comes after, so that what changed before
    is not lost. Removes documents only when the system reports deletions: a disk that is unplugged takes nothing out of
    the index. An error of one round is handed to `failed`, and the next change tries again.
    """
    from watchfiles import Change
    from watchfiles import watch as changes_of

    storage = storage_name(storage)
    own = local_folder(storage).resolve()
    roots = [Path(source).resolve() for source in sources]

    def counts(_: Change, name: str) -> bool:
        path = Path(name)
        ours = path.suffix.lower() in SUFFIXES or path.suffix == "" or path.name == IGNORE_FILE
        return ours and not path.is_relative_to(own) and not _hidden(path, roots)

    begun = False
    for changes in changes_of(
        *roots,
        watch_filter=counts,
        debounce=60_000,
        step=QUIET_MS,
        stop_event=stop,
        raise_interrupt=True,
        rust_timeout=1000,
        yield_on_timeout=True,  # even without a change, the first round tells that the system watches
    ):
        if begun and not changes:
            continue
        if not begun:
            begun = True
            ready()
        deleted = any(change == Change.deleted for change, _ in changes)
        try:
            yield sync(sources, storage, prune=deleted, progress=progress, wait=WAIT_SECONDS)
        except (NoSources, SourceMissing):
            continue  # the last file has gone for now
        except FootnoteError as exc:
            failed(exc)


def _hidden(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a folder between a root and the file is hidden."""
    root = next((root for root in roots if path.is_relative_to(root)), path.parent)
    return any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
