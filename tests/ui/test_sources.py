"""Documents at the page over a real index: added, tagged, read at their page, changed, removed; and none at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from scripted import Watched, serve

from eval.drafting.feedback import from_feedback
from index import sync
from qa import open_assistant
from qa.api import create_app
from tests.index.formats import writers

pytestmark = pytest.mark.browser

LIGHTHOUSE = "The lighthouse at Cape Morn was built in 1871. Its lamp is seen from forty miles away."
BRIDGE = "The harbour bridge was opened on 19 March 1932."
BUILT, OPENED = "When was the lighthouse at Cape Morn built?", "When was the harbour bridge opened?"


@dataclass(frozen=True)
class Live:
    """The real thing: its address, its index, and the folder that was indexed."""

    address: str
    storage: Path
    folder: Path


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("live")
    folder = home / "files"
    folder.mkdir()
    (folder / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (folder / "tides.txt").write_text("High water comes twice a day.", encoding="utf-8")
    writers.pdf(folder / "town.pdf", [["Sheep are kept on the hills."], [], [BRIDGE]])
    sync([folder], home / "storage", tags=["coast"])
    for address in serve(create_app(open_assistant(home / "storage"), storage=home / "storage")):
        yield Live(address, home / "storage", folder)


@pytest.fixture(name="page")
def live_page(opened: Callable[[str], Watched], live: Live) -> Watched:
    return opened(live.address)


def drop(seen: Watched, files: dict[str, str]) -> None:
    """Drop files on the page as a file manager does."""
    carried = seen.page.evaluate_handle(
        "(files) => { const carried = new DataTransfer(); for (const [name, text] of Object.entries(files))"
        " carried.items.add(new File([text], name)); return carried; }",
        files,
    )
    seen.page.dispatch_event("body", "dragover", {"dataTransfer": carried})
    expect(seen.page.locator("body.dropping")).to_have_count(1)
    seen.page.dispatch_event("body", "drop", {"dataTransfer": carried})


def listed(seen: Watched, *titles: str) -> None:
    """Wait until these are the titles in the list of sources."""
    expect(seen.page.locator("#sources .read > span")).to_have_text(titles)


def remove(seen: Watched, title: str) -> None:
    seen.page.get_by_role("button", name=f"Remove {title}", exact=True).click()
    seen.page.locator("#sources .sure + button").click()
    seen.page.get_by_text(f"{title} was removed.").wait_for()


def test_a_dropped_file_is_added_with_its_tags_asked_and_removed(page: Watched, width: int) -> None:
    title, sent = f"wells-{width}-{uuid4().hex[:6]}", []  # one that failed may have left its own
    page.page.on("request", lambda request: sent.append(request.post_data_json) if "/api/ask" in request.url else None)
    page.to_list()
    page.page.locator("#sources .read", has_text="town").wait_for(state="attached")
    before = page.page.locator("#sources .read > span").all_text_contents()
    page.page.get_by_label("Tags for what is added").fill(f"water, t{width}")
    drop(page, {f"{title}.txt": f"The well number {width} is ninety metres deep.", "empty.txt": ""})
    sending = page.page.get_by_role("group", name="Upload")
    sending.get_by_text("1 document added.").wait_for()
    expect(sending.locator("li")).to_have_text("empty.txt the file has no text.")
    listed(page, *sorted([*before, title]))
    expect(page.page.locator("#sources .documents > li", has_text=title)).to_contain_text(f"#t{width}")

    page.page.get_by_role("button", name=f"#t{width}", exact=True).click()
    expect(page.page.get_by_role("checkbox", name=f"Ask {title}")).to_be_checked()
    expect(page.page.get_by_role("checkbox", name="Ask lighthouse")).not_to_be_checked()
    expect(page.page.locator("#limits")).to_have_text(f"1 of {len(before) + 1} sources")
    page.to_chat()
    page.ask(f"How deep is the well number {width}?")
    assert len(sent[-1]["documents"]) == 1
    page.follow()
    assert "ninety" in page.marked()

    page.to_list()
    remove(page, title)
    listed(page, *before)
    # What was removed is neither asked nor counted.
    page.page.get_by_label("Ask all of them").check()
    expect(page.page.locator("#limits")).to_have_text(f"All {len(before)} sources")
    page.to_chat()
    with page.page.expect_console_message(lambda line: "404" in line.text):
        page.page.locator(".footnote").click()
    page.page.get_by_text("no longer in the index").first.wait_for()
    page.troubles[:] = [trouble for trouble in page.troubles if "404" not in trouble]


def test_an_upload_tells_how_far_it_is_and_can_be_stopped(page: Watched) -> None:
    # The server takes its time with the first of them.
    page.page.route("**/api/documents", lambda route: None if route.request.method == "POST" else route.continue_())
    page.to_list()
    files = [{"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"x" * 99} for name in "abc"]
    page.page.set_input_files("#files", files)
    sending = page.page.get_by_role("group", name="Upload")
    sending.get_by_text("1 of 3: a.txt…").wait_for()
    assert 0 <= float(sending.get_by_role("progressbar").get_attribute("value") or -1) < 334
    # What comes meanwhile waits its turn; two of one name are two documents.
    drop(page, {"a.txt": "x"})
    sending.get_by_text("1 of 4: a.txt…").wait_for()
    sending.get_by_role("button", name="Stop").click()
    sending.get_by_text("Not added:").wait_for()
    stopped = sending.locator("li")
    expect(stopped).to_have_count(4)
    assert sorted(stopped.all_text_contents()) == [f"{name}.txt Stopped." for name in ("a (2)", "a", "b", "c")]
    page.page.unroute_all(behavior="ignoreErrors")
    expect(page.page.locator("#sources .read > span", has_text=re.compile(r"^[abc]\b"))).to_have_count(0)


def test_a_pdf_shows_its_pages_and_opens_at_the_cited_one(page: Watched) -> None:
    page.ask(OPENED)
    page.follow()
    expect(page.page.locator("#source-text mark.cited").first).to_contain_text("19 March 1932")
    pages = page.page.locator("#source-text .page")
    assert pages.evaluate_all("all => all.map((one) => one.ariaLabel)") == ["Page 1", "Page 2", "Page 3"]
    link = page.page.get_by_role("link", name="PDF, page 3")
    with page.page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_url("**/file#page=3", wait_until="commit")
    opened.value.close()


def test_a_file_that_changed_since_it_was_indexed_is_flagged(page: Watched, live: Live) -> None:
    file = live.folder / "lighthouse.txt"
    times = file.stat()
    file.write_text(LIGHTHOUSE.replace("1871", "1872"), encoding="utf-8")
    try:
        page.page.reload()
        page.page.locator("#source-text article").wait_for(state="attached")
        page.ask(BUILT)
        expect(page.page.locator(".notes cite")).to_contain_text("changed since it was indexed")
        page.follow()
        assert page.marked().endswith("1871")
        expect(page.page.locator("#source-text .stale")).to_contain_text("has changed since it was indexed")
        page.to_list()
        page.page.locator("#sources li", has_text="lighthouse").get_by_text("changed since").wait_for()
    finally:
        file.write_text(LIGHTHOUSE, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_feedback_is_kept_with_the_answer_and_becomes_cases(page: Watched, live: Live) -> None:
    kept = live.storage / "feedback.jsonl"
    kept.unlink(missing_ok=True)
    page.ask(BUILT)
    asked = page.page.get_by_role("group", name="Was this right?")
    asked.get_by_role("button", name="Wrong answer").click()
    asked.get_by_role("textbox").fill("in 1872")
    asked.get_by_role("button", name="Send").click()
    asked.get_by_text("Noted, thank you.").wait_for()
    page.ask(OPENED)
    asked = page.page.locator('.turn[data-turn="1"] .feedback')
    asked.get_by_role("button", name="Wrong evidence").click()
    asked.get_by_role("textbox").fill("the plaque says so")
    asked.get_by_role("textbox").press("Enter")
    asked.get_by_text("Noted, thank you.").wait_for()
    page.ask("Which team won the football World Cup in 2018?")
    asked = page.page.locator('.turn[data-turn="2"] .feedback')
    expect(asked.get_by_role("button")).to_have_text(["Yes", "It is in the source"])
    asked.get_by_role("button", name="It is in the source").click()
    asked.get_by_role("button", name="Cancel").click()
    asked.get_by_role("button", name="Yes").click()
    asked.get_by_text("Noted, thank you.").wait_for()

    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [row["verdict"] for row in rows] == ["wrong_answer", "wrong_evidence", "right"]
    assert rows[0]["answer"]["citations"][0]["quote"].endswith("1871")
    assert (rows[0]["expected"], rows[1]["expected"], rows[1]["comment"]) == ("in 1872", "", "the plaque says so")
    cases = [draft.case for draft in from_feedback(kept)]
    assert [case.question for case in cases][:2] == [BUILT, OPENED]
    assert cases[0].answers == ("in 1872",)
    assert cases[2].answers == ()
    # What was said stays said after a reload.
    page.page.reload()
    page.page.get_by_text("Noted, thank you.").nth(2).wait_for()


def test_each_paragraph_runs_as_its_script_does_and_a_table_stays_within_the_pane(
    opened: Callable[[str], Watched], tmp_path: Path
) -> None:
    rows = "\n".join(f"| {1900 + at} | {at * 120} | A year like any other, with storms in spring |" for at in range(30))
    text = f"# Catch\n\nافتتح الجسر.\n\nIt was opened.\n\n| Year | Tons | Remarks |\n|---|---|---|\n{rows}\n"
    (tmp_path / "catch.md").write_text(text, encoding="utf-8")
    sync([tmp_path / "catch.md"], tmp_path / "storage")
    for address in serve(create_app(open_assistant(tmp_path / "storage"), storage=tmp_path / "storage")):
        seen = opened(address)
        seen.to_source()
        # Where the first letter of each paragraph stands: 0 at the left edge, 1 at the right one.
        begins = seen.page.locator(".source p").evaluate_all(
            """all => all.map((one) => {
                const range = document.createRange();
                range.setStart(one.firstChild, 0);
                range.setEnd(one.firstChild, 1);
                const { left, width } = one.getBoundingClientRect();
                return Math.round((range.getBoundingClientRect().left - left) / width);
            })"""
        )
        assert begins == [1, 0]
        expect(seen.page.locator(".source th")).to_have_count(3)
        expect(seen.page.locator(".source tr:visible")).to_have_count(31)
        expect(seen.page.locator(".front .title")).to_have_count(0)  # the text begins with it
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        right = seen.page.locator(".source .table").evaluate("one => one.getBoundingClientRect().right <= innerWidth")
        assert right
        seen.page.evaluate("localStorage.clear()")
        seen.close(address)


def test_a_page_over_no_sources_says_how_to_add_some(opened: Callable[[str], Watched], tmp_path: Path) -> None:
    source = tmp_path / "only.txt"
    source.write_text("The mill closed in 1950.", encoding="utf-8")
    sync([source], tmp_path / "storage")
    for address in serve(create_app(open_assistant(tmp_path / "storage"), storage=tmp_path / "storage")):
        seen = opened(address)
        seen.to_list()
        remove(seen, "only")
        seen.to_chat()
        expect(seen.page.locator(".first h1")).to_have_text("Add your sources.")
        seen.send("When did the mill close?")
        seen.page.get_by_text("There are no sources yet.").first.wait_for()
        expect(seen.box).to_have_value("When did the mill close?")
        seen.page.locator(".begin").get_by_role("button", name="Add documents").click()
        expect(seen.page.locator("#files")).to_be_focused()
        seen.page.set_input_files("#files", source)
        seen.page.get_by_role("group", name="Upload").get_by_text("1 document added.").wait_for()
        seen.to_chat()
        seen.page.locator(".first h1", has_text="Ask the source.").wait_for()
        seen.box.press("Enter")
        seen.page.locator(".answered").wait_for()
        seen.page.evaluate("localStorage.clear()")
        seen.close(address)
