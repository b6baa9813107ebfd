"""The page in Chromium: footnotes mark exactly what they cite, and hostile text stays text."""

from __future__ import annotations

import pytest
from scripted import ARTICLE, HOSTILE, Watched, watched

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, site):
    """The page on a desk; nothing that a test does may call elsewhere or trouble the console."""
    seen = watched(browser, site)
    yield seen
    assert seen.troubles == []
    assert [url for url in seen.requests if not url.startswith((site, "data:", "blob:"))] == []
    seen.page.close()


def choose(page: Watched, footnote: str, turn: int = 0) -> None:
    page.page.locator(f'.turn[data-turn="{turn}"] {footnote}').click()


def test_the_box_has_the_focus_and_an_example_can_be_asked(page: Watched) -> None:
    assert page.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert page.page.locator("#question textarea").get_attribute("maxlength") == "2000"
    page.page.get_by_role("button", name="What is said about “De-escalation zones”?").click()
    page.page.locator(".footnote").first.wait_for()
    assert page.page.locator(".asked").inner_text().endswith("What is said about “De-escalation zones”?")


def test_a_footnote_marks_exactly_the_cited_characters(page: Watched) -> None:
    page.ask("When?")
    assert page.page.locator(".read-as").inner_text() == "Read as: “When does the ceasefire start?”"
    page.page.select_option("#source-switch", "hostile")
    page.page.locator('article[data-document="hostile"]').wait_for()
    choose(page, '[aria-label="Footnote 1: May 6"]')
    page.page.locator("mark.cited").wait_for()
    assert page.marked() == "May 6"
    assert page.page.locator("#source-switch").input_value() == "article"
    assert page.page.locator("#source-text article").evaluate("article => article.textContent") == ARTICLE
    assert page.page.locator("mark.cited").is_visible()


def test_a_footnote_works_from_the_keyboard(page: Watched) -> None:
    page.ask("What happens?")
    page.page.locator(".footnote").nth(1).press("Enter")
    page.page.locator(".footnote[aria-current]", has_text="2").wait_for()
    assert page.marked() == "four areas"
    assert page.marked("also") == "Aircraft are banned."


def test_characters_beyond_the_basic_plane_do_not_shift_a_mark(page: Watched) -> None:
    page.ask("Astral?")
    choose(page, ".footnote")
    page.page.locator("mark.cited").first.wait_for()
    assert page.marked() == "the 🦊 jumps\n\nover the 𝒹og"


def test_the_footnotes_of_earlier_answers_keep_working(page: Watched) -> None:
    page.ask("When?")
    page.ask("Astral?")
    page.ask("Nobody knows?")
    assert page.page.locator("mark").count() == 0
    for turn, quote in ((0, "May 6"), (1, "the 🦊 jumps\n\nover the 𝒹og"), (0, "May 6")):
        choose(page, ".footnote", turn)
        page.page.locator(f'.turn[data-turn="{turn}"] .footnote[aria-current]').wait_for()
        assert page.marked() == quote


def test_what_is_not_in_the_source_looks_different_and_its_nearest_can_be_read(page: Watched) -> None:
    page.ask("Who won the cup?")
    absent = page.page.locator('.absent[data-state="absent"]')
    assert absent.get_by_role("heading").inner_text() == "Not in the source"
    assert "No answer was found in it." in absent.inner_text()
    absent.locator(".near").first.click()
    page.page.locator("mark.near").wait_for()
    assert page.marked("near") == "There are four areas."
    assert page.marked("cited") == ""


def test_a_document_that_changed_since_it_was_cited_is_not_marked(page: Watched) -> None:
    page.ask("When?")
    page.page.select_option("#source-switch", "hostile")
    page.page.locator('article[data-document="hostile"]').wait_for()
    changed = '<article class="source" data-document="article" data-sha="other" data-title="T">Now May 7.</article>'
    page.page.route("**/ui/source/article", lambda route: route.fulfill(body=changed, content_type="text/html"))
    choose(page, ".footnote")
    page.page.get_by_text("This document has changed since it was cited.").wait_for()
    assert page.page.locator("mark").count() == 0


def test_hostile_text_is_shown_and_does_nothing(page: Watched) -> None:
    question = HOSTILE.replace("\n", " ").replace("\t", " ")
    page.ask(question)
    choose(page, ".footnote")
    page.page.locator("mark.cited").first.wait_for()
    assert page.marked() == HOSTILE
    assert page.page.locator(".asked").evaluate("asked => asked.textContent") == f"You asked: {question}"
    assert page.page.locator(".answer").evaluate("p => p.textContent") == f"{HOSTILE}1"
    page.ask("Who knows?")
    page.ask("Busy?")
    assert "<i>Try again</i> in a moment." in page.page.locator(".failed").inner_text()
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("window.ran") is None
    within = ":is(#thread, #source) "
    harmful = page.page.locator(f"{within}:is(script, img, iframe, form, a, b, i, em, math, .katex, code, object)")
    assert harmful.count() == 0


def test_an_error_keeps_the_question_in_the_box(page: Watched) -> None:
    page.ask("Bug?")
    assert "went wrong" in page.page.locator(".failed").inner_text()
    assert page.page.locator("#question textarea").input_value() == "Bug?"


def test_a_new_conversation_forgets_the_old_one_and_keeps_what_is_typed(page: Watched) -> None:
    page.ask("When?")
    page.page.locator("#question textarea").fill("half a thought")
    page.page.get_by_role("button", name="New conversation").click()
    page.page.locator(".first").wait_for()
    assert page.page.locator(".turn").count() == 0
    assert page.page.locator("#question textarea").input_value() == "half a thought"
    page.ask("What happens?")
    assert page.page.locator(".turn").count() == 1


def test_what_is_typed_and_sent_while_an_answer_is_awaited_is_kept(page: Watched) -> None:
    box = page.page.locator("#question textarea")
    box.fill("Slow?")
    box.press("Enter")
    page.page.locator('[data-state="pending"]').wait_for()
    box.fill("the next one")
    box.press("Enter")
    page.page.locator('[data-state="absent"]').wait_for()
    assert box.input_value() == "the next one"
    assert page.page.locator(".turn").count() == 1


def test_an_answer_that_comes_after_a_new_conversation_was_begun_is_dropped(page: Watched) -> None:
    page.page.locator("#question textarea").fill("Slow?")
    page.page.locator("#question textarea").press("Enter")
    page.page.locator('[data-state="pending"]').wait_for()
    page.page.get_by_role("button", name="New conversation").click()
    page.page.locator(".first").wait_for()
    page.page.wait_for_timeout(1200)
    assert page.page.locator(".turn").count() == 0
    page.ask("When?")
    assert page.page.locator(".turn").count() == 1


@pytest.mark.parametrize("moving", [False, True])
def test_the_page_on_a_phone_slides_the_source_over_the_chat_and_back(browser, site, moving: bool) -> None:
    seen = watched(browser, site, width=390, height=844, moving=moving)
    page = seen.page
    seen.ask("When?")
    assert not page.locator("#source-pane").is_visible()
    page.locator(".footnote").click()
    page.locator("mark.cited").wait_for()
    assert seen.marked() == "May 6"
    back = page.get_by_role("button", name="Back to the chat")
    assert back.evaluate("button => button === document.activeElement")
    assert page.locator("#chat").evaluate("chat => chat.inert")
    back.click()
    page.locator("#source-pane").wait_for(state="hidden")
    assert page.locator(".footnote").evaluate("button => button === document.activeElement")
    assert page.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    assert seen.troubles == []
    page.close()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_screen(browser, site, width: int) -> None:
    seen = watched(browser, site, width=width)
    seen.ask(HOSTILE.replace("\n", " "))
    if width < 760:
        seen.page.locator(".footnote").click()
    seen.page.locator("mark.cited").first.wait_for()
    wide = seen.page.evaluate(
        "[...document.querySelectorAll('#bar *, #chat *, #source *')].filter((e) => !e.closest('.unseen, select') &&"
        " e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName)"
    )
    assert wide == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen.page.close()


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(browser, site, dark: bool) -> None:
    """WCAG AA: 4.5 to 1 for every text colour on every ground that it is used on."""
    seen = watched(browser, site, dark=dark)
    pairs = [("ink", "paper"), ("ink", "sheet"), ("ink", "wash"), ("ink", "cited"), ("ink", "also"), ("ink", "near")]
    pairs += [("soft", "paper"), ("soft", "sheet"), ("soft", "wash"), ("soft", "near"), ("accent-ink", "accent")]
    pairs += [("accent", "also"), ("accent", "sheet"), ("accent", "paper"), ("alarm", "wash")]
    colours = seen.page.evaluate(
        "(names) => names.map((name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim())",
        [name for pair in pairs for name in pair],
    )
    contrasts = [contrast(text, ground) for text, ground in zip(colours[::2], colours[1::2], strict=True)]
    assert [(pair, round(c, 1)) for pair, c in zip(pairs, contrasts, strict=True) if c < 4.5] == []
    seen.page.close()


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_real_assistant_s_footnotes_mark_what_they_cite(browser, seeds_site) -> None:
    seen = watched(browser, seeds_site)
    text = seen.page.locator("#source-text article").evaluate("article => article.textContent")
    for question in ("Who signed the memorandum?", "When does the ceasefire begin?", "Where were the talks held?"):
        seen.ask(question)
    places = seen.page.locator(".footnote").evaluate_all("all => all.map((one) => ({ ...one.dataset }))")
    assert places
    for number, place in enumerate(places):
        seen.page.locator(".footnote").nth(number).click()
        seen.page.locator(".footnote").nth(number).and_(seen.page.locator("[aria-current]")).wait_for()
        assert seen.marked() == text[int(place["start"]) : int(place["end"])]
    seen.ask("Which team won the football World Cup in 2018?")
    assert seen.page.get_by_role("heading", name="Not in the source").last.is_visible()
    assert seen.troubles == []
    seen.page.close()
