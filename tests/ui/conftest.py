"""The page over a scripted assistant, in this process and in a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from playwright.sync_api import sync_playwright

from index import sync
from qa import open_assistant
from qa.api import create_app

# Tests are imported from where they lie, without a package around them.
sys.path.insert(0, str(Path(__file__).parent))

from scripted import WIDTHS, Scripted, Watched, page, scripted, serve, visited

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One wait alone may take as long as `PATIENCE`, and a test waits often.
    for item in items:
        if item.get_closest_marker("browser") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture
def assistant() -> Scripted:
    return scripted()


@pytest.fixture
def app(assistant: Scripted) -> FastAPI:
    return page(assistant)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The page over the scripted assistant."""
    yield from serve(page(scripted()))


@pytest.fixture(scope="session")
def seeds_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the real assistant and the article that we ship."""
    pytest.importorskip("qa.read.extractive", reason="there is no extractive reader here")
    storage = tmp_path_factory.mktemp("storage")
    sync([Path(__file__).parents[2] / "seeds"], storage)
    yield from serve(create_app(open_assistant(storage), storage=storage))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
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
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=quiet)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[int, BrowserContext]:
    """Width → a browser's profile: what a page loaded once, the next one has at hand."""
    return {
        width: browser.new_context(viewport={"width": width, "height": 844}, reduced_motion="reduce")
        for width in WIDTHS
    }


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def opened(contexts: dict[int, BrowserContext], width: int) -> Iterator[Callable[[str], Watched]]:
    """Opens a page of this width at an address; after the test it must have done nothing that it should not."""
    pages: list[tuple[Watched, str]] = []

    def open_at(address: str) -> Watched:
        pages.append((visited(contexts[width], address), address))
        return pages[-1][0]

    yield open_at
    for seen, address in pages:
        if seen.page.is_closed():
            continue
        seen.page.evaluate("localStorage.clear()")
        seen.close(address)


@pytest.fixture(name="page")
def scripted_page(opened: Callable[[str], Watched], site: str) -> Watched:
    """The page over the scripted assistant, at each width."""
    return opened(site)
