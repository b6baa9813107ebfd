"""Which version of each document a reader sees.

Milvus commits a row, not a document. So a document's passages are written beside the old ones, under a new version that
nobody looks for; one upsert of the document's own row then names the new version, and that is the commit. Old versions
are swept away minutes later, when nobody reads them any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from index.store.milvus_rows import DOCUMENT, Row, is_one_of, state
from index.store.milvus_server import Server

MOST_REMEMBERED = 100_000
_ROUNDS = 10
_FIELDS = ["document", "version", "number", "size", "content"]
NEVER: Row = {"version": 0}


class Versions:
    """What one reader has seen of the documents, each pinned when it is first met: it sees no document in two
    versions. `outdated` remembers, for all readers of this process, versions that are known to be left over."""

    def __init__(self, server: Server, outdated: set[tuple[str, int]]) -> None:
        self._server = server
        self._outdated = outdated
        self._pinned: dict[str, Row] = {}
        self._all = False

    def exists(self, document: str) -> bool:
        """Whether there is a document of that digest."""
        return bool(self.states([document]))

    def states(self, documents: Collection[str]) -> list[str]:
        """Of those documents, by digest, that there are."""
        self._pin(documents)
        found = ((document, self._pinned[document]["version"]) for document in documents)
        return [state(document, version) for document, version in found if version > 0]

    def all(self) -> list[Row]:
        """The rows of all documents there are. From now on no other is seen."""
        if not self._all:
            for row in self._server.rows(self._server.documents, f'kind == "{DOCUMENT}"', _FIELDS):
                self._pinned.setdefault(row["document"], row)
            self._all = True
        return [row for row in self._pinned.values() if row["version"] > 0]

    def live(self, fetch: Callable[[], Sequence[Row]]) -> tuple[list[Row], Sequence[Row]]:
        """Of the rows that `fetch` finds those of the versions that count, and all of them.

        It fetches again where a document has changed between the fetch and the look at its version: the new rows
        were not there yet, and the old ones no longer count.
        """
        rows = fetch()
        for _ in range(_ROUNDS):
            self._pin(row["document"] for row in rows)
            if not self._met_outdated(rows):
                break
            rows = fetch()
        self._pin(row["document"] for row in rows)
        return [row for row in rows if self._pinned[row["document"]]["version"] == row["version"]], rows

    def _pin(self, documents: Iterable[str]) -> None:
        new = set(documents) - self._pinned.keys()
        found = {} if self._all else document_rows(self._server, new)
        for document in new:
            self._pinned[document] = found.get(document, NEVER)

    def _met_outdated(self, rows: Iterable[Row]) -> bool:
        """Whether there are older versions of which it was not known that they are left over."""
        met = {
            (row["document"], row["version"])
            for row in rows
            if row["version"] < self._pinned[row["document"]]["version"]
        }
        new = met - self._outdated
        if len(self._outdated) > MOST_REMEMBERED:
            self._outdated.clear()
        self._outdated |= new
        return bool(new)


def document_rows(server: Server, documents: Iterable[str]) -> dict[str, Row]:
    """By digest, the rows that say which version of a document counts. Of one that was deleted the version is negative;
    one that never was is left out."""
    keys = sorted(f"{DOCUMENT}:{document}" for document in documents)
    found: dict[str, Row] = {}
    for start in range(0, len(keys), 1_000):
        limit = is_one_of("key", keys[start : start + 1_000])
        found |= {row["document"]: row for row in server.query(server.documents, limit, _FIELDS)}
    return found
