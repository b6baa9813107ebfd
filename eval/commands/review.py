"""`python -m eval review`: accept, edit or throw away drafts, in the terminal or the browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from eval.cases import parse_case
from eval.commands import options
from eval.drafting.desk import Desk, with_answers
from eval.drafting.files import case_dict
from eval.drafting.questions import Draft
from eval.types import Case
from index.errors import CasesError

ASK = "[a]ccept  [q]uestion  [w]ords of the answer  [e]dit all  [t]hrow away  [l]ater  [x] stop"


@click.command("review", epilog=options.CODES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="DRAFTS")
@click.option("--out", type=click.Path(path_type=Path), default=Path("cases.jsonl"), show_default=True)
@click.option("--page", is_flag=True, help="In the browser instead: a page on 127.0.0.1, until Ctrl-C.")
@click.option("--port", type=click.IntRange(1, 65535), default=7861, show_default=True, help="Of the page.")
def review(file: Path, out: Path, page: bool, port: int) -> None:
    """Go through DRAFTS one by one; what you accept is added to the cases in --out.

    Each decision is written at once, so you may stop at any time and go on later. Several right answers are parted by
    " | " (on the page: a line each); none means that the sources do not say.
    """
    with options.told():
        desk = Desk(file, out)
        if page:
            from eval.drafting.page import serve

            serve(desk, port)
        else:
            _review(desk)
    click.echo(f"{desk.accepted} accepted into {out}; {desk.left} drafts are left in {file}.", err=True)


def _review(desk: Desk) -> None:
    while (draft := desk.current) is not None:
        decision = _decided(draft, desk)
        if decision == "x":
            return
        if decision in DECISIONS:
            DECISIONS[decision](desk)


def _decided(draft: Draft, desk: Desk) -> str:
    """One of a, t, l or x, once the person has come to it; an accepted case is written."""
    case = draft.case
    while True:
        _show(case, draft, desk.place)
        key = click.prompt(ASK, type=click.Choice(list("aqwetlx")), show_choices=False, prompt_suffix=" › ", err=True)
        if key in EDITS:
            case = EDITS[key](case)
        elif key == "a":
            try:
                desk.accept(case)
                return str(key)
            except CasesError as problem:
                click.secho(str(problem), fg="red", err=True)
        else:
            return str(key)


def _show(case: Case, draft: Draft, place: str) -> None:
    click.secho(f"\n{place} · {draft.path} · {', '.join(case.tags)}", dim=True, err=True)
    click.secho(f"  {case.question}", bold=True, err=True)
    click.echo(f"  answer: {' | '.join(case.answers) or '– (the sources do not say)'}", err=True)
    click.secho(f"  from:   {draft.about}", dim=True, err=True)


def _question(case: Case) -> Case:
    return replace(case, question=click.prompt("question", default=case.question, err=True))


def _answers(case: Case) -> Case:
    given = click.prompt("answer", default=" | ".join(case.answers), show_default=bool(case.answers), err=True)
    return with_answers(case, given.split("|"))


def _all(case: Case) -> Case:
    """The case as JSON in the person's editor."""
    text = click.edit(json.dumps(case_dict(case), ensure_ascii=False, indent=2), extension=".json")
    try:
        return case if text is None else parse_case(json.dumps(json.loads(text)).encode())
    except ValueError as problem:
        click.secho(f"Left as it was: {problem}", fg="red", err=True)
        return case


DECISIONS: dict[str, Callable[[Desk], None]] = {"t": Desk.throw_away, "l": Desk.put_off}
EDITS: dict[str, Callable[[Case], Case]] = {"q": _question, "w": _answers, "e": _all}
