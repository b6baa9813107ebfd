"""The LanceDB folder itself. What every store keeps to is in test_stores.py."""

import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.errors import StorageError
from index.store import open_store
from tests.index.conftest import make_document
from tests.index.stores import MANIFEST, passages_of, put


def test_where_it_is_not_installed_the_error_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lancedb", None)
    monkeypatch.delitem(sys.modules, "index.store.lancedb", raising=False)
    with pytest.raises(StorageError, match=r"needs LanceDB\. Install it with: pip install 'footnote\[lancedb\]'"):
        open_store(f"lancedb://{tmp_path}/x", MANIFEST)


lancedb = pytest.importorskip("lancedb", reason="needs LanceDB (350 MB): make test-stores")
from index.store import lance_vectors  # noqa: E402


def test_a_uri_without_a_folder_is_refused() -> None:
    with pytest.raises(StorageError, match="names no folder"):
        open_store("lancedb://", MANIFEST)


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    lancedb.connect(tmp_path).create_table("index", [{"a": 1}])
    with pytest.raises(StorageError, match=r"has layout \?; this version reads layout 2"):
        open_store(f"lancedb://{tmp_path}")


def test_a_lost_file_is_an_error_and_no_wrong_answer(tmp_path: Path) -> None:
    uri = f"lancedb://{tmp_path / 'index'}"
    with closing(open_store(uri, MANIFEST)) as store:
        put(store, "d", "apple")
    for file in (tmp_path / "index").rglob("data/*.lance"):
        file.unlink()
    with closing(open_store(uri)) as store, pytest.raises(StorageError, match=r"Build it again|failed"):
        store.documents()


def test_over_an_index_of_vectors_the_right_ones_are_found_with_exact_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_vectors, "INDEX_FROM", 2_000)
    chosen = np.random.default_rng(0)
    vectors = chosen.standard_normal((4_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    documents = [make_document("\n".join(["a"] * 100), f"d{n:02}") for n in range(40)]
    contents = [(d, passages_of(d), vectors[100 * n : 100 * n + 100]) for n, d in enumerate(documents)]
    ids = [passage.id for _, passages, _ in contents for passage in passages]
    with closing(open_store(f"lancedb://{tmp_path / 'index'}", {**MANIFEST, "dimension": "16"})) as store:
        store.replace_documents(contents)
        store.maintain()
        assert any(index.columns == ["vector"] for index in store._table.list_indices())  # type: ignore[attr-defined]
        shared = 0
        for wanted in chosen.standard_normal((20, 16)).astype(np.float32):
            exact = dict(zip(ids, vectors @ wanted, strict=True))
            ranked = store.dense(wanted, 10)
            assert [score for _, score in ranked] == pytest.approx([exact[id_] for id_, _ in ranked], abs=1e-5)
            assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
            shared += len({id_ for id_, _ in ranked} & set(sorted(ids, key=lambda id_: -exact[id_])[:10]))
    assert shared >= 196  # recall@10 of .98


def test_an_index_of_vectors_is_made_anew_when_there_are_many_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_vectors, "INDEX_FROM", 500)
    monkeypatch.setattr(lance_vectors, "PARTITION_ROWS", 100)
    vectors = np.random.default_rng(0).standard_normal((1_000, 16)).astype(np.float32)
    contents = []
    for number in range(10):
        document = make_document("\n".join(["a"] * 100), f"d{number}")
        contents.append((document, passages_of(document), vectors[100 * number : 100 * number + 100]))

    def index_names() -> list[str]:
        listed = store._table.list_indices()  # type: ignore[attr-defined]
        return [index.name for index in listed if index.columns == ["vector"]]

    with closing(open_store(f"lancedb://{tmp_path / 'index'}", {**MANIFEST, "dimension": "16"})) as store:
        names = {}
        for number, content in enumerate(contents, start=1):
            store.replace_documents([content])
            store.maintain()
            names[number] = index_names()
        assert names[4] == []
        assert names[5] == names[7] == ["vector_in_5_partitions"]
        assert names[8] == names[10] == ["vector_in_8_partitions"]
        best = vectors @ vectors[0]
        assert store.dense(vectors[0], 1)[0][1] == pytest.approx(float(best.max()), abs=1e-4)
