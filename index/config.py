"""Every setting, its default, and the environment variable that changes it.

Each is read when it is asked for, so that a test or a caller can set the variable after import.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from index.errors import FootnoteError

PREFIX = "FOOTNOTE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """`load_settings()` reads them from the environment: FOOTNOTE_ and the name in capitals."""

    storage: str = "storage"
    """Where the index is kept: a folder, or a store's URI."""
    embedder: str = "minilm"
    """The embedder of a new index: minilm, or sentence-transformers:NAME_OR_PATH."""
    threads: int = 0
    """Threads of one inference; 0 means one a core, at most four."""
    max_file_mb: int = 50
    """Larger source files are refused."""
    read_seconds: int = 60
    """A source file that takes longer to read is refused."""
    read_memory_mb: int = 2000
    """The memory (address space) of the process that reads files; one that needs more is refused."""
    max_pages: int = 5000
    """A PDF or presentation with more pages is refused."""
    max_unpacked_mb: int = 500
    """A docx, pptx, xlsx, odt or epub that is larger unpacked is refused."""
    uploads_mb: int = 2000
    """What the originals of all uploads may take together; more are refused."""
    rate: int = 600
    """Questions and changes a minute that one client may send to a server beyond this machine; 0 is no limit."""
    at_once: int = 0
    """Questions that a server answers at the same time; 0 means two, or one where there is one core."""
    queue: int = 32
    """Questions that may wait for the server; more get 429."""

    llm: str = ""
    """A language model that writes the answers, as in ollama:llama3.2; "" is none, and nothing is sent anywhere."""
    llm_seconds: int = 60
    """How long a language model may take for one answer."""

    @property
    def questions_at_once(self) -> int:
        return self.at_once or min(os.cpu_count() or 1, 2)

    @property
    def inference_threads(self) -> int:
        return self.threads or min(os.cpu_count() or 1, 4)


def load_settings() -> Settings:
    """The settings with what the environment changes. Raises FootnoteError naming a variable that is off."""
    changed: dict[str, str | int] = {}
    for setting in fields(Settings):
        variable = PREFIX + setting.name.upper()
        value = os.environ.get(variable)
        if value is None or value == "":
            continue
        if setting.type == "int":
            if not value.isdecimal():
                raise FootnoteError(f"{variable} is {value!r}. Set it to a whole number or unset it.")
            changed[setting.name] = int(value)
        else:
            changed[setting.name] = value
    return Settings(**changed)  # type: ignore[arg-type]


def seeds_folder() -> Path:
    """The folder of sources we ship: `seeds/` here, else the one beside the package."""
    here = Path("seeds")
    return here if here.is_dir() else Path(__file__).resolve().parent.parent / "seeds"
