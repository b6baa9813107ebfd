"""Where LanceDB keeps a table, a folder or an S3 bucket, and what goes wrong there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import IndexBusy, IndexDamaged, IndexMissing, StorageError, StorageFull
from index.store import local_folder
from index.store.lance_rows import TABLE

S3 = "s3"


@dataclass(frozen=True, slots=True)
class Place:
    """What LanceDB connects to. `empty`: whether there is no table; None where it must be asked."""

    address: str | Path
    empty: bool | None
    options: dict[str, str] = field(default_factory=dict)


def lance_place(uri: str) -> Place:
    """Of `lancedb://PATH` or `s3://BUCKET/PREFIX`. Credentials, region and endpoint of a bucket come from the variables
    that AWS's own tools read. Raises StorageError for a URI that names no place."""
    scheme, _, rest = uri.partition("://")
    if scheme == S3:
        if not rest.partition("/")[0]:
            raise StorageError(f"{uri} names no bucket. Give one, as in s3://bucket/index.")
        return Place(uri.rstrip("/"), None, _s3_options())
    folder = local_folder(uri)
    if not folder.parts:  # it would be the working folder
        raise StorageError(f"{uri} names no folder. Give one, as in lancedb://storage.")
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder} is a file. lancedb:// needs a folder.")
    return Place(folder, not (folder / f"{TABLE}.lance").is_dir())


def _s3_options() -> dict[str, str]:
    """What LanceDB does not take from the environment by itself."""
    options = {"region": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        options |= {"endpoint": endpoint, "allow_http": str(endpoint.startswith("http://")).lower()}
    return options


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """LanceDB's errors → ours, with what to do. It tells them apart by their text alone."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as exc:
        told = str(exc).lower()
        for signs, error, what in _TROUBLES:
            if any(sign in told for sign in signs):
                raise error(what.format(uri=uri)) from exc
        if isinstance(exc, RuntimeError | OSError):
            raise StorageError(f"LanceDB failed at {uri} ({str(exc).splitlines()[0][:300]}).") from exc
        raise


_TROUBLES: tuple[tuple[tuple[str, ...], type[StorageError], str], ...] = (
    (("no space left",), StorageFull, "The disk that holds {uri} is full. What was indexed before is safe: make room."),
    (
        ("nosuchbucket",),
        StorageError,
        "There is no such bucket: {uri}. Make it, or check the URI, AWS_ENDPOINT_URL and AWS_REGION.",
    ),
    (
        ("accessdenied", "invalidaccesskeyid", "signaturedoesnotmatch", "expiredtoken", "status: 403", "403 forbidden"),
        StorageError,
        "Access to {uri} is refused. Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and that "
        "they may list, read, write and delete there.",
    ),
    (
        ("credential", "http://169.254.169.254"),
        StorageError,
        "No credentials for {uri}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
    (
        ("error sending request", "connecterror", "connection refused", "timed out", "dns error"),
        StorageError,
        "{uri} cannot be reached. Check AWS_ENDPOINT_URL and the network, and try again.",
    ),
    (("conflict",), IndexBusy, "Another process is writing to {uri}. Wait until it is done."),
    (("permission denied",), StorageError, "Cannot read or write {uri}. Check its permissions."),
    (("read-only file system",), StorageError, "Cannot write to {uri}: the file system is read-only."),
    (("was not found",), IndexMissing, "No index at {uri}. Build one with: qa index YOUR_SOURCES --storage {uri}"),
    (("not found",), IndexDamaged, "Files of the index at {uri} are missing. Build it again from its sources."),
    (("corrupt",), IndexDamaged, "The index at {uri} is damaged. Move it away and build it again from its sources."),
)
