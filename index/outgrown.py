"""Whether an index has become too large for its store, and the command that moves it to one that is right."""

from __future__ import annotations

import shlex

from index.store import Store

RIGHT_UP_TO = {"": 200_000}
"""URI scheme → passages up to which a store answers fast; a store that is not here has room for any index. Measured for
SQLite: docs/scaling.md."""
NEXT = "lancedb://{}-lance"


def advice(store: Store) -> str | None:
    """One line that names the command; None where the index is well where it is."""
    scheme, parted, _ = store.uri.partition("://")
    most = RIGHT_UP_TO.get(scheme if parted else "")
    passages = store.counts()[1]
    if most is None or passages <= most:
        return None
    return (
        f"The index at {store.uri} has {passages:,} passages; above {most:,} LanceDB answers the same, sooner. "
        f"Move it with: qa move {shlex.quote(store.uri)} {shlex.quote(NEXT.format(store.uri))}"
    )
