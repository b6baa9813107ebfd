"""Reading a document again on the page, with the real server behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from scripted import Watched, serve

from index import sync
from qa import open_assistant
from qa.api import create_app

pytestmark = pytest.mark.browser
BRIDGE = "The harbour bridge was opened on 19 March 1932. It is 1,149 m long and carries eight lanes."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "bridge.txt").write_text(BRIDGE)
    sync([tmp_path / "bridge.txt"], tmp_path / "storage")
    return tmp_path / "bridge.txt"


@pytest.fixture
def own_site(source: Path) -> Iterator[str]:
    storage = source.parent / "storage"
    yield from serve(create_app(open_assistant(storage), storage=storage))


def test_a_document_that_changed_is_marked_and_read_again(
    opened: Callable[[str], Watched], own_site: str, source: Path
) -> None:
    seen = opened(own_site)
    page = seen.page
    source.write_text(BRIDGE.replace("19 March", "20 April"))
    seen.ask("When was the harbour bridge opened?")
    page.locator(".notes .stale", has_text="changed since it was indexed").wait_for()
    page.reload()
    page.locator("#source-text article", has_text="19 March 1932").wait_for(state="attached")
    seen.to_list()
    row = page.locator("#sources .documents > li")
    row.get_by_text("changed since it was indexed").wait_for()
    row.get_by_role("button", name="again").click()
    page.locator("#source-text article", has_text="20 April 1932").wait_for(state="attached")
    row.get_by_text("changed since it was indexed").wait_for(state="detached")
    expect(row.get_by_role("button", name="again")).to_have_count(0)
