"""A scripted assistant over a few documents, and the means to serve its page and to watch it in a browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from index.errors import DocumentUnknown, Overloaded
from index.types import Document, Heading, Hit, Passage
from qa.types import NOT_IN_SOURCE, Answer, Citation, History, Nearest, Sentence

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = (
    '<script>window.ran=1</script> </script> <img src=x onerror="window.ran=2"> <b>bold</b> **strong** '
    "![](http://example.invalid/x.png) <img src=http://example.invalid/y.png> $$x^2$$ [a](javascript:window.ran=3) "
    '<form action="javascript:window.ran=4"><button>go</button></form> `code` https://example.invalid/z &amp; '
    "${window.ran=5} {{window.ran=6}}\n\n# not a heading\n\n<iframe src=http://example.invalid/></iframe>\t’end"
)

ARTICLE = (
    "Zones agreed\n\nThe ceasefire starts on May 6. Aircraft are banned.\n\n"
    "De-escalation zones\n\nThere are four areas."
)


def document(id: str, text: str, title: str = "", headings: Sequence[str] = ()) -> Document:
    found = tuple(Heading(text.index(name), text.index(name) + len(name)) for name in headings)
    return Document(id, title or id, f"{id}.txt", text, sha256=f"sha-{id}", headings=found)


def cite(document: Document, quote: str, number: int = 1) -> Citation:
    start = document.text.index(quote)
    return Citation(number, document, start, start + len(quote), quote, quote, start, None)


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


@dataclass
class Scripted:
    """An assistant and its index at once: known questions get the answers written below, others abstain."""

    shown: list[Document]
    asked: list[tuple[str, History]] = field(default_factory=list)

    def documents(self) -> list[Document]:
        return self.shown

    def document(self, document_id: str) -> Document:
        for document in self.shown:
            if document.id == document_id:
                return document
        raise DocumentUnknown(f"No document has the id {document_id!r}.")

    def ask(self, question: str, history: History) -> Answer:
        self.asked.append((question, tuple(history)))
        article, astral, hostile = self.shown
        if question == "When?":
            return answer(question, cite(article, "May 6"), standalone="When does the ceasefire start?")
        if question == "What is said about “De-escalation zones”?":
            return answer(question, cite(article, "There are four areas."))
        if question == "What happens?":
            return answer(question, cite(article, "Aircraft are banned."), cite(article, "four areas", 2))
        if question == "Astral?":
            return answer(question, cite(astral, "the 🦊 jumps\n\nover the 𝒹og"))
        if question == "Slow?":
            time.sleep(0.8)
        if question == "Busy?":
            raise Overloaded("Too many questions at once. <i>Try again</i> in a moment.")
        if question == "Bug?":
            raise ValueError("an inner secret")
        if "window.ran" in question:
            return answer(question, cite(hostile, hostile.text), standalone=f"{question} again")
        return not_answered(question, (article, "There are four areas."), (hostile, HOSTILE))


def scripted() -> Scripted:
    return Scripted(
        [
            document("article", ARTICLE, "Zones agreed", headings=["Zones agreed", "De-escalation zones"]),
            document("astral/𝒹", "😀 One 𝒹 two 🏳️‍🌈. See the 🦊 jumps\n\nover the 𝒹og, 👍.", "Astral 😀"),
            document("hostile", HOSTILE, f"Title {HOSTILE}"),
        ]
    )


def api() -> FastAPI:
    """Stands in for the API that the page is mounted on."""
    app = FastAPI()

    @app.get("/api/documents")
    def documents() -> list[str]:
        return ["article"]

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


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

    def ask(self, question: str) -> None:
        """Type the question, send it, and wait for what comes."""
        before = self.page.locator(".turn").count()
        box = self.page.locator("#question textarea")
        box.fill(question)
        box.press("Enter")
        self.page.locator(f'.turn[data-turn="{before}"] [data-state]:not([data-state="pending"])').wait_for()

    def marked(self, kind: str = "cited") -> str:
        return "".join(self.page.locator(f"#source-text mark.{kind}").all_text_contents())


def watched(
    browser: Browser, address: str, width: int = 1280, height: int = 800, dark: bool = False, moving: bool = False
) -> Watched:
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="no-preference" if moving else "reduce",
    )
    page.set_default_timeout(10_000)
    seen = Watched(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("dialog", lambda dialog: (seen.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.troubles.append(f"error: {error}"))
    page.on("console", lambda line: seen.troubles.append(line.text) if line.type == "error" else None)
    page.goto(address)
    page.locator("#question textarea").wait_for()
    page.locator("#source-text article").wait_for(state="attached")
    return seen
