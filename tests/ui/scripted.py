"""A scripted assistant over a few documents, and the means to serve its page and to watch it in a browser."""

from __future__ import annotations

import re
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Error, expect

import ui
from index.errors import DocumentUnknown, Overloaded
from index.store import EVERYWHERE, Where
from index.types import Document, Heading, Hit, Passage
from qa.access import OPEN, Access
from qa.api import create_app
from qa.assistant import Event
from qa.types import NOT_IN_SOURCE, Answer, Citation, History, Nearest, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route

PATIENCE = 60_000
"""Milliseconds that a test waits for a state of the page: machines differ, and others are at work on them."""

expect.set_options(timeout=PATIENCE)

WIDTHS = (1440, 820, 390)
"""A desk, a tablet upright, a phone."""

HOSTILE = (
    '<script>window.ran=1</script> </script> <img src=x onerror="window.ran=2"> <b>bold</b> **strong** '
    "![](http://example.invalid/x.png) <img src=http://example.invalid/y.png> $$x^2$$ [a](javascript:window.ran=3) "
    '<form action="javascript:window.ran=4"><button>go</button></form> `code` https://example.invalid/z &amp; '
    "${window.ran=5} {{window.ran=6}}\n\n# not a heading\n\n<iframe src=http://example.invalid/></iframe>\t’end"
)

WHEN = "When will the ceasefire start?"
ARTICLE = (
    "Zones agreed\n\nThe ceasefire will start on May 6. Aircraft are banned.\n\n"
    "De-escalation zones\n\nThere are four areas."
)


def document(id: str, text: str, title: str = "", headings: Sequence[str] = ()) -> Document:
    found = tuple(Heading(text.index(name), text.index(name) + len(name)) for name in headings)
    return Document(id, title or id, f"{id}.txt", text, sha256=f"sha-{id}", headings=found)


def cite(document: Document, quote: str, number: int = 1, within: str = "") -> Citation:
    """The quote, within the sentence given or else by itself."""
    start, sentence = document.text.index(quote), within or quote
    return Citation(number, document, start, start + len(quote), quote, sentence, document.text.index(sentence), None)


def answer(question: str, *citations: Citation, text: str = "", standalone: str = "") -> Answer:
    text = text or " ".join(citation.quote for citation in citations)
    sentences = tuple(Sentence(citation.quote, "quoted", (citation.number,)) for citation in citations)
    return Answer(question, standalone or question, True, text, 0.93, "extractive", citations, sentences)


def not_answered(question: str, *near: tuple[Document, str]) -> Answer:
    nearest = []
    for document, text in near:
        start = document.text.index(text)
        passage = Passage(f"{document.id}-1", document.id, start, start + len(text), text)
        nearest.append(Nearest(document, Hit(passage, 0.4, 1, 1)))
    return Answer(question, question, False, NOT_IN_SOURCE, 0.1, "extractive", nearest=tuple(nearest))


MODEL = (
    Sentence("Aircraft are banned.", "quoted", (1,)),
    Sentence("There will be four zones.", "supported", (2,)),
    Sentence("The zones are well liked.", "unsupported", ()),
)
"""What a language model wrote of the article, each sentence as it was judged."""


def by_model(question: str, article: Document) -> Answer:
    citations = cite(article, "Aircraft are banned."), cite(article, "There are four areas.", 2)
    text = " ".join(sentence.text for sentence in MODEL)
    return Answer(question, question, True, text, 0.71, "llm", citations, MODEL)


@dataclass
class Scripted:
    """An assistant and its index at once: known questions get the answers written below, others abstain."""

    shown: list[Document]
    asked: list[tuple[str, History]] = field(default_factory=list)
    words: threading.Semaphore | None = None
    """Where there is one, the language model writes a word for each release."""

    @property
    def store(self) -> SimpleNamespace:
        """What the API asks of an index's store besides documents."""
        return SimpleNamespace(uri="", counts=lambda: (len(self.shown), len(self.shown)))

    @property
    def index(self) -> Scripted:
        return self

    def documents(self) -> list[Document]:
        return self.shown

    def document(self, document_id: str) -> Document:
        for document in self.shown:
            if document.id == document_id:
                return document
        raise DocumentUnknown(f"No document has the id {document_id!r}.")

    def stream(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Iterator[Event]:
        answer = self.ask(question, history, where, strictness=strictness)
        yield Event("standalone_question", answer.standalone_question)
        if answer.mode == "llm":
            yield from self._written(answer)
        yield Event("answer", answer)

    def ask(
        self, question: str, history: History = (), where: Where = EVERYWHERE, *, strictness: float | None = None
    ) -> Answer:
        self.asked.append((question, tuple(history)))
        article, astral, hostile = self.shown
        if question in ("When?", WHEN):
            dated = cite(article, "May 6", within="The ceasefire will start on May 6.")
            return answer(question, dated, standalone=WHEN)
        if question == "What happens?":
            return answer(question, cite(article, "Aircraft are banned."), cite(article, "four areas", 2))
        if question == "Astral?":
            return answer(question, cite(astral, "the 🦊 jumps\n\nover the 𝒹og"))
        if question == "Model?":
            return by_model(question, article)
        if question == "Busy?":
            raise Overloaded("Too many questions at once. <i>Try again</i> in a moment.")
        if question == "Bug?":
            raise ValueError("an inner secret")
        if "window.ran" in question:
            return answer(question, cite(hostile, hostile.text), standalone=f"{question} again")
        return not_answered(question, (article, "There are four areas."), (hostile, HOSTILE))

    def _written(self, answer: Answer) -> Iterator[Event]:
        """A model's words as it writes them, and each sentence once it is verified: when the next one has begun."""
        for number, sentence in enumerate(answer.sentences, start=1):
            for word in [*sentence.text.removesuffix(".").split(), f"[{number}]."]:
                if self.words:
                    self.words.acquire(timeout=PATIENCE / 1000)
                yield Event("delta", {"text": f"{word} "})
            if number > 1:
                yield Event("text", answer.sentences[number - 2].to_dict())
        yield Event("text", answer.sentences[-1].to_dict())


def scripted() -> Scripted:
    return Scripted(
        [
            document("article", ARTICLE, "Zones agreed", headings=["Zones agreed", "De-escalation zones"]),
            document("astral/𝒹", "😀 One 𝒹 two 🏳️‍🌈. See the 🦊 jumps\n\nover the 𝒹og, 👍.", "Astral 😀"),
            document("hostile", HOSTILE, f"Title {HOSTILE}"),
        ]
    )


KEPT = tempfile.TemporaryDirectory(prefix="footnote-page-")
"""Where feedback on the scripted assistant goes; removed when the tests end."""


def page(assistant: Scripted, access: Access = OPEN) -> FastAPI:
    """The real API over the scripted assistant, with the page on it."""
    return ui.mount(create_app(assistant, pages=False, access=access, storage=KEPT.name), assistant.ask, assistant)


def serve(app: FastAPI) -> Iterator[str]:
    """The address at which `app` answers, for as long as the generator is held."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    server.force_exit = True
    thread.join(10)


@dataclass
class Watched:
    """A page and what it did that it should not have."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def narrow(self) -> bool:
        """Whether the source lies over the conversation, as on a phone."""
        size = self.page.viewport_size
        return size is not None and size["width"] < 760

    @property
    def box(self) -> Locator:
        return self.page.locator("#question textarea")

    def send(self, question: str) -> None:
        self.to_chat()
        self.box.fill(question)
        self.box.press("Enter")

    def ask(self, question: str) -> None:
        """Type the question, send it, and wait for what comes."""
        turn = self.page.locator(f'.turn[data-turn="{self.page.locator(".turn").count()}"]')
        self.send(question)
        turn.locator('[data-state]:not([data-state="pending"])').wait_for()
        # Where there is room the first footnote is shown at once; a scroll that came later would hide a card.
        if not self.narrow and turn.locator(".footnote").count():
            turn.locator(".footnote[aria-current]").first.wait_for()
        self.drawn()

    @contextmanager
    def awaited(self, question: str) -> Iterator[None]:
        """The page while this question is being answered: the server gets it only afterwards."""
        held: list[Route] = []
        self.page.route("**/api/ask/stream", lambda route: held.append(route))
        self.send(question)
        self.page.locator('[data-state="pending"]').wait_for()
        self.becomes(lambda: len(held), 1)
        yield
        self.page.unroute("**/api/ask/stream")
        with suppress(Error):  # the page may have given it up
            held[0].continue_()

    def drawn(self) -> None:
        """Wait until what has been done is on the screen, scrolling included."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def to_source(self) -> None:
        if self.narrow and not self.page.locator("body.source-open").count():
            self.page.locator("#source-open").click()

    def to_chat(self) -> None:
        if self.page.locator("body.source-open").count():
            self.page.locator("#source-back").click()

    def to_list(self) -> None:
        """The list of sources, in view."""
        self.to_source()
        if not self.page.locator('#sources-open[aria-expanded="true"]').count():
            self.page.locator("#sources-open").click()
        self.page.locator("#sources .documents").wait_for(state="attached")

    def follow(self, selector: str = ".footnote", turn: int = 0, kind: str = "cited") -> None:
        """Choose what is at the selector in that turn, and wait for its mark."""
        self.to_chat()
        chosen = self.page.locator(f'.turn[data-turn="{turn}"] {selector}')
        chosen.click()
        chosen.and_(self.page.locator("[aria-current]")).wait_for()
        self.page.locator(f"#source-text mark.{kind}").first.wait_for()
        self.drawn()

    def marked(self, kind: str = "cited") -> str:
        return "".join(self.page.locator(f"#source-text mark.{kind}").all_text_contents())

    def becomes(self, read: Callable[[], object], wanted: object) -> None:
        """Wait until what is read is what is wanted, and fail with what it was instead."""
        until = time.monotonic() + PATIENCE / 1000
        while (found := read()) != wanted and time.monotonic() < until:
            self.drawn()
        assert found == wanted

    def marks(self, text: str, kind: str = "cited") -> None:
        """Wait until exactly this text is marked so."""
        self.becomes(lambda: self.marked(kind), text)

    def close(self, address: str) -> None:
        """Nothing that was done may have called elsewhere or troubled the console."""
        assert self.troubles == []
        assert [url for url in self.requests if not url.startswith((address, "data:", "blob:"))] == []
        self.page.close()


def _is_trouble(line: ConsoleMessage) -> bool:
    # The browser itself writes down each reply that is an error; what the page makes of it is tested.
    return line.type == "error" and not re.search(r"status of (?:422|429|500)", line.text)


def watched(
    browser: Browser, address: str, width: int = 1280, height: int = 800, dark: bool = False, moving: bool = False
) -> Watched:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="no-preference" if moving else "reduce",
    )
    return visited(context, address)


def visited(context: BrowserContext, address: str) -> Watched:
    """A new page of the context, open at the address."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    seen = Watched(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("dialog", lambda dialog: (seen.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.troubles.append(f"error: {error}"))
    page.on("console", lambda line: seen.troubles.append(line.text) if _is_trouble(line) else None)
    page.goto(address)
    page.locator("#question textarea").wait_for()
    page.locator("#source-text > *").first.wait_for(state="attached")
    return seen
