"""The page over a language model that obeys what documents tell it, in Chromium: nothing that it writes is live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from scripted import Watched, serve

from index import sync
from qa import open_assistant
from qa.api import create_app
from tests.qa.llm.server import Server, Turn, serving

pytest.importorskip("llama_index.llms.ollama")
pytestmark = pytest.mark.browser

AWAY = "example.invalid"
SAYS = "Tea is steeped for three minutes"
OBEYED = (
    f"{SAYS} [1]. See ![map](https://{AWAY}/?q=secret) and [this](https://{AWAY}/a) [1]. "
    f"<img src=https://{AWAY}/b> was added by https://{AWAY}/c in 1999 [1]. <script>window.ran=1</script> runs now [9]."
)


@pytest.fixture(scope="module")
def model() -> Iterator[Server]:
    with serving(Turn(OBEYED)) as server:
        yield server


@pytest.fixture(scope="module")
def obeying_site(model: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("llm")
    (folder / "tea.txt").write_text(f"Tea\n\n{SAYS}. It is served hot in a glass.\n", encoding="utf-8")
    sync([folder / "tea.txt"], folder / "storage")
    assistant = open_assistant(folder / "storage", llm=model.spec("ollama"), llm_seconds=60)
    yield from serve(create_app(assistant, storage=folder / "storage"))
    assistant.index.close()


@pytest.fixture(name="page")
def asked_page(opened: Callable[[str], Watched], obeying_site: str, model: Server) -> Watched:
    model.requests.clear()
    seen = opened(obeying_site)
    seen.ask("How long is tea steeped?")
    return seen


def test_a_sentence_that_the_source_bears_out_has_its_footnote_and_the_others_are_flagged(page: Watched) -> None:
    answer = page.page.locator(".turn .answer")
    expect(answer).to_contain_text(SAYS)
    expect(page.page.locator(".turn .answer .footnote")).to_have_count(1)
    page.page.locator(".turn .answer .unsupported").nth(1).wait_for()


def test_no_address_that_the_model_wrote_is_live(page: Watched) -> None:
    live = page.page.locator(
        f'[src*="{AWAY}"], [href*="{AWAY}"], [action*="{AWAY}"], [style*="{AWAY}"], .outcome img, .outcome a'
    )
    expect(live).to_have_count(0)
    assert not [address for address in page.requests if AWAY in address]
    assert page.page.evaluate("window.ran") is None
    assert page.troubles == []


def test_only_the_question_that_was_asked_went_to_the_model(model: Server, page: Watched) -> None:
    assert len(model.requests) == 1
    assert "How long is tea steeped?" in model.prompt()
