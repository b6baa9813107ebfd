"""The page over a scripted assistant, in this process and in a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

import ui
from index import sync
from qa import open_assistant

# Tests are imported from where they lie, without a package around them.
sys.path.insert(0, str(Path(__file__).parent))

from scripted import Scripted, api, scripted, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def assistant() -> Scripted:
    return scripted()


@pytest.fixture
def app(assistant: Scripted) -> FastAPI:
    return ui.mount(api(), assistant.ask, assistant)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The page over the scripted assistant."""
    assistant = scripted()
    yield from serve(ui.mount(api(), assistant.ask, assistant))


@pytest.fixture(scope="session")
def seeds_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the real assistant and the article that we ship."""
    pytest.importorskip("qa.read.extractive", reason="there is no extractive reader here")
    storage = tmp_path_factory.mktemp("storage")
    sync([Path(__file__).parents[2] / "seeds"], storage)
    assistant = open_assistant(storage)
    yield from serve(ui.mount(api(), assistant.ask, assistant.index))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine")
    os.environ["NO_PROXY"] = "127.0.0.1"
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=quiet)
        yield launched
        launched.close()
