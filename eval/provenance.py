"""What a run's figures depend on: settings, versions and the hashes of the weights."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import index.embed.onnx
from index.config import load_settings
from index.passages import Splitter
from index.search import DENSE_SHARE, DEPTH
from qa.assistant import PASSAGES_READ
from qa.read.span import SHIPPED

PACKAGES = ("footnote", "ir-measures", "numpy", "onnxruntime", "tokenizers")
WEIGHTS = ("model.onnx", "model.data", "reader.json")


def settings_of(files: Sequence[Path], reader: Path | None = None, **more: Any) -> dict[str, Any]:
    """What was asked (`files`), when, and by what; `reader` is a folder of weights, None the shipped one."""
    asked = [{"path": str(file), "sha256": _digest(file)} for file in files]
    folder = reader or SHIPPED
    return {
        "cases": asked[0] if len(asked) == 1 else asked,
        **more,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "embedder": {
            "name": load_settings().embedder,
            "shipped_sha256": _digest(EMBEDDER / "model.onnx"),
            "data_sha256": _digest(EMBEDDER / "model.data"),
        },
        "reader": {"path": str(reader or "shipped"), **{name: _digest(folder / name) for name in WEIGHTS}},
        "splitter": Splitter().settings(),
        "search": {"depth": DEPTH, "dense_share": DENSE_SHARE, "passages_read": PASSAGES_READ},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": versions(PACKAGES),
    }


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Of those that are installed."""
    return {package: found for package in packages if (found := _version(package))}


EMBEDDER = Path(index.embed.onnx.__file__).parent / "minilm"


def _digest(file: Path) -> str | None:
    """The sha256 of a file, or, for a folder, of the names and sizes below it; None where there is nothing."""
    if file.is_dir():
        listing = "\n".join(f"{path.relative_to(file)} {path.stat().st_size}" for path in sorted(file.rglob("*")))
        return hashlib.sha256(listing.encode()).hexdigest()
    if not file.is_file():
        return None
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
