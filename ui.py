"""The chat page: a frame that Gradio draws over the same `ask` as every other interface.

Gradio gives the page its frame, its theme and its question box (`ui_assets/frame.py`, and here). The conversation
is in the browser: `ui_assets/chat.js` asks over the HTTP API, so that the page shows the Answer that every other
client gets, and keeps it there. Gradio's types stay in this file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

# Read when gradio is imported: nothing phones home.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field

from index.errors import DocumentUnknown, FootnoteError
from index.types import Document
from qa.history import MAX_QUESTION
from qa.types import Answer, History
from ui_assets import frame, render
from ui_assets.calibration import calibration
from ui_assets.guard import Guard
from ui_assets.suggestions import Suggestions

__all__ = ["Guard", "mount"]

_ASSETS = Path(frame.__file__).parent
_SERVED = {".css": "text/css", ".js": "text/javascript"}

_OFFERS = {
    "upload": ("post", "/api/documents"),
    "reread": ("post", "/api/documents/{document_id}/reindex"),
    "remove": ("delete", "/api/documents/{document_id}"),
    "file": ("get", "/api/documents/{document_id}/file"),
    "feedback": ("post", "/api/feedback"),
}
"""What the page offers only where the API it stands on does."""

Ask = Callable[[str, History], Answer]


class Sources(Protocol):
    """What the page reads of an index. `document` raises DocumentUnknown."""

    def documents(self) -> Sequence[Document]: ...

    def document(self, document_id: str, /) -> Document: ...


class FollowUps(BaseModel):
    """Where an answer was cited, and what has been asked already."""

    document: str
    start: int = Field(ge=0)
    asked: list[str] = Field(default=[], max_length=100)


def mount(app: FastAPI, ask: Ask, index: Sources) -> FastAPI:
    """Put the chat page at "/" of `app` and return `app`.

    Call it after every other route is in place: the page takes what is left. `ask` may block; it runs in a thread,
    and only for the questions that the page suggests.
    """
    _add_assets(app)
    _add_routes(app, Suggestions(lambda question: ask(question, ())), index)
    gr.mount_gradio_app(
        app,
        _page(),
        path="/",
        theme=_theme(),
        head=frame.HEAD,
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


def _add_routes(app: FastAPI, suggestions: Suggestions, index: Sources) -> None:
    """The page's own routes; left out of the API's documentation, which describes the contract."""

    @app.get("/ui/source/{document_id:path}", include_in_schema=False)
    def source(document_id: str) -> Response:
        try:
            return HTMLResponse(render.source(index.document(document_id)))
        except DocumentUnknown as error:
            return PlainTextResponse(str(error), status_code=404)

    @app.get("/ui/examples", include_in_schema=False)
    def examples() -> dict[str, Sequence[str]]:
        try:
            return {"questions": suggestions.to_begin_with(index.documents())}
        except FootnoteError:  # the queue is full, or the index cannot be read: the page opens without examples
            return {"questions": ()}

    @app.post("/ui/follow-ups", include_in_schema=False)
    def follow_ups(after: FollowUps) -> dict[str, Sequence[str]]:
        try:
            return {"questions": suggestions.near(index.document(after.document), after.start, after.asked)}
        except FootnoteError:
            return {"questions": ()}

    @app.get("/ui/offered", include_in_schema=False)
    def offered() -> dict[str, Any]:
        paths = app.openapi()["paths"]
        can = {name: method in paths.get(path, {}) for name, (method, path) in _OFFERS.items()}
        return {"calibration": calibration(), "can": can}


def _add_assets(app: FastAPI) -> None:
    @app.get("/favicon.ico", include_in_schema=False)
    @app.get("/ui/icon.svg", include_in_schema=False)
    def icon() -> Response:
        return Response(frame.ICON, media_type="image/svg+xml")

    for path in sorted(_ASSETS.iterdir()):
        if path.suffix in _SERVED:
            app.add_api_route(f"/ui/{path.name}", _asset(path), include_in_schema=False)


def _asset(path: Path) -> Callable[[], FileResponse]:
    def asset() -> FileResponse:
        return FileResponse(path, media_type=_SERVED[path.suffix], headers={"Cache-Control": "no-cache"})

    return asset


def _theme() -> gr.themes.Base:
    # Generic names only: any other name makes Gradio look for a font file, and its own themes ask Google for one.
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    )


def _page() -> gr.Blocks:
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="bar"):
            _html(frame.TOP, elem_id="top")
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="chat"):
                _html(frame.THREAD, elem_id="thread")
                _question_box()
                _html(frame.BELOW, elem_id="below")
            _html(frame.SOURCE, elem_id="source")
    return page


def _html(value: str, elem_id: str) -> gr.Markdown:
    """A place for HTML of ours. Not gr.HTML, which evaluates strings as script and so would need a laxer policy.

    Gradio's sanitizer is off because it would strip the frame's attributes; the frame holds no untrusted text.
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
        stop_btn="Stop",
        elem_id="question",
    )
