"""The child process that reads files: a JSON string (a path) a line in, a JSON object a line out.

Its memory is limited before the first file is opened, its processor time for each file anew; whoever started it
looks at the clock (see `index.reading`).
"""

from __future__ import annotations

import json
import math
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from index.config import Settings, load_settings
from index.formats import MORE_MEMORY, SUFFIXES, Limits, Refused, read_file


def serve() -> None:
    settings = load_settings()
    _limit_memory(settings.read_memory_mb)
    limits = limits_of(settings)
    replies = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    for line in sys.stdin:
        path = Path(json.loads(line))
        prepare(path)
        replies.write('{"ready": true}\n')
        replies.flush()
        _limit_time(settings.read_seconds)
        replies.write(json.dumps(reply(path, limits)) + "\n")
        replies.flush()


def prepare(path: Path) -> None:
    """Load what the file will probably need: that time is not the file's."""
    kind = SUFFIXES.get(path.suffix.lower(), "plain")
    import_module(f"index.formats.{kind}")


def reply(path: Path, limits: Limits) -> dict[str, Any]:
    """The reading as JSON, or {"error": why}."""
    try:
        return read_file(path, limits).to_json()
    except Refused as exc:
        return {"error": str(exc)}
    except UnicodeDecodeError as exc:
        encoding = exc.encoding.upper().removesuffix("-SIG")
        return {
            "error": f"byte {exc.start} is not {encoding} ({exc.reason}). Save the file as UTF-8 and index it again."
        }
    except OSError as exc:
        return {"error": f"cannot be read ({exc.strerror or exc}). Check that it exists and that you may read it."}
    except MemoryError:
        return {"error": MORE_MEMORY}
    except RecursionError:
        return {"error": "what it holds is nested too deep to be read."}
    except Exception as exc:
        return {"error": f"it is damaged, or of a kind that is not read ({type(exc).__name__})."}
    except BaseException as exc:
        # A parser written in Rust (calamine) panics with one; it leaves nothing behind that another file would meet.
        if type(exc).__name__ != "PanicException":
            raise
        return {"error": "it is damaged, or of a kind that is not read (its parser panicked)."}


def limits_of(settings: Settings) -> Limits:
    return Limits(
        pages=settings.max_pages,
        unpacked_mb=settings.max_unpacked_mb,
        characters=settings.max_file_mb * 1_000_000,
    )


def _limit_memory(megabytes: int) -> None:
    """Where the system can (Linux); a library's threads would each take address space, so there is one."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        import resource

        size = megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def _limit_time(seconds: int) -> None:
    """So many seconds of processor time from now on, where the system counts them; then it ends this process."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = math.ceil(used.ru_utime + used.ru_stime) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    serve()
