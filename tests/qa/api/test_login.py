"""The login page in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qa import Assistant
from qa.access import Access, new_token
from qa.api import create_app
from tests.qa.api.conftest import Serve


@pytest.mark.browser
def test_a_person_types_the_token_and_reaches_the_page(assistant: Assistant, tmp_path: Path, serve: Serve) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    token = new_token()
    app = create_app(assistant, storage=tmp_path, access=Access(token, frozenset({"127.0.0.1"})))
    with serve(app) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        assert page.url == f"{address}/login"
        page.fill("#token", "not the token")
        page.click("button")
        assert page.inner_text("[role=alert]") == "That is not the token."
        page.fill("#token", token)
        page.click("button")
        page.locator("#question textarea").fill("How long will the memorandum be in force?")
        page.locator("#question textarea").press("Enter")
        page.get_by_text("six months").first.wait_for()
        assert page.url == f"{address}/"
        assert page.evaluate("document.cookie") == ""
        browser.close()
