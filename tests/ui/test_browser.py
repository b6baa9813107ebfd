"""The page in Chromium: footnotes mark exactly what they cite, and hostile text stays text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from scripted import ARTICLE, HOSTILE, Watched, watched

pytestmark = pytest.mark.browser

ASTRAL = "the 🦊 jumps\n\nover the 𝒹og"


def show(seen: Watched, document: str) -> None:
    """Read another document in the pane."""
    seen.to_source()
    seen.page.select_option("#source-switch", document)
    seen.page.locator(f'article[data-document="{document}"]').wait_for()


def test_three_lines_say_how_and_an_example_can_be_asked(page: Watched) -> None:
    expect(page.box).to_be_focused()
    expect(page.box).to_have_attribute("maxlength", "2000")
    expect(page.page.locator(".hints li")).to_have_count(3)
    page.page.get_by_role("button", name="When will the ceasefire start?").click()
    page.page.locator(".footnote").first.wait_for()
    expect(page.page.locator(".asked")).to_have_text("You asked: When will the ceasefire start?")


def test_a_footnote_marks_exactly_the_cited_characters(page: Watched) -> None:
    page.ask("When?")
    expect(page.page.locator(".read-as")).to_have_text("Read as: “When will the ceasefire start?”")
    show(page, "hostile")
    page.follow('[aria-label="Footnote 1: May 6"]')
    page.marks("May 6")
    expect(page.page.locator("#source-switch")).to_have_value("article")
    assert page.page.locator("#source-text article").evaluate("article => article.textContent") == ARTICLE
    headings = page.page.locator("#source-text article").get_by_role("heading")
    expect(headings).to_have_text(["Zones agreed", "De-escalation zones"])
    expect(page.page.locator("mark.cited")).to_be_in_viewport()


def test_characters_beyond_the_basic_plane_do_not_shift_a_mark(page: Watched) -> None:
    page.ask("Astral?")
    page.follow()
    page.marks(ASTRAL)


def test_the_footnotes_of_earlier_answers_keep_working(page: Watched) -> None:
    page.ask("When?")
    page.ask("Astral?")
    page.ask("Nobody knows?")
    expect(page.page.locator("mark")).to_have_count(0)
    for turn, quote in ((0, "May 6"), (1, ASTRAL), (0, "May 6")):
        page.follow(turn=turn)
        page.marks(quote)


def test_an_answer_shows_its_words_within_their_sentence(page: Watched) -> None:
    page.ask("When?")
    note = page.page.locator(".notes li")
    expect(note.locator("strong")).to_have_text("May 6")
    expect(note.locator("cite")).to_contain_text("Zones agreed")
    word = page.page.locator(".confidence summary")
    expect(word).to_have_text("quite sure")
    expect(page.page.locator(".answered")).not_to_contain_text("93", use_inner_text=True)
    word.hover()
    card = page.page.get_by_role("tooltip")
    expect(card).to_contain_text("Answers held this sure were right about 93 times in 100 on our tests")


def test_what_is_not_in_the_source_looks_different_and_its_nearest_can_be_read(page: Watched) -> None:
    page.ask("Who won the cup?")
    absent = page.page.locator('.absent[data-state="absent"]')
    expect(absent.get_by_role("heading")).to_have_text("Not in the source")
    expect(absent).to_contain_text("No answer was found in it.")
    expect(page.page.locator(".footnote, .confidence")).to_have_count(0)
    page.follow(".near >> nth=0", kind="near")
    page.marks("There are four areas.", "near")
    page.marks("", "cited")


def test_a_document_that_changed_since_it_was_cited_is_not_marked(page: Watched) -> None:
    page.ask("When?")
    show(page, "hostile")
    changed = '<article class="source" data-document="article" data-sha="other" data-title="T">Now May 7.</article>'
    page.page.route("**/ui/source/article", lambda route: route.fulfill(body=changed, content_type="text/html"))
    page.to_chat()
    page.page.locator(".footnote").click()
    page.page.get_by_text("This document has changed since it was cited.").wait_for()
    expect(page.page.locator("mark")).to_have_count(0)


def test_hostile_text_is_shown_and_does_nothing(page: Watched) -> None:
    question = HOSTILE.replace("\n", " ").replace("\t", " ")
    page.ask(question)
    page.follow()
    page.marks(HOSTILE)
    assert page.page.locator(".asked").evaluate("asked => asked.textContent") == f"You asked: {question}"
    assert page.page.locator(".answer").evaluate("p => p.textContent") == f"{HOSTILE}1"
    page.ask("Who knows?")
    page.ask("Busy?")
    expect(page.page.locator(".failed")).to_contain_text("<i>Try again</i> in a moment.")
    page.page.wait_for_timeout(300)  # what could run would run in this time; there is no state to wait for
    assert page.page.evaluate("window.ran") is None
    within = ":is(#thread, #source) "
    harmful = page.page.locator(
        f"{within}:is(script, img, iframe, form, a:not(.offered, .offered *), b, i, em, math, .katex, code, object)"
    )
    expect(harmful).to_have_count(0)


def test_an_error_keeps_the_question_in_the_box(page: Watched) -> None:
    page.ask("Bug?")
    expect(page.page.locator(".failed")).to_contain_text("went wrong")
    expect(page.box).to_have_value("Bug?")


def test_a_new_conversation_forgets_the_old_one_and_keeps_what_is_typed(page: Watched) -> None:
    page.ask("When?")
    page.box.fill("half a thought")
    page.page.locator("#new").click()
    page.page.locator(".first").wait_for()
    expect(page.page.locator(".turn")).to_have_count(0)
    expect(page.box).to_have_value("half a thought")
    page.ask("What happens?")
    expect(page.page.locator(".turn")).to_have_count(1)


def test_what_is_typed_and_sent_while_an_answer_is_awaited_is_kept(page: Watched) -> None:
    with page.awaited("Nobody knows?"):
        page.send("the next one")
    page.page.locator('[data-state="absent"]').wait_for()
    expect(page.box).to_have_value("the next one")
    expect(page.page.locator(".turn")).to_have_count(1)


def test_a_question_is_given_up_when_a_new_conversation_is_begun(page: Watched) -> None:
    given_up = page.page.expect_event("requestfailed", lambda request: "/api/ask/stream" in request.url)
    with page.awaited("Nobody knows?"), given_up:
        page.page.locator("#new").click()
    page.page.locator(".first").wait_for()
    expect(page.page.locator(".turn")).to_have_count(0)
    page.ask("When?")
    expect(page.page.locator(".turn")).to_have_count(1)


@pytest.mark.parametrize("moving", [False, True])
def test_the_page_on_a_phone_slides_the_source_over_the_chat_and_back(browser, site, moving: bool) -> None:
    seen = watched(browser, site, width=390, height=844, moving=moving)
    page = seen.page
    seen.ask("When?")
    expect(page.locator("#source-pane")).to_be_hidden()
    seen.follow()
    seen.marks("May 6")
    back = page.get_by_role("button", name="Back to the chat")
    expect(back).to_be_focused()
    assert page.locator("#chat").evaluate("chat => chat.inert")
    back.click()
    page.locator("#source-pane").wait_for(state="hidden")
    expect(page.locator(".footnote")).to_be_focused()
    assert page.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    seen.close(site)


def test_nothing_is_wider_than_the_screen(page: Watched) -> None:
    page.ask(HOSTILE.replace("\n", " "))
    page.follow()
    wide = page.page.evaluate(
        "[...document.querySelectorAll('#bar *, #chat *, #source *')].filter((e) => !e.closest('.unseen, select') &&"
        " e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName)"
    )
    assert wide == []
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_text_stands_out_from_its_ground(browser, site) -> None:
    """WCAG AA: 4.5 to 1 for every text colour on every ground that it is used on."""
    pairs = [("ink", "paper"), ("ink", "sheet"), ("ink", "wash"), ("ink", "cited"), ("ink", "also"), ("ink", "near")]
    pairs += [("soft", "paper"), ("soft", "sheet"), ("soft", "wash"), ("soft", "near"), ("accent-ink", "accent")]
    pairs += [("accent", "also"), ("accent", "sheet"), ("accent", "paper"), ("alarm", "wash"), ("alarm", "paper")]
    pairs += [("alarm", "sheet")]
    seen = watched(browser, site, dark=True)
    for scheme in ("dark", "light"):
        seen.page.emulate_media(color_scheme=scheme)
        seen.page.locator(f"body{'.dark' if scheme == 'dark' else ':not(.dark)'}").wait_for()
        colours = seen.page.evaluate(
            "(names) => names.map((name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim())",
            [name for pair in pairs for name in pair],
        )
        contrasts = [contrast(text, ground) for text, ground in zip(colours[::2], colours[1::2], strict=True)]
        assert [(pair, round(c, 1)) for pair, c in zip(pairs, contrasts, strict=True) if c < 4.5] == []
    seen.close(site)


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_real_assistant_s_footnotes_mark_what_they_cite(opened: Callable[[str], Watched], seeds_site: str) -> None:
    seen = opened(seeds_site)
    text = seen.page.locator("#source-text article").evaluate("article => article.textContent")
    for question in ("Who signed the memorandum?", "When does the ceasefire begin?", "Where were the talks held?"):
        seen.ask(question)
    places = seen.page.locator(".footnote").evaluate_all("all => all.map((one) => ({ ...one.dataset }))")
    assert places
    for number, place in enumerate(places):
        seen.to_chat()
        seen.page.locator(".footnote").nth(number).click()
        seen.page.locator(".footnote").nth(number).and_(seen.page.locator("[aria-current]")).wait_for()
        seen.marks(text[int(place["start"]) : int(place["end"])])
    seen.ask("Which team won the football World Cup in 2018?")
    expect(seen.page.get_by_role("heading", name="Not in the source").last).to_be_visible()
