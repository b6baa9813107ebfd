"""The chat page in a real Chromium: opening it, a question until its first word, a footnote until its mark.

    python -m bench.page

Once over the article alone and once over the article among 999 other documents; and what the page weighs.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bench.corpus import documents
from bench.measure import RESULTS, Seconds, machine, p50, p95, summary, table, write

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTIONS = ("How long will the memorandum be in force?", "Who backed the Russian initiative?", "Where were the talks?")
OTHERS = 999
COMMAND = "python -m bench.page"

# Both are timed by the page's own clock: from the key or the click to the first paint after what was waited for.
ANSWER = """question => new Promise(done => {
    const thread = document.querySelector('#thread'), before = thread.querySelectorAll('.answer, .absent').length;
    const box = document.querySelector('#question textarea');
    box.value = question;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    const begun = performance.now();
    new MutationObserver((_, watching) => {
        if (thread.querySelectorAll('.answer, .absent').length <= before) return;
        watching.disconnect();
        requestAnimationFrame(() => done((performance.now() - begun) / 1000));
    }).observe(thread, { childList: true, subtree: true });
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
})"""
MARK = """() => new Promise(done => {
    const source = document.querySelector('#source-text');
    const begun = performance.now();
    new MutationObserver((_, watching) => {
        if (!source.querySelector('mark.cited')) return;
        watching.disconnect();
        requestAnimationFrame(() => done((performance.now() - begun) / 1000));
    }).observe(source, { childList: true, subtree: true });
    [...document.querySelectorAll('.footnote')].at(-1).click();
})"""
UNMARK = "() => document.querySelectorAll('#source-text mark').forEach(mark => mark.replaceWith(...mark.childNodes))"


@contextmanager
def served(storage: Path) -> Iterator[str]:
    """`qa serve` over the index, from when it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "qa.cli", "serve", "--storage", str(storage), "--port", address.rpartition(":")[2]]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            if server.poll() is not None:
                raise click.ClickException(f"The server stopped with exit code {server.returncode}.")
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        yield address
    finally:
        server.kill()
        server.wait()


def indexed(scratch: Path, others: int) -> Path:
    """An index of the article and of so many made documents of one paragraph."""
    made, storage = scratch / f"made-{others}", scratch / f"storage-{others}"
    made.mkdir()
    for number, (document, passages, _) in enumerate(documents(others * 50)):
        (made / f"{number:04}.txt").write_text(f"{document.title}\n\n{passages[0].text}\n", encoding="utf-8")
    folders = [str(SEEDS), *([str(made)] if others else [])]
    subprocess.run(
        [sys.executable, "-m", "qa.cli", "index", *folders, "--storage", str(storage)], check=True, capture_output=True
    )
    return storage


def measured(browser: Any, address: str, rounds: int) -> tuple[dict[str, Seconds], int, int]:
    """Seconds by what was waited for, and the requests and bytes of one opening."""
    taken: dict[str, Seconds] = {"open": [], "first word": [], "mark": []}
    sizes: list[int] = []
    for turn in range(rounds + 1):
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        if turn == 0:
            page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        begun = time.perf_counter()
        page.goto(address)
        page.locator("#source-text article").wait_for()
        opened = time.perf_counter() - begun
        page.wait_for_timeout(500)
        requests, weight = len(sizes), sum(sizes)
        for question in QUESTIONS:
            first = page.evaluate(ANSWER, question)
            page.locator("mark.cited, .absent").last.wait_for()
            page.wait_for_load_state("networkidle")  # what could be asked next is being tried meanwhile
            page.evaluate(UNMARK)
            marked = page.evaluate(MARK) if page.locator(".footnote").count() else None
            if turn:
                taken["first word"].append(first)
                taken["mark"] += [] if marked is None else [marked]
        if turn:
            taken["open"].append(opened)
        else:
            counted = requests, weight
        page.close()
    return taken, *counted


@click.command(help=__doc__)
@click.option("--rounds", default=10, show_default=True)
@click.option("--others", default=OTHERS, show_default=True, help="Documents beside the article in the second index.")
def main(rounds: int, others: int) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise click.ClickException("There is no Chromium. Install it (Debian: apt install chromium).")
    rows, results = [], {}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for number in (0, others):
            click.echo(f"The article and {number:,} other documents …", err=True)
            with served(indexed(Path(scratch), number)) as address:
                taken, requests, weight = measured(browser, address, rounds)
            many = f"{number + 1:,} documents" if number else "1 document"
            for name, seconds in taken.items():
                rows.append([f"{many}: {name}", *(f"{at(seconds) * 1000:.0f} ms" for at in (p50, p95))])
            rows.append([f"{many}: requests; weight", str(requests), f"{weight / 1e6:.2f} MB"])
            results[many] = {**summary(taken), "requests": requests, "weight_mb": weight / 1e6}
        browser.close()
    told = table(["", "p50", "p95"], rows)
    write("ui", COMMAND, told, results)
    (RESULTS / "ui.md").write_text(
        f"# The chat page\n\n`{COMMAND}` on {', '.join(machine().values())}.\n\n{told}\n", "utf-8"
    )


if __name__ == "__main__":
    main()
