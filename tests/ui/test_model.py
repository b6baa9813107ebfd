"""Answers that a language model wrote: shown as they come, each sentence with its status; and calm while they grow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scripted import MODEL, Watched

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


def test_words_come_as_they_are_written_and_nothing_jumps(page: Watched) -> None:
    page.page.evaluate(WATCH)
    page.ask("Model?")
    seen: list[dict[str, Any]] = page.page.evaluate("window.seen")
    lengths = [len(one["text"]) for one in seen]
    assert len({length for length in lengths if 0 < length < len(TEXT)}) > 3, "it came all at once"
    assert any(one["unchecked"] for one in seen)
    # Neither marks of passages nor anything else than the model's words.
    assert all(one["unchecked"].strip(" .") in TEXT for one in seen)
    for place in ("asked", "answer", "box"):
        assert len({round(one[place]) for one in seen[2:] if one[place] is not None}) == 1, place


def test_each_sentence_of_a_model_carries_its_status(page: Watched) -> None:
    page.ask("Model?")
    statuses = page.page.locator(".answer .sentence").evaluate_all(
        "all => all.map((one) => [one.textContent, one.dataset.status])"
    )
    assert statuses == [[sentence.text, sentence.status] for sentence in MODEL]
    drawn = page.page.locator(".answer .quoted").evaluate("one => getComputedStyle(one, '::before').content")
    assert drawn == '"“"'
    assert page.page.locator(".answer .flag").inner_text() == "no source bears this out"
    author = page.page.locator(".author").inner_text()
    assert author.startswith("Written by a language model.")
    assert "1 borne out by no source" in author
    assert page.page.locator(".footnote").all_inner_texts() == ["1", "2"]
    page.follow(".footnote >> nth=1")
    assert (page.marked(), page.marked("also")) == ("There are four areas.", "Aircraft are banned.")
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
    assert turn.locator(".notice").inner_text() == notice
    assert turn.locator(".answer").inner_text().startswith("May 6")

    # Where nothing follows, what went wrong is the answer.
    stream = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in steps[:3])
    page.page.route("**/api/ask/stream", lambda route: route.fulfill(body=stream, content_type="text/event-stream"))
    page.ask("When?")
    assert notice in page.page.locator('.turn[data-turn="2"] .failed').inner_text()


@pytest.mark.parametrize("width", [1440])
def test_a_copied_answer_says_which_sentence_no_source_bears_out(page: Watched) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.ask("Model?")
    page.page.get_by_role("button", name="Copy").click()
    page.page.get_by_text("Copied").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "Aircraft are banned. [1] There will be four zones. [2] The zones are well liked. (no source bears this out)"
    )
