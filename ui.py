"""The chat page: Gradio over the same `ask` as every other interface.

Gradio carries questions and answers and keeps each visitor's conversation; what is shown is made in
`ui_assets.render` and moved by `ui_assets/chat.js`. Gradio's types stay in this file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

# Read when gradio is imported: nothing phones home.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from index.errors import DocumentUnknown, FootnoteError
from index.types import Document
from qa.history import MAX_QUESTION
from qa.types import Answer, History
from ui_assets import render
from ui_assets.examples import examples
from ui_assets.guard import Guard

__all__ = ["Guard", "mount"]

_log = logging.getLogger(__name__)

_ASSETS = Path(render.__file__).parent
_SERVED = {"chat.css": "text/css", "chat.js": "text/javascript"}
_OUR_FAULT = "Something went wrong on our side. Your question is kept; please try again."

# Relative, so that the page also works under a proxy's prefix.
_HEAD = (
    '<link rel="icon" type="image/svg+xml" href="ui/icon.svg"><link rel="stylesheet" href="ui/chat.css">'
    '<script src="ui/chat.js" defer></script>'
)
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f6b5c"/>'
    '<g font-family="Georgia,serif" font-weight="700"><text x="6" y="25" font-size="24" fill="#fff">F</text>'
    '<text x="21" y="14" font-size="12" fill="#b4e6da">1</text></g></svg>'
)
_TOP = (
    '<div class="top"><p class="name">Footnote<sup>1</sup></p>'
    '<button type="button" id="source-open" class="plain">Source</button>'
    '<p id="announce" role="status" class="unseen"></p></div>'
)

_EXAMPLES: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}

Ask = Callable[[str, History], Answer]
Turns = tuple[render.Turn, ...]


class Sources(Protocol):
    """What the page reads of an index. `document` raises DocumentUnknown."""

    def documents(self) -> Sequence[Document]: ...

    def document(self, document_id: str, /) -> Document: ...


def mount(app: FastAPI, ask: Ask, index: Sources) -> FastAPI:
    """Put the chat page at "/" of `app` and return `app`.

    Call it after every other route is in place: the page takes what is left. `ask` may block; it runs in a thread.
    """
    _add_routes(app, index)
    gr.mount_gradio_app(
        app,
        _page(ask, index),
        path="/",
        theme=_theme(),
        head=_HEAD,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
    )
    app.add_middleware(Guard)
    return app


def _add_routes(app: FastAPI, index: Sources) -> None:
    """The page's own routes; left out of the API's documentation, which describes the contract."""

    @app.get("/ui/source/{document_id:path}", include_in_schema=False)
    def source(document_id: str) -> Response:
        try:
            return HTMLResponse(render.source(index.document(document_id)))
        except DocumentUnknown as error:
            return PlainTextResponse(str(error), status_code=404)

    @app.get("/favicon.ico", include_in_schema=False)
    @app.get("/ui/icon.svg", include_in_schema=False)
    def icon() -> Response:
        return Response(_ICON, media_type="image/svg+xml")

    for name, media_type in _SERVED.items():
        app.add_api_route(f"/ui/{name}", _asset(name, media_type), include_in_schema=False)


def _asset(name: str, media_type: str) -> Callable[[], FileResponse]:
    def asset() -> FileResponse:
        return FileResponse(_ASSETS / name, media_type=media_type, headers={"Cache-Control": "no-cache"})

    return asset


def _theme() -> gr.themes.Base:
    # Generic names only: any other name makes Gradio look for a font file, and its own themes ask Google for one.
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )


def _page(ask: Ask, index: Sources) -> gr.Blocks:
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State(())
        with gr.Row(elem_id="bar"):
            _html(_TOP, elem_id="top")
            new = gr.Button("New conversation", elem_id="new", size="sm")
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat"):
                thread = _html("", elem_id="thread")
                question = _question_box()
            source = _html("", elem_id="source")

        # Gradio answers one caller at a time unless told otherwise; the bound on the queue is the assistant's.
        common: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
        # Asked at every visit, so that documents added since the start are there.
        page.load(lambda: _opening(ask, index), outputs=[thread, source], **common)
        asked = question.submit(partial(_turns, ask), [question, turns], [thread, question, turns], **common)
        new.click(lambda: (_opening(ask, index)[0], ()), outputs=[thread, turns], cancels=[asked], **common)
    return page


def _html(value: str, elem_id: str) -> gr.Markdown:
    """A place for HTML of ours. Not gr.HTML, which evaluates strings as script and so would need a laxer policy.

    Gradio's sanitizer is off because it would strip the footnotes' attributes; `render.literal` is what makes
    untrusted text safe here.
    """
    return gr.Markdown(value, elem_id=elem_id, sanitize_html=False, latex_delimiters=[], container=False)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        placeholder="Ask the source a question",
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        max_length=MAX_QUESTION,
        autofocus=True,
        submit_btn="Ask",
        elem_id="question",
    )


def _opening(ask: Ask, index: Sources) -> tuple[str, str]:
    """An empty conversation and the frame of the source pane."""
    try:
        documents = index.documents()
    except FootnoteError as error:
        return render.problem(str(error)), render.source_pane([])
    return render.first_run(_examples(ask, documents)), render.source_pane(documents)


def _examples(ask: Ask, documents: Sequence[Document]) -> tuple[str, ...]:
    """Worked out once for what is indexed; every visitor after the first gets them from `_EXAMPLES`."""
    key = tuple((document.id, document.sha256) for document in documents)
    if key not in _EXAMPLES:
        try:
            found = examples(documents, lambda question: ask(question, ()).answered)
        except FootnoteError:  # the queue is full: the page opens without examples, and the next visit tries again
            return ()
        _EXAMPLES.clear()
        _EXAMPLES[key] = found
    return _EXAMPLES[key]


def _turns(ask: Ask, question: str, turns: Turns) -> Iterator[tuple[Any, Any, Any]]:
    """The conversation while the question is being answered, then with its answer: (thread, box, turns)."""
    if not question.strip():
        yield gr.skip(), gr.skip(), gr.skip()
        return
    yield render.conversation(turns, pending=question), "", turns
    turns = (*turns, _turn(ask, question, turns))
    yield render.conversation(turns), gr.skip(), turns


def _turn(ask: Ask, question: str, turns: Turns) -> render.Turn:
    history = [(turn.question, turn.said) for turn in turns if turn.said is not None]
    try:
        answer = ask(question, history)
        return render.Turn(question, render.answer(answer), answer.text)
    except FootnoteError as error:
        return render.Turn(question, render.error(question, str(error)))
    except Exception:
        # The traceback is for the log; what it says may not be for the visitor.
        _log.exception("the question could not be answered")
        return render.Turn(question, render.error(question, _OUR_FAULT))
