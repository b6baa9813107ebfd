"""What an index was made with, and opening it with just that."""

from __future__ import annotations

from pathlib import Path

from index.config import load_settings
from index.embed import Embedder, open_embedder, vectors_version
from index.errors import IndexDamaged, IndexMismatch
from index.passages import Splitter
from index.search import Index
from index.store import FORMAT, Store, open_store
from index.unfinished import check_whole


def open_index(storage: str | Path | None = None, embedder: str | None = None) -> Index:
    """Open a saved index with the embedder that made it.

    Raises IndexMissing, IndexDamaged, and IndexMismatch when it was made with another format, splitter or, if
    `embedder` is given, another embedder; IndexUnfinished when it is only half moved there.
    """
    storage = storage_name(storage)
    store = open_store(storage)
    try:
        check_whole(store, storage)
        name = checked_manifest(store.manifest(), storage, embedder)
        return Index(store, matching_embedder(name, store, storage))
    except BaseException:
        store.close()
        raise


def make_manifest(embedder: Embedder, splitter: Splitter) -> dict[str, str]:
    return {
        "format": str(FORMAT),
        "embedder": embedder.name,
        "vectors": vectors_version(embedder.name),
        "dimension": str(embedder.dimension),
        **{f"splitter.{key}": str(value) for key, value in splitter.settings().items()},
    }


def checked_manifest(manifest: dict[str, str], storage: str, embedder: str | None) -> str:
    """The embedder that made the index. Raises IndexMismatch naming what differs and the command that mends it."""
    made_with = manifest.get("embedder", "")
    if not made_with:
        raise IndexDamaged(f"The index at {storage}/ does not say what made it. Build it again from its sources.")
    if embedder is not None and embedder != made_with:
        raise IndexMismatch(
            f"The index at {storage}/ was made with the embedder {made_with}, not {embedder}. Leave --embedder out, or "
            f"make it anew with: qa index --rebuild --embedder {embedder} --storage {storage}"
        )
    if manifest.get("vectors", "1") != vectors_version(made_with):
        raise IndexMismatch(
            f"The index at {storage}/ holds vectors of an earlier version of {made_with}. Make it anew with: "
            f"qa index --rebuild --storage {storage}"
        )
    for key, value in Splitter().settings().items():
        if manifest.get(f"splitter.{key}") != str(value):
            raise IndexMismatch(
                f"The index at {storage}/ was split with {key} {manifest.get(f'splitter.{key}')}, but this version "
                f"uses {value}. Make it anew with: qa index --rebuild --storage {storage}"
            )
    return made_with


def matching_embedder(name: str, store: Store | None, storage: str) -> Embedder:
    """The embedder, checked against the vectors that the store holds. Raises IndexMismatch."""
    embedder = open_embedder(name)
    dimension = store.manifest().get("dimension") if store else None
    if dimension not in (None, str(embedder.dimension)):
        raise IndexMismatch(
            f"The index at {storage}/ holds vectors of {dimension} dimensions, but {name} now makes "
            f"{embedder.dimension}: it is another model. Make it anew with: qa index --rebuild "
            f"--embedder {name} --storage {storage}"
        )
    return embedder


def storage_name(storage: str | Path | None) -> str:
    """A folder's name without a slash at its end; a URI as it is."""
    name = str(storage or load_settings().storage)
    return name if "://" in name else str(Path(name))
