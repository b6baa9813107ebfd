"""WCAG 2.2 AA by axe-core in every state of the page that looks different, light and dark; and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from scripted import PATIENCE, Watched, scripted, serve
from scripted import page as page_over

from qa.access import Access, new_token

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(seen: Watched) -> list[tuple[str, list[str]]]:
    """The rules that are broken, each with the elements that break it."""
    found = seen.page.evaluate("(tags) => axe.run({ runOnly: tags, resultTypes: ['violations', 'passes'] })", TAGS)
    assert found["passes"], "axe looked at nothing"
    return [(broken["id"], [node["html"][:120] for node in broken["nodes"]]) for broken in found["violations"]]


def states(seen: Watched) -> Iterator[str]:
    """Brings the page into one state after another."""
    page = seen.page
    page.locator(".example").first.wait_for()
    yield "first run"
    page.locator("#strictness summary").click()
    page.locator("#strict").wait_for()
    yield "strictness"
    page.locator("#strictness summary").click()
    seen.ask("What happens?")
    yield "an answer"
    page.locator(".footnote").first.focus()
    page.keyboard.press("Tab")
    page.locator("#card").wait_for()
    yield "a footnote's card"
    seen.follow(".footnote >> nth=0")
    yield "a footnote followed"
    page.locator("#find").fill("are")
    page.get_by_text("1 of 3").wait_for()
    yield "found"
    seen.to_chat()
    page.get_by_role("button", name="Wrong evidence").click()
    page.get_by_role("button", name="Send").wait_for()
    yield "feedback"
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Edit question").click()
    page.locator("#edit-cancel").wait_for()
    yield "editing"
    page.locator("#edit-cancel").click()
    seen.ask("Nobody knows?")
    yield "not in the source"
    seen.ask("Model?")
    yield "a model's answer"
    seen.ask("Busy?")
    yield "failed"
    page.keyboard.press("Alt+c")
    page.locator("#sheet .keys").wait_for()
    yield "conversations"
    page.locator("#sheet").get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the conversation").wait_for()
    yield "renaming"
    page.keyboard.press("Escape")
    page.locator("#sheet").wait_for(state="hidden")
    with seen.awaited("When?"):
        yield "being answered"
        page.get_by_role("button", name="Stop").click()
        page.locator('[data-state="pending"]').wait_for(state="detached")
    seen.to_list()
    page.get_by_role("button", name="Remove Zones agreed").wait_for()
    yield "sources"
    page.get_by_role("button", name="Remove Zones agreed").click()
    page.get_by_role("button", name="Keep").wait_for()
    yield "removing"
    page.get_by_role("button", name="Keep").click()
    page.route("**/api/documents", lambda route: None if route.request.method == "POST" else route.continue_())
    page.set_input_files("#files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    page.get_by_role("progressbar").wait_for()
    yield "uploading"
    page.get_by_role("group", name="Upload").get_by_role("button", name="Stop").click()
    page.get_by_text("Not added:").wait_for()
    yield "not added"
    page.unroute_all(behavior="ignoreErrors")


@pytest.mark.timeout(600)  # 36 looks by axe
def test_no_state_of_the_page_breaks_a_rule(page: Watched) -> None:
    pytest.importorskip("axe_playwright_python")
    # Evaluated by the debugger: the page's policy, rightly, lets in no script of another's.
    page.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    broken = {}
    for state in states(page):
        for scheme in ("light", "dark"):
            page.page.emulate_media(color_scheme=scheme)
            page.page.locator(f"body{'.dark' if scheme == 'dark' else ':not(.dark)'}").wait_for()
            page.page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
            page.drawn()
            broken[state, scheme] = violations(page)
        page.page.emulate_media(color_scheme="light")
    assert len(broken) == 2 * 18
    assert {state: found for state, found in broken.items() if found} == {}


@pytest.fixture(scope="module")
def token() -> str:
    return new_token()


@pytest.fixture(scope="module")
def locked_site(token: str) -> Iterator[str]:
    yield from serve(page_over(scripted(), Access(token, frozenset({"127.0.0.1"}))))


def test_the_page_of_the_token_breaks_no_rule_and_lets_in_who_has_it(
    contexts: dict[int, BrowserContext], width: int, locked_site: str, token: str
) -> None:
    page = contexts[width].new_page()
    page.set_default_timeout(PATIENCE)
    seen = Watched(page)
    page.goto(locked_site)
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    field = page.get_by_label("Token")
    for tried in ("", "not the token"):
        if tried:
            field.fill(tried)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("alert").wait_for()
        page.evaluate(axe)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            seen.drawn()
            assert (tried, scheme, violations(seen)) == (tried, scheme, [])
        page.emulate_media(color_scheme="light")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    field.fill(token)
    field.press("Enter")
    seen.box.wait_for()
    page.close()
    contexts[width].clear_cookies()


def focus(seen: Watched) -> str:
    """What has the focus, as a screen reader would name it."""
    return str(
        seen.page.evaluate(
            "() => { const one = document.activeElement;"
            " return one.getAttribute('aria-label') || one.textContent.trim() || one.tagName; }"
        )
    )


def tab_to(seen: Watched, name: str) -> list[str]:
    """Press Tab until what is named so has the focus; what had it on the way."""
    passed = []
    for _ in range(40):
        seen.page.keyboard.press("Tab")
        passed.append(focus(seen))
        if passed[-1].startswith(name):
            return passed
    raise AssertionError(f"{name!r} is never reached; these are: {passed}")


def test_everything_is_reached_by_keyboard_in_the_order_it_is_read(page: Watched) -> None:
    keys = page.page.keyboard
    expect(page.box).to_be_focused()
    keys.type("What happens?")
    keys.press("Enter")
    page.page.locator(".answered").wait_for()
    page.page.locator("#follow-ups").wait_for()  # it comes last, and moves nothing above it
    if not page.narrow:
        page.page.locator(".footnote[aria-current]").first.wait_for()
    page.drawn()
    page.page.locator("#sheet-open").focus()
    passed = tab_to(page, "Footnote 2")
    assert passed[0] == "New conversation" if not page.narrow else passed[:2] == ["New conversation", "Source"]
    assert passed[-2:] == ["Footnote 1: Aircraft are banned.", "Footnote 2: four areas"]
    passed = tab_to(page, "Wrong evidence")
    assert passed[0] == "Show footnote 1 in the source"
    assert passed[-6:] == ["Copy", "Edit question", "Ask again", "Yes", "Wrong answer", "Wrong evidence"]
    page.page.locator(".footnote").first.focus()
    keys.press("Enter")
    page.page.locator(".footnote").first.and_(page.page.locator("[aria-current]")).wait_for(state="attached")
    page.page.locator("mark.cited").first.wait_for()
    page.drawn()
    keys.press("Escape")
    if not page.narrow:
        keys.press("Alt+s")
        page.becomes(lambda: focus(page), "Text of the source")
        keys.press("Escape")
    expect(page.page.locator(".footnote:focus")).to_have_count(1)
    keys.press("Alt+q")
    expect(page.box).to_be_focused()
    tab_to(page, "All 3 sources")
    keys.press("Enter")
    page.page.get_by_role("checkbox", name="Ask Astral 😀").focus()
    keys.press("Space")
    expect(page.page.get_by_role("checkbox", name="Ask Astral 😀")).not_to_be_checked()
    keys.press("Escape")
    expect(page.page.locator("#limits")).to_have_text("2 of 3 sources")
    keys.press("Alt+n")
    page.page.locator(".first").wait_for()
    expect(page.box).to_be_focused()


def test_nothing_moves_for_who_wants_less_motion(page: Watched) -> None:
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    with page.awaited("Nobody knows?"):
        page.drawn()
        assert page.page.evaluate(moving) == 0
    page.page.locator('[data-state="absent"]').wait_for()
    page.follow(".near >> nth=0", kind="near")
    assert page.page.evaluate(moving) == 0
