"""Work that must not keep anybody waiting: indexing gives way to questions."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10
"""Of 19: about a tenth of the processor beside what asks for all of it, and all of it where nothing does."""


def give_way() -> None:
    """The calling thread, and what it starts from now on (threads of a model, processes), gives way to everything
    else. On Linux, where a thread has a priority of its own; elsewhere nothing happens."""
    if sys.platform == "linux":
        this = threading.get_native_id()
        with suppress(OSError):  # a system may forbid even this
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, this, max(NICENESS, os.getpriority(os.PRIO_PROCESS, this)))
