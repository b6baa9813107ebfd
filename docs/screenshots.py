"""Takes the pictures of docs/screenshots/ anew: the page over the shipped article, in Chromium.

python docs/screenshots.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import sync_playwright

from bench.page import indexed, served

FOLDER = Path(__file__).parent / "screenshots"
SIZES = {1440: 900, 820: 1180, 390: 844}
PATIENCE = 120_000
"""Milliseconds."""


def ask(page: Any, question: str) -> None:
    number = page.locator(".turn").count()
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator(f'.turn[data-turn="{number}"] :is(.answered, .absent, .failed)').wait_for()
    page.wait_for_timeout(1500)


def first_run(page: Any) -> None:
    page.locator(".example").first.wait_for()


def answer(page: Any) -> None:
    ask(page, "How long will the memorandum be in force?")
    page.locator("#follow-ups").wait_for()


def source(page: Any) -> None:
    answer(page)
    page.locator(".footnote").first.click()
    page.locator("mark.cited").first.wait_for()
    page.wait_for_timeout(500)


def not_in_source(page: Any) -> None:
    ask(page, "When was the UN founded?")


def answered(route: Any, taken: Iterator[dict[str, Any]]) -> None:
    if route.request.method != "POST":
        route.continue_()
    elif reply := next(taken, None):
        route.fulfill(json=reply)


def upload(page: Any) -> None:
    # A server that has taken one file and takes its time with the next: the picture is of what is seen meanwhile.
    taken = iter([{"documents": [{}], "failed": []}])
    page.route("**/api/documents", lambda route: answered(route, taken))
    if page.locator("#source-open").is_visible():
        page.locator("#source-open").click()
    page.get_by_role("button", name="Sources", exact=True).click()
    page.locator("#tags").fill("minutes, 2017")
    names = ("Minutes of the guarantors.pdf", "Maps of the zones.pdf", "Communiqué.docx")
    files = [{"name": name, "mimeType": "application/octet-stream", "buffer": b"x" * 4000} for name in names]
    page.set_input_files("#files", files)
    page.get_by_text("2 of 3").wait_for()
    page.locator("body").click(position={"x": 5, "y": 5})


def conversations(page: Any) -> None:
    answer(page)
    page.keyboard.press("Alt+c")


STATES: dict[str, tuple[Callable[[Any], None], tuple[tuple[int, bool], ...]]] = {
    "first-run": (first_run, ((1440, False), (1440, True), (820, False), (390, False))),
    "answer": (answer, ((1440, False), (1440, True), (820, False), (390, False))),
    "source": (source, ((390, False), (390, True))),
    "not-in-source": (not_in_source, ((1440, False), (1440, True), (820, False), (390, False))),
    "upload": (upload, ((1440, False), (390, False))),
    "conversations": (conversations, ((1440, False),)),
}
"""Name → how to come there, and at which widths, light or dark."""


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with served(indexed(Path(scratch), 0)) as address:
            for name, (come, looks) in STATES.items():
                for width, dark in looks:
                    page = browser.new_page(
                        viewport={"width": width, "height": SIZES[width]},
                        color_scheme="dark" if dark else "light",
                        reduced_motion="reduce",
                    )
                    page.set_default_timeout(PATIENCE)
                    page.goto(address)
                    page.locator("#source-text article").wait_for(state="attached")
                    come(page)
                    page.screenshot(path=FOLDER / f"{name}-{width}-{'dark' if dark else 'light'}.png")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
