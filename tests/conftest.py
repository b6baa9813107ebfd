"""What all tests share: no network but loopback, and an index of the article made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples each time: whoever changes one thing is not stopped by another. `--hypothesis-profile=default` tries
# new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

PROJECT = Path(__file__).parent.parent
ARTICLE = PROJECT / "seeds" / "astana-de-escalation-zones.txt"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is not ours to make punctual: what fails in it is run once more, and pytest's last line counts that."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def article_storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the shipped article, made with the shipped embedder. Tests must not change it."""
    from index import sync

    storage = tmp_path_factory.mktemp("article") / "storage"
    sync([ARTICLE], storage)
    return storage
