"""report.html as a browser shows it, opened from disk."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.evaluation import evaluate
from eval.page import page
from eval.types import Case, Prediction
from index.types import Document
from qa.types import Answer

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
def test_the_cases_can_be_filtered_and_nothing_is_refused_or_requested(
    tmp_path: Path, document: Document, answered: Callable[..., Answer], abstained: Callable[..., Answer]
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    predictions = [
        Prediction(Case("when", "When?", ("May 6",), tags=("date",)), answered("When?", "May 6")),
        Prediction(Case("who", "Who <b>was</b> it?", tags=("near miss",)), abstained("Who?")),
        Prediction(Case("day", "Which day?", ("Friday",), tags=("date",)), abstained("Which day?")),
    ]
    file = tmp_path / "report.html"
    file.write_text(page(evaluate(3, predictions, [document], {})), encoding="utf-8")
    complaints: list[str] = []
    requests: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(file.as_uri())

        def shown() -> list[str]:
            texts: list[str] = tab.locator(".case:visible code").all_inner_texts()
            return texts

        assert shown() == ["day", "when", "who"]
        tab.select_option("[name=tag]", "date")
        assert shown() == ["day", "when"]
        tab.select_option("[name=outcome]", "right")
        assert shown() == ["when"]
        assert tab.inner_text("output") == "1 of 3"
        tab.select_option("[name=tag]", "")
        tab.fill("[name=words]", "WHO <b>")
        assert shown() == ["who"]
        browser.close()
    assert complaints == []
    assert requests == [file.as_uri()]
