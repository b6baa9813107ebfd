"""The review in the browser: one draft at a time, on this machine only. Gradio's types stay in this file."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

# Read when gradio is imported: nothing phones home.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import click
import gradio as gr

from eval.drafting.desk import Desk, with_answers
from index.errors import CasesError, FootnoteError

HOST = "127.0.0.1"
FONTS = ["system-ui", "sans-serif"]
"""Of the machine: gradio's own come from elsewhere."""


def serve(desk: Desk, port: int) -> None:
    """Until Ctrl-C. Raises FootnoteError where the port is taken."""
    with opened(desk, port) as address:
        click.echo(f"Review {desk.left} drafts at {address} and stop with Ctrl-C.", err=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


@contextmanager
def opened(desk: Desk, port: int) -> Iterator[str]:
    """The page on this machine alone, for as long as the context lasts; its address. Raises FootnoteError."""
    blocks = page(desk)
    try:
        blocks.launch(
            server_name=HOST, server_port=port, quiet=True, prevent_thread_lock=True, footer_links=[],
            theme=gr.themes.Base(font=FONTS, font_mono=["monospace"]), run_history=False,
        )  # fmt: skip
    except OSError as exc:
        raise FootnoteError(f"Port {port} is taken. Choose another with --port.") from exc
    try:
        yield f"http://{HOST}:{port}/"
    finally:
        blocks.close(verbose=False)


def page(desk: Desk) -> gr.Blocks:
    """The page over a desk. What comes from documents is only ever the value of a text box."""
    one_at_a_time = threading.Lock()
    with gr.Blocks(title="Footnote: review drafts", analytics_enabled=False) as blocks:
        gr.Markdown("# Review drafts")
        status = gr.Textbox(label="Status", interactive=False)
        about = gr.Textbox(label="Made from", interactive=False, lines=3)
        place = gr.State("")
        question = gr.Textbox(label="Question", lines=2)
        answers = gr.Textbox(label="Right answers, a line each; none: the sources do not say", lines=3)
        evidence = gr.Textbox(label="Evidence, word for word from the source, a line each", lines=3)
        with gr.Row():
            accept = gr.Button("Accept", variant="primary")
            put_off = gr.Button("Later")
            throw_away = gr.Button("Throw away", variant="stop")
        boxes = [status, about, place, question, answers, evidence, accept, put_off, throw_away]

        def shown(note: str = "") -> list[Any]:
            draft = desk.current
            told = f"{note} " if note else ""
            there = gr.update(interactive=draft is not None)
            if draft is None:
                told += f"No draft is left to look at. {desk.accepted} accepted into {desk.out}; {desk.left} put off."
                return [told, "", "", "", "", "", there, there, there]
            case = draft.case
            told += f"{desk.place} · {draft.path} · {', '.join(case.tags)}"
            return [
                told, draft.about, desk.place, case.question, "\n".join(case.answers), "\n".join(case.evidence),
                there, there, there,
            ]  # fmt: skip

        def stale(seen: str) -> bool:
            """Another tab has decided on it meanwhile."""
            return desk.current is None or seen != desk.place

        def on_accept(seen: str, asked: str, given: str, quotes: str) -> list[Any]:
            with one_at_a_time:
                draft = desk.current
                if draft is None or stale(seen):
                    return shown("Already decided in another tab.")
                lines = tuple(filter(None, (line.strip() for line in quotes.splitlines())))
                evidence_given = draft.case.evidence if quotes == "\n".join(draft.case.evidence) else lines
                case = replace(draft.case, question=asked.strip(), evidence=evidence_given)
                try:
                    desk.accept(with_answers(case, given.splitlines()))
                except (CasesError, FootnoteError) as problem:
                    left = shown(str(problem))
                    return [left[0], left[1], left[2], asked, given, quotes, *left[6:]]
                return shown("Accepted.")

        def on_throw_away(seen: str) -> list[Any]:
            with one_at_a_time:
                if stale(seen):
                    return shown("Already decided in another tab.")
                desk.throw_away()
                return shown("Thrown away.")

        def on_put_off(seen: str) -> list[Any]:
            with one_at_a_time:
                if stale(seen):
                    return shown("Already decided in another tab.")
                desk.put_off()
                return shown("Put off.")

        blocks.load(shown, None, boxes)
        accept.click(on_accept, [place, question, answers, evidence], boxes)
        throw_away.click(on_throw_away, [place], boxes)
        put_off.click(on_put_off, [place], boxes)
    return blocks
