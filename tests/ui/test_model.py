"""Answers that a language model wrote: shown as they come, each sentence with its status; and calm while they grow."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from scripted import MODEL, Watched, scripted, serve
from scripted import page as page_over

pytestmark = pytest.mark.browser

TEXT = " ".join(sentence.text for sentence in MODEL)

WATCH = """() => {
    const seen = (window.seen = []);
    const look = () => {
        const [asked, answer, box] = ['.asked', '.answer', '#question'].map((one) => document.querySelector(one));
        if (asked) seen.push({
            asked: asked.getBoundingClientRect().top, box: box.getBoundingClientRect().top,
            answer: answer && answer.getBoundingClientRect().top, text: answer ? answer.textContent : '',
            unchecked: document.querySelector('.unchecked')?.textContent || '',
        });
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture(scope="module")
def slow_writer() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture(scope="module")
def slow_site(slow_writer: threading.Semaphore) -> Iterator[str]:
    """The page over a model that writes a word for each release of its writer."""
    assistant = scripted()
    assistant.words = slow_writer
    yield from serve(page_over(assistant))


def test_words_come_as_they_are_written_and_nothing_jumps(
    opened: Callable[[str], Watched], slow_site: str, slow_writer: threading.Semaphore
) -> None:
    page = opened(slow_site)
    page.send("Model?")
    page.page.locator('[data-state="pending"]').wait_for()
    page.drawn()
    page.page.evaluate(WATCH)
    written = ""
    for sentence in MODEL:
        for word in sentence.text.removesuffix(".").split():
            slow_writer.release()
            written += f" {word}"
            expect(page.page.locator(".answer")).to_contain_text(written.strip())
        slow_writer.release()  # for the mark of the passage
        written += "."
    assert written.strip() == TEXT
    page.page.locator('[data-state="answered"]').wait_for()
    page.drawn()
    seen: list[dict[str, Any]] = page.page.evaluate("window.seen")
    assert any(one["unchecked"] for one in seen)
    # Neither marks of passages nor anything else than the model's words.
    assert all(one["unchecked"].strip(" .") in TEXT for one in seen)
    for place in ("asked", "answer", "box"):
        assert len({round(one[place]) for one in seen if one[place] is not None}) == 1, place


def test_each_sentence_of_a_model_carries_its_status(page: Watched) -> None:
    page.ask("Model?")
    statuses = page.page.locator(".answer .sentence").evaluate_all(
        "all => all.map((one) => [one.textContent, one.dataset.status])"
    )
    assert statuses == [[sentence.text, sentence.status] for sentence in MODEL]
    drawn = page.page.locator(".answer .quoted").evaluate("one => getComputedStyle(one, '::before').content")
    assert drawn == '"“"'
    expect(page.page.locator(".answer .flag")).to_have_text("no source bears this out")
    author = page.page.locator(".author")
    expect(author).to_contain_text("Written by a language model.")
    expect(author).to_contain_text("1 borne out by no source")
    expect(page.page.locator(".footnote")).to_have_text(["1", "2"])
    page.follow(".footnote >> nth=1")
    page.marks("There are four areas.")
    page.marks("Aircraft are banned.", "also")
    page.to_chat()
    page.page.locator(".confidence summary").hover()
    page.page.get_by_role("tooltip").get_by_text("what the model wrote: about 71 in 100").wait_for()


def test_a_model_that_breaks_off_is_named_and_the_answer_read_without_it(page: Watched) -> None:
    page.ask("When?")
    (key,) = page.page.evaluate("Object.keys(localStorage).filter((key) => key.includes('conversation:'))")
    answer = page.page.evaluate("(key) => JSON.parse(localStorage.getItem(key)).turns[0].answer", key)
    notice = "The model <b>tiny</b> broke off. This answer was read out of the sources without it."
    steps = [
        ("standalone_question", "When?"),
        ("delta", {"text": "It will start on"}),
        ("error", {"detail": notice}),
        ("answer", answer | {"notice": notice}),
    ]
    stream = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in steps)
    page.page.route("**/api/ask/stream", lambda route: route.fulfill(body=stream, content_type="text/event-stream"))
    page.ask("When?")
    turn = page.page.locator('.turn[data-turn="1"]')
    expect(turn.locator(".notice")).to_have_text(notice)
    expect(turn.locator(".answer")).to_have_text("May 61")  # the answer, and its footnote

    # Where nothing follows, what went wrong is the answer.
    stream = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in steps[:3])
    page.page.route("**/api/ask/stream", lambda route: route.fulfill(body=stream, content_type="text/event-stream"))
    page.ask("When?")
    expect(page.page.locator('.turn[data-turn="2"] .failed')).to_contain_text(notice)


def test_a_copied_answer_says_which_sentence_no_source_bears_out(page: Watched) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.ask("Model?")
    page.page.get_by_role("button", name="Copy").click()
    page.page.get_by_text("Copied").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "Aircraft are banned. [1] There will be four zones. [2] The zones are well liked. (no source bears this out)"
    )
