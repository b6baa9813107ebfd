"""How several workers share the files of one corpus."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from index.errors import SourceError


@dataclass(frozen=True, slots=True)
class Part:
    """The files that fall to one worker, from 1, of so many: by a digest of their place, whatever the others do."""

    worker: int = 1
    workers: int = 1

    @classmethod
    def named(cls, name: str) -> Part:
        """Of "2/5". Raises SourceError."""
        numbers = re.fullmatch(r"([1-9]\d{0,4})/([1-9]\d{0,4})", name, re.ASCII)
        if numbers is None or int(numbers[1]) > int(numbers[2]):
            raise SourceError(f"{name!r} is no worker's part. The second of five workers is 2/5, the last 5/5.")
        return cls(int(numbers[1]), int(numbers[2]))

    @property
    def whole(self) -> bool:
        return self.workers == 1

    def has(self, location: str) -> bool:
        """Whether a file at this place falls to this worker; just one of all the workers says yes."""
        digest = sha256(location.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.workers == self.worker - 1


WHOLE = Part()
