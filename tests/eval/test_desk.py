"""Reviewing: a desk of drafts, and the page over it in a browser."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

import pytest

from eval.cases import load_cases
from eval.drafting.desk import Desk, with_answers
from eval.drafting.files import read_drafts, write_drafts
from eval.drafting.questions import Draft
from eval.types import Case
from index.errors import CasesError

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
HOSTILE = '<img src=x onerror="window.ran=1"> [x](javascript:alert(1)) <script>window.ran=2</script>'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    drafts = [
        Draft(
            Case(f"d{n}", f"Question {n}?", ("May 3",), ("It was on May 3.",), (), ("draft", "date")), HOSTILE, "a.txt"
        )
        for n in range(3)
    ]
    write_drafts(tmp_path / "drafts.jsonl", drafts)
    return Desk(tmp_path / "drafts.jsonl", tmp_path / "cases.jsonl")


def test_each_decision_is_written_at_once(desk: Desk) -> None:
    assert desk.current is not None
    assert desk.place == "1 of 3"
    desk.accept(desk.current.case)
    assert [case.tags for case in load_cases(desk.out)] == [("date",)]
    desk.put_off()
    desk.throw_away()
    assert (desk.current, desk.left, desk.accepted) == (None, 1, 1)
    assert [draft.case.id for draft in read_drafts(desk.file)] == ["d1"]


def test_what_is_no_case_stays_in_front(desk: Desk) -> None:
    assert desk.current is not None
    with pytest.raises(CasesError, match="no word left to compare"):
        desk.accept(with_answers(desk.current.case, ["?!"]))
    assert desk.place == "1 of 3"
    assert not desk.out.exists()


def test_without_answers_there_is_no_evidence_either() -> None:
    case = with_answers(Case("1", "When?", ("May 3",), ("It was on May 3.",)), [" ", ""])
    assert (case.answers, case.evidence) == ((), ())


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
@pytest.mark.timeout(300)
def test_a_person_reviews_in_the_browser_and_nothing_is_requested_elsewhere(desk: Desk) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    from eval.drafting.page import opened

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    requests: list[str] = []
    with opened(desk, port) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page()
        tab.set_default_timeout(60_000)
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(address)

        def waits_for(status: str) -> None:
            sync_api.expect(tab.get_by_label("Status")).to_have_value(status, timeout=60_000)

        waits_for("1 of 3 · a.txt · draft, date")
        assert tab.get_by_label("Made from").input_value() == HOSTILE
        tab.get_by_label("Right answers").fill("?!")
        tab.get_by_role("button", name="Accept").click()
        sync_api.expect(tab.get_by_label("Status")).to_have_value(re.compile("^Not accepted"), timeout=60_000)
        tab.get_by_label("Question").fill("When was it?")
        tab.get_by_label("Right answers").fill("May 3\n3 May")
        tab.get_by_role("button", name="Accept").click()
        waits_for("Accepted. 2 of 3 · a.txt · draft, date")
        tab.get_by_role("button", name="Throw away").click()
        waits_for("Thrown away. 3 of 3 · a.txt · draft, date")
        tab.get_by_role("button", name="Later").click()
        sync_api.expect(tab.get_by_role("button", name="Accept")).to_be_disabled(timeout=60_000)
        assert tab.evaluate("window.ran") is None
        browser.close()
    (case,) = load_cases(desk.out)
    assert (case.question, case.answers) == ("When was it?", ("May 3", "3 May"))
    assert case.evidence == ("It was on May 3.",)
    assert [draft.case.id for draft in read_drafts(desk.file)] == ["d2"]
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
