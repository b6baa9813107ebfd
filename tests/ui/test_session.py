"""A session at the page in Chromium: what is kept, changed, stopped, found, copied and taken along."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from scripted import ARTICLE, Watched

pytestmark = pytest.mark.browser


def asked(seen: Watched, *questions: str) -> None:
    """Wait until these are the questions of the conversation."""
    expect(seen.page.locator(".asked")).to_have_text([f"You asked: {one}" for one in questions])


def test_conversations_are_kept_named_and_deleted(page: Watched) -> None:
    page.ask("When?")
    page.ask("Nobody knows?")
    page.page.reload()
    page.page.locator(".turn").nth(1).wait_for()
    asked(page, "When?", "Nobody knows?")
    page.follow()
    page.marks("May 6")

    page.to_chat()
    page.page.locator("#new").click()
    page.ask("Astral?")
    page.page.keyboard.press("Alt+c")
    sheet = page.page.get_by_role("dialog", name="Conversations")
    expect(sheet.locator(".open span")).to_have_text(["Astral?", "When?"])
    sheet.get_by_role("button", name="Rename When?").click()
    sheet.get_by_label("Name of the conversation").fill("<b>The start</b>")
    sheet.get_by_role("button", name="Save").click()
    sheet.get_by_role("button", name="Delete Astral?").click()
    sheet.get_by_role("button", name="Delete", exact=True).click()
    expect(sheet.locator(".open span")).to_have_text(["<b>The start</b>"])
    asked(page)
    sheet.locator(".open").click()
    asked(page, "When?", "Nobody knows?")
    expect(sheet).to_be_hidden()


def test_what_is_kept_is_brought_into_shape_and_shown_as_text(page: Watched) -> None:
    hostile = "<img src=x onerror=window.ran=1>"
    turns = [{"question": hostile, "answer": {"answer": hostile, "answered": True, "citations": [7, {"quote": 5}]}}, 3]
    kept = {"x": {"title": hostile, "turns": turns}, "y": {"turns": "none"}, "z": 7}
    page.page.evaluate(
        "(kept) => { for (const [id, one] of Object.entries(kept))"
        " localStorage.setItem(`footnote:conversation:${id}`, JSON.stringify(one));"
        " localStorage.setItem('footnote:conversation:broken', '{'); }",
        kept,
    )
    page.page.keyboard.press("Alt+c")
    expect(page.page.locator("#sheet .open span")).to_have_text([hostile])
    page.page.locator("#sheet .open").click()
    asked(page, hostile)
    expect(page.page.locator("#thread img")).to_have_count(0)
    assert page.page.evaluate("window.ran") is None


def test_a_question_can_be_stopped_edited_and_asked_again(page: Watched) -> None:
    box = page.box
    with page.awaited("Who won?"):
        page.page.get_by_role("button", name="Stop").click()
        page.page.get_by_text("Stopped.").wait_for()
    asked(page)
    expect(box).to_have_value("Who won?")

    box.fill("")
    page.ask("When?")
    page.ask("Astral?")
    box.press("ArrowUp")
    expect(box).to_have_value("Astral?")
    expect(page.page.locator("#editing")).to_be_visible()
    page.page.get_by_role("button", name="Cancel").click()
    expect(box).to_have_value("")

    page.page.locator('.turn[data-turn="0"]').evaluate("turn => turn.setAttribute('data-earlier', '')")
    page.page.get_by_role("button", name="Ask again").first.click()
    page.page.locator('.turn[data-turn="0"]:not([data-earlier]) .answered').wait_for()
    asked(page, "When?", "Astral?")

    # An earlier question that is edited is asked in a copy; what followed it stays in the first conversation.
    page.page.get_by_role("button", name="Edit question").first.click()
    expect(box).to_have_value("When?")
    page.send("What happens?")
    asked(page, "What happens?")
    page.page.locator(".turn .footnote").nth(1).wait_for()
    page.page.keyboard.press("Alt+c")
    expect(page.page.locator("#sheet .open small").nth(1)).to_contain_text("2 questions")


def test_footnotes_are_stepped_through_and_lead_back(page: Watched) -> None:
    page.ask("What happens?")
    expect(page.page.locator(".footnote")).to_have_count(2)
    first, second = page.page.locator(".footnote").all()
    first.press("Enter")
    page.page.locator('mark.cited[data-number="1"]').wait_for()
    page.marks("Aircraft are banned.")
    page.marks("four areas", "also")
    page.page.locator("#source-text").press("ArrowRight")
    page.page.locator('mark.cited[data-number="2"]').wait_for()
    page.marks("four areas")
    page.marks("Aircraft are banned.", "also")
    expect(page.page.locator("#step-where")).to_have_text("Footnote 2 of 2")
    page.page.get_by_role("button", name="The one before").click()
    page.page.locator('mark.cited[data-number="1"]').wait_for()
    page.page.locator("#source-text").focus()
    page.page.keyboard.press("Escape")
    expect(first).to_be_focused()

    first.press("ArrowRight")
    page.page.locator('mark.cited[data-number="2"]').wait_for()
    page.marks("four areas")
    if not page.narrow:
        expect(second).to_be_focused()
    page.page.locator("mark.cited").click()
    expect(page.page.locator(".footnote:focus")).to_have_count(1)
    page.page.locator(".footnote").nth(1).press("Enter")
    page.page.get_by_role("button", name="To the answer").click()
    expect(page.page.locator(".footnote:focus")).to_have_count(1)


def test_a_footnote_shows_its_quote_to_who_points_at_it_or_comes_by_keyboard(page: Watched) -> None:
    page.ask("What happens?")
    expect(page.page.locator(".footnote")).to_have_count(2)
    first, second = page.page.locator(".footnote").all()
    card = page.page.get_by_role("tooltip")
    second.hover()
    card.filter(has_text="“four areas”").wait_for()
    expect(second).to_have_attribute("aria-describedby", "card")
    page.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    first.focus()
    page.page.keyboard.press("Tab")  # the browser shows focus to who uses the keyboard
    card.filter(has_text="“four areas”").wait_for()
    expect(second).to_be_focused()


def test_words_are_found_without_touching_the_text_or_its_marks(page: Watched) -> None:
    page.ask("When?")
    page.follow()
    page.page.keyboard.press("Alt+l")
    expect(page.page.locator("#find")).to_be_focused()
    page.page.keyboard.type("are")
    page.page.get_by_text("1 of 3", exact=True).wait_for()
    page.page.keyboard.press("Enter")
    page.page.get_by_text("2 of 3", exact=True).wait_for()
    assert page.page.locator("#source-text article").evaluate("one => one.textContent") == ARTICLE
    page.marks("May 6")
    page.page.locator("#find").fill("agreed de-escalation")
    page.page.get_by_text("not found").wait_for()
    page.page.locator("#find").fill("banned. DE-escalation")
    page.page.get_by_text("1 of 1", exact=True).wait_for()


def test_selecting_words_of_an_answer_marks_the_sentence_that_fits(page: Watched) -> None:
    page.ask("What happens?")
    select = (
        "(one, [from, to]) => { const range = document.createRange();"
        " const texts = [...one.childNodes].filter((node) =>"
        " node.nodeType === 3 && node.data.trim()); range.setStart(texts[from], 0); range.setEnd(texts[from], to);"
        " getSelection().removeAllRanges(); getSelection().addRange(range); }"
    )
    page.page.locator(".answer").evaluate(select, [0, 8])
    page.page.locator("mark.match", has_text="Aircraft").wait_for(state="attached")
    page.marks("Aircraft are banned.", "match")
    page.page.locator(".answer").evaluate(select, [1, len("four areas")])
    page.page.locator("mark.match", has_text="four").wait_for(state="attached")
    page.marks("There are four areas.", "match")


def test_an_answer_is_copied_and_a_conversation_taken_along_with_its_footnotes(page: Watched) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.ask("What happens?")
    page.page.get_by_role("button", name="Copy").click()
    page.page.get_by_text("Copied").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    start = ARTICLE.index("four areas")
    assert copied.startswith("Aircraft are banned. [1] four areas [2]\n\n[1] “Aircraft are banned.”")
    assert f"[2] “four areas” — Zones agreed, article.txt, characters {start}–{start + 10}" in copied

    page.ask("Who won <the> *cup*?")
    written = {}
    for format in ("Markdown", "HTML", "JSON"):
        page.page.keyboard.press("Alt+c")
        with page.page.expect_download() as download:
            page.page.get_by_role("button", name=format).click()
        page.page.keyboard.press("Escape")
        page.page.locator("#sheet").wait_for(state="hidden")
        written[download.value.suggested_filename] = download.value.path().read_text(encoding="utf-8")
    assert list(written) == ["what-happens.md", "what-happens.html", "what-happens.json"]
    markdown, html, exported = written.values()
    assert "[^1-2]: “four areas”" in markdown
    assert "## Who won \\<the\\> \\*cup\\*?" in markdown
    assert "<h2>Who won &lt;the&gt; *cup*?</h2>" in html
    assert '<sup><a href="#note-1-2">2</a></sup>' in html
    assert [turn["answer"]["answered"] for turn in json.loads(exported)["turns"]] == [True, False]
    assert json.loads(exported)["turns"][0]["answer"]["citations"][1]["quote"] == "four areas"


def test_the_panes_are_resized_by_hand_and_from_the_keyboard_and_stay_so(page: Watched, width: int) -> None:
    divider = page.page.get_by_role("separator", name="Width of the conversation")
    if page.narrow:  # there they lie over each other
        expect(divider).to_be_hidden()
        return
    chat = page.page.locator("#chat")

    def share() -> float:
        box = chat.bounding_box()
        assert box
        return round(box["width"] / width, 2)

    before = share()
    divider.focus()
    for _ in range(4):
        page.page.keyboard.press("ArrowRight")
    page.becomes(lambda: round(share() - before, 2), 0.08)
    at = divider.bounding_box()
    assert at
    page.page.mouse.move(at["x"] + at["width"] / 2, 300)
    page.page.mouse.down()
    page.page.mouse.move(width * 0.6, 300, steps=3)
    page.page.mouse.up()
    page.becomes(share, 0.6)
    expect(divider).to_have_attribute("aria-valuenow", "60")
    page.page.reload()
    page.page.locator("#source-text article").wait_for()
    page.becomes(share, 0.6)


def test_a_question_is_limited_to_the_sources_that_are_checked(page: Watched) -> None:
    sent: list[dict[str, object]] = []
    page.page.on("request", lambda request: sent.append(request.post_data_json) if "/api/ask" in request.url else None)
    page.page.locator("#limits").click()
    page.page.get_by_role("checkbox", name="Ask Astral 😀").uncheck()
    expect(page.page.locator("#limits")).to_have_text("2 of 3 sources")
    page.to_chat()
    page.ask("When?")
    assert sent[-1]["documents"] == ["article", "hostile"]
    page.to_list()
    page.page.get_by_label("Ask all of them").check()
    page.to_chat()
    page.ask("When?")
    assert "documents" not in sent[-1]
    page.to_list()
    page.page.get_by_label("Ask all of them").uncheck()
    page.to_chat()
    before = len(sent)
    page.send("When?")
    page.page.get_by_text("No source is checked.").wait_for()
    assert len(sent) == before
    expect(page.box).to_have_value("When?")


def test_how_sure_an_answer_has_to_be_is_asked_for_and_kept(page: Watched) -> None:
    sent: list[dict[str, object]] = []
    page.page.on("request", lambda request: sent.append(request.post_data_json) if "/api/ask" in request.url else None)
    told = page.page.request.get(f"{page.page.url}ui/offered").json()["calibration"]
    page.page.locator("#strictness summary").click()
    slider = page.page.get_by_role("slider", name="How sure an answer has to be")
    means = page.page.locator("#strict-means")
    expect(means).to_contain_text("The reader’s own balance.")
    means.wait_for()
    within = page.page.locator("#strictness .popover").evaluate(
        "one => { const { left, right, top } = one.getBoundingClientRect();"
        " return left >= 0 && right <= innerWidth && top >= 0; }"
    )
    assert within
    page.ask("When?")
    assert "strictness" not in sent[-1]

    page.page.locator("#strictness summary").click()
    slider.press("End")
    expect(means).not_to_contain_text("The reader’s own balance.")
    page.page.keyboard.press("Escape")
    page.ask("When?")
    right = sent[-1]["strictness"]
    (stop,) = [one for one in told["curve"] if one["right"] == right]
    assert stop["threshold"] > told["threshold"]
    expect(means).to_contain_text(f"{round(right * 100)} of 100 answers were right")
    expect(page.page.locator("#strictness summary")).to_have_text(f"Answers: right {round(right * 100)} in 100")

    page.page.reload()
    page.page.locator("#source-text article").wait_for(state="attached")
    page.page.locator("#strictness summary", has_text="right").wait_for()
    page.ask("When?")
    assert sent[-1]["strictness"] == right
    page.page.locator("#strictness summary").click()
    slider.press("Home")
    page.ask("When?")
    (stop,) = [one for one in told["curve"] if one["right"] == sent[-1]["strictness"]]
    assert stop["threshold"] < told["threshold"]
