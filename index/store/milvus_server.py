"""Calls to a Milvus server: connecting, trying once more over a new connection, and its errors → ours."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

from index.errors import IndexMismatch, IndexMissing, StorageError, StorageFull
from index.store.milvus_address import TOKEN, Address, token
from index.store.milvus_rows import Row

CONNECT_SECONDS, CALL_SECONDS = 10.0, 60.0
STRONG = "Strong"
"""Every read waits until it sees all that was written before it, by whomever."""
PAGE = 500
"""Rows read at once: a row may have 65 kB, and a message of Milvus 64 MB."""
BATCH = 8_000_000
"""Bytes of rows written at once, about."""
# pymilvus logs each error that it raises, with its traceback; ours say it once.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)


class Server:
    """One collection of a Milvus server and its companion. Every call may be made twice: none adds what is there."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._address = Address.of(uri)
        self.passages = self._address.collection
        self.documents = f"{self._address.collection}_documents"
        self._lock = threading.Lock()
        self._client: MilvusClient | None = None

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """`MilvusClient.name(...)`. Raises IndexMissing, IndexMismatch, StorageError, StorageFull."""
        with self._translated():
            try:
                return self._tried(name, *args, **kwargs)
            except _FAILURES as exc:
                if _code(exc) == NOT_LOADED:
                    for collection in (self.passages, self.documents):
                        self._tried("load_collection", collection)
                elif not _is_unreachable(exc):  # a server that came back is reached over a new connection
                    raise
            return self._tried(name, *args, **kwargs)

    def _tried(self, name: str, *args: Any, **kwargs: Any) -> Any:
        client = self._connected()
        try:
            return getattr(client, name)(*args, timeout=CALL_SECONDS, **kwargs)
        except _FAILURES as exc:
            if _is_unreachable(exc):
                self._drop(client)
            raise

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                server = self._address.server
                self._client = MilvusClient(server, token=token(), timeout=CONNECT_SECONDS, dedicated=True)
            return self._client

    def _drop(self, client: MilvusClient) -> None:
        with self._lock:
            if self._client is client:
                self._client = None
        client.close()

    def close(self) -> None:
        if self._client is not None:
            self._drop(self._client)

    def exists(self, collection: str) -> bool:
        return bool(self.call("has_collection", collection))

    def make(
        self, collection: str, schema: Any, indexes: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
    ) -> None:
        """What is missing of a collection and its indexes; another process may be making the same."""
        if self.exists(collection):
            self.check(collection, {field.name for field in schema.fields})
        else:
            with self._unless(lambda: self.exists(collection)):
                self.call("create_collection", collection, schema=schema, consistency_level=STRONG, **settings)
        for field, index in indexes.items():
            if field not in self.call("list_indexes", collection):
                params = MilvusClient.prepare_index_params()
                params.add_index(field, index_name=field, **index)
                with self._unless(lambda field=field: field in self.call("list_indexes", collection)):  # type: ignore[misc]
                    self.call("create_index", collection, params, sync=False)
        self.call("load_collection", collection)

    def check(self, collection: str, fields: Collection[str]) -> None:
        """Raises IndexMismatch for a collection of another program."""
        there = {field["name"] for field in self.call("describe_collection", collection)["fields"]}
        if not there >= set(fields):
            raise IndexMismatch(
                f"The collection {collection} at {self._address.server} is another program's. Choose another name."
            )

    @contextmanager
    def _unless(self, is_there: Callable[[], bool]) -> Iterator[None]:
        """Where another has just made what cannot be made, all is well."""
        try:
            yield
        except StorageError:
            if not is_there():
                raise

    def query(self, collection: str, limit: str, fields: Sequence[str]) -> list[Row]:
        """All rows that a filter lets through, which are few."""
        found = self.call("query", collection, filter=limit, output_fields=list(fields), consistency_level=STRONG)
        return [dict(row) for row in found]

    def count(self, limit: str) -> int:
        """How many passages' rows a filter lets through."""
        (row,) = self.query(self.passages, limit, ["count(*)"])
        return int(row["count(*)"])

    def rows(self, collection: str, limit: str, fields: Sequence[str]) -> Iterator[Row]:
        """The same for many, page by page."""
        pages = self.call(
            "query_iterator",
            collection,
            filter=limit,
            output_fields=list(fields),
            batch_size=PAGE,
            consistency_level=STRONG,
        )
        try:
            while page := self._page(pages):
                yield from (dict(row) for row in page)
        finally:
            pages.close()

    def search(
        self, field: str, wanted: Any, count: int, limit: str, fields: Sequence[str], params: dict[str, Any]
    ) -> list[Row]:
        """The passages' rows that are nearest to `wanted`, best first, each with its "score"."""
        (hits,) = self.call(
            "search",
            self.passages,
            data=[wanted],
            anns_field=field,
            limit=count,
            filter=limit,
            output_fields=list(fields),
            search_params={"params": params},
            consistency_level=STRONG,
        )
        return [{**hit["entity"], "score": hit["distance"]} for hit in hits]

    def upsert(self, collection: str, rows: Sequence[Row]) -> None:
        batch: list[Row] = []
        size = 0
        for row in rows:
            batch.append(row)
            size += 2_000 + len(row["content"]) + len(row.get("words", ""))
            if size > BATCH:
                self.call("upsert", collection, batch)
                batch, size = [], 0
        if batch:
            self.call("upsert", collection, batch)

    def delete(self, collection: str, limit: str) -> None:
        self.call("delete", collection, filter=limit)

    def _page(self, pages: Any) -> Sequence[Row]:
        with self._translated():
            page: Sequence[Row] = pages.next()
            return page

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as exc:
            if isinstance(exc, ValueError) and not _is_unreachable(exc):
                raise  # a mistake of ours
            raise self._ours(exc) from exc

    def _ours(self, exc: Exception) -> StorageError:
        told = _told(exc)
        if _is_refused(exc):
            return StorageError(
                f"The Milvus server at {self._address.server} refuses the login. Set {TOKEN} to user:password or to a "
                "key."
            )
        if _is_unreachable(exc):
            return StorageError(
                f"No Milvus answers at {self._address.server}. Check the address and the port (19530 is the usual "
                "one), and that the server runs."
            )
        for sign, error, what in _TROUBLES:
            if sign in told.lower():
                return error(what.format(uri=self.uri, server=self._address.server, told=told[:300]))
        return StorageError(f"Milvus failed at {self.uri} ({told[:300]}).")


NOT_LOADED = 101
_FAILURES = (MilvusException, grpc.RpcError, ValueError)
_UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, 2)
_TROUBLES: tuple[tuple[str, type[StorageError], str], ...] = (
    ("permission", StorageError, "This user may not do that at {server} ({told}). Grant it or use another user."),
    ("not found", IndexMissing, "No index at {uri}. Build one with: qa index YOUR_SOURCES --storage {uri}"),
    ("does not exist", IndexMissing, "No index at {uri}. Build one with: qa index YOUR_SOURCES --storage {uri}"),
    ("dim", IndexMismatch, "The vectors at {uri} have another dimension ({told}). Index into a new collection."),
    ("quota", StorageFull, "Milvus at {server} has no room ({told}). What was indexed before is safe."),
    ("exceeds", StorageError, "Milvus at {server} takes no row that large ({told})."),
)


def _is_unreachable(exc: Exception) -> bool:
    if isinstance(exc, ValueError):  # another thread has found that out
        return "closed channel" in str(exc)
    return _code(exc) in _UNREACHABLE and not _is_refused(exc)


def _is_refused(exc: BaseException | None) -> bool:
    """Whether the login is wrong, which pymilvus tells as the cause of another error."""
    seen: list[BaseException] = []
    while exc is not None and exc not in seen:  # pymilvus raises an error from itself
        if isinstance(exc, grpc.RpcError) and _code(exc) == grpc.StatusCode.UNAUTHENTICATED:
            return True
        seen.append(exc)
        exc = exc.__context__ if exc.__cause__ in (None, exc) else exc.__cause__
    return False


def _code(exc: BaseException) -> Any:
    code = getattr(exc, "code", None)
    return code() if callable(code) else code


def _told(exc: Exception) -> str:
    details = exc.details() if isinstance(exc, grpc.Call) else getattr(exc, "message", str(exc))
    return (str(details).splitlines() or [""])[0]
