"""A hundred payloads through five sinks in Chromium, everything clicked: no script runs, no dialog opens, nothing is
asked of another origin. Gradio's stock Chatbot fails the same look, so the look can fail."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import gradio as gr
import pytest
from fastapi import FastAPI
from playwright.sync_api import Error, expect
from scripted import PATIENCE, Scripted, Watched, answer, cite, document, page, serve

from index.errors import Overloaded
from index.store import EVERYWHERE, Where
from qa.types import Answer, History

pytestmark = pytest.mark.browser

SCRIPT = "window.ran=(window.ran||0)+1"
AWAY = "https://example.invalid/"

_TAGS = (
    "<script>{s}</script>",
    "<img src=x onerror={s}>",
    "<img src={a}i.png>",
    "<svg onload={s}>",
    "<svg><script>{s}</script></svg>",
    "<svg><image href={a}s.png /></svg>",
    "<iframe src='javascript:parent.{s}'></iframe>",
    "<iframe src={a}></iframe>",
    "<iframe srcdoc='<script>parent.{s}</script>'></iframe>",
    "<object data={a}o></object>",
    "<embed src={a}e>",
    "<video src={a}v autoplay onerror={s}></video>",
    "<audio src={a}a onerror={s}></audio>",
    "<a href='javascript:{s}'>go</a>",
    "<a href={a} ping={a}p>go</a>",
    '<form action="javascript:{s}"><input name=action><button>go</button></form>',
    "<form action={a}><button>go</button></form>",
    "<button onclick={s}>go</button>",
    "<button form=f formaction='javascript:{s}'>go</button><form id=f></form>",
    "<details open ontoggle={s}><summary>go</summary></details>",
    "<input autofocus onfocus={s}>",
    "<body onload={s}>",
    "<math><a xlink:href='javascript:{s}'>go</a></math>",
    "<link rel=stylesheet href={a}l.css>",
    "<style>@import '{a}st.css'; body{{background:url({a}bg.png)}}</style>",
    "<meta http-equiv=refresh content='0;url={a}'>",
    "<base href={a}>",
    "<div style='background:url({a}d.png)'>x</div>",
    "<marquee onstart={s}>x</marquee>",
    "<template><script>{s}</script></template>",
    "![x]({a}m.png)",
    "[go](javascript:{s})",
    "<javascript:{s}>",
    "[x]: {a}\n\n![x]",
    "$\\href{{javascript:{s}}}{{go}}$",
    "<img src='/gradio_api/file={a}f.png'>",
    "/gradio_api/file={a}",
    "${{{s}}}",
    "{{{{{s}}}}}",
    "<x-y onclick={s} tabindex=0>go</x-y>",
)
_ENDS = ("", "</textarea></script></title>", "\"'>-->]]>")
PAYLOADS = [end + tag.format(s=SCRIPT, a=AWAY) for end, tag in itertools.product(_ENDS, _TAGS)]


class Hostile(Scripted):
    """Each document's text, title and path are a payload; so are its answers and its errors."""

    def ask(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Answer:
        whole = "\n".join(source.text for source in self.shown)
        if question.startswith("fail"):
            raise Overloaded(whole)
        cited = [cite(source, source.text, number) for number, source in enumerate(self.shown, start=1)]
        given = answer(question, *cited, text=whole, standalone=f"{question} {whole}")
        return replace(given, sentences=tuple(replace(one, status="unsupported") for one in given.sentences))


def hostile(payloads: list[str]) -> Hostile:
    return Hostile([replace(document(f"d{at}", one, title=one), path=one) for at, one in enumerate(payloads)])


@pytest.fixture(scope="module")
def payload_site() -> Iterator[str]:
    yield from serve(page(hostile(PAYLOADS)))


def click_everything(seen: Watched, within: str) -> None:
    seen.page.evaluate(
        """async (within) => {
            for (const one of document.querySelectorAll(within)) {
                // Ours, and they change what is asked next.
                if (one.closest('.acts, .plain, [data-question], [type=checkbox]')) continue;
                one.click?.();
                one.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
                one.focus?.();
            }
            await new Promise((done) => setTimeout(done, 300));
        }""",
        within,
    )


def away(seen: Watched, site: str) -> list[str]:
    return [url for url in seen.requests if not url.startswith((site, "data:", "blob:"))]


def stored(payloads: list[str]) -> dict[str, object]:
    """A turn that asks the payloads, answers with them, cites each and warns of them."""
    said = "\n".join(payloads)
    citations = [
        {"number": number, "document": {"id": f"d{PAYLOADS.index(one)}", "title": one, "path": one}, "quote": one}
        | {"start": 0, "end": len(one), "context": one, "context_start": 0}
        for number, one in enumerate(payloads, start=1)
    ]
    return {"question": said, "answer": {"answer": said, "answered": True, "notice": said, "citations": citations}}


def by_sixes(payloads: list[str]) -> list[list[str]]:
    return [payloads[at : at + 6] for at in range(0, len(payloads), 6)]


def test_there_are_a_hundred_payloads_and_more() -> None:
    assert len(set(PAYLOADS)) >= 100


def test_no_payload_does_anything_in_any_sink(opened: Callable[[str], Watched], payload_site: str) -> None:
    seen = opened(payload_site)
    page = seen.page
    seen.ask("say")  # the answer, the quote, the question as read, the document's text and its file name
    expect(page.locator(".turn .footnote")).to_have_count(len(PAYLOADS))
    click_everything(seen, "#thread *")
    seen.to_list()
    expect(page.locator("#sources .read > span")).to_have_count(len(PAYLOADS))
    click_everything(seen, "#source *")
    seen.ask("fail " + " ".join(PAYLOADS)[:1900])  # an error, and a question
    failed = page.locator(".failed").text_content() or ""
    assert all(one in failed for one in PAYLOADS)
    click_everything(seen, "#thread .failed *")
    # A conversation that somebody wrote into the browser's storage.
    turns = [stored(some) for some in by_sixes(PAYLOADS)]
    turns += [{"question": "failed", "error": " ".join(some)} for some in by_sixes(PAYLOADS)]
    kept = json.dumps({"title": PAYLOADS[0], "at": PAYLOADS[1], "turns": turns})
    page.evaluate("(kept) => localStorage.setItem('footnote:conversation:x', kept)", kept)
    page.evaluate("sessionStorage.setItem('footnote:current', 'x')")
    page.reload()
    page.locator(".turn").nth(len(turns) - 1).wait_for()
    click_everything(seen, "#thread .outcome *")
    page.keyboard.press("Alt+c")
    expect(page.locator("#sheet .open").first).to_be_visible()
    shown = page.locator("#thread").inner_text()
    assert all(one.split("\n")[0] in shown for one in PAYLOADS)
    assert page.evaluate("window.ran") is None
    assert [trouble for trouble in seen.troubles if "404" not in trouble] == []
    assert away(seen, payload_site) == []
    assert page.url.rstrip("/") == payload_site.rstrip("/")
    page.evaluate("localStorage.clear()")
    for one in page.context.pages:  # a source's own file opens beside the page
        one.close()


def test_gradio_s_stock_chatbot_fails_the_same_look(browser) -> None:
    with gr.Blocks(analytics_enabled=False) as stock:
        gr.Chatbot([{"role": "assistant", "content": one} for one in PAYLOADS], elem_id="thread")
    app = gr.mount_gradio_app(FastAPI(), stock, path="/", ssr_mode=False)
    for site in serve(app):
        seen = Watched(browser.new_page())
        seen.page.on("request", lambda request, seen=seen: seen.requests.append(request.url))
        seen.page.goto(site)
        seen.page.locator("#thread").get_by_text("go").first.wait_for()
        # A form leads elsewhere on the site; to close a page that is on its way can hang, so it stays where it is.
        seen.page.route("**/*", lambda route: route.abort())
        with suppress(Error):  # raised where a click led away from the page
            click_everything(seen, "#thread *")
        until = time.monotonic() + PATIENCE / 1000
        while not away(seen, site) and time.monotonic() < until:
            seen.page.wait_for_timeout(50)
        assert away(seen, site)
        seen.page.wait_for_load_state()
        seen.page.close()
