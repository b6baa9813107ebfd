"""Which server and collection `milvus+http://host:19530/collection` names, and who asks."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import StorageError

TOKEN = "FOOTNOTE_MILVUS_TOKEN"
"""The environment variable with `user:password` or a key; MILVUS_TOKEN, which other programs read, does as well."""


def token() -> str:
    return os.environ.get(TOKEN) or os.environ.get("MILVUS_TOKEN", "")


@dataclass(frozen=True, slots=True)
class Address:
    server: str
    collection: str

    @classmethod
    def of(cls, uri: str) -> Address:
        """Of `milvus+http://host:19530/collection`. Raises StorageError; its message names no password."""
        parts = urlsplit(uri.removeprefix("milvus+"))
        if "@" in parts.netloc:
            raise StorageError(
                f"A password has no place in a URI, which is shown and logged. Set {TOKEN}=user:password instead."
            )
        try:
            port = parts.port or 19530
        except ValueError as exc:
            raise StorageError(f"{uri} has no valid port. Write it as in milvus+http://host:19530/name.") from exc
        name = parts.path.strip("/")
        if not parts.hostname or not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,199}", name):
            raise StorageError(
                f"{uri} names no collection. Write it as in milvus+http://host:19530/name; a name has letters, digits "
                "and _, and begins with none of the digits."
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}:{port}", name)
