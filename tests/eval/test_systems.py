"""Baselines: real ones, over a real index of two texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from eval.__main__ import main
from eval.public.corpus import indexed
from eval.public.types import text_document
from eval.systems import BASELINES, Options
from eval.systems.bm25 import best_sentence
from eval.systems.citation_query_engine import CitationEngine
from eval.systems.llama_index import Retriever
from index.search import Index
from index.store import EVERYWHERE, Where
from index.types import Hit, Passage
from qa.read.span import SHIPPED, load_session
from qa.types import NOT_IN_SOURCE, Answer
from tests.eval.scripted_llm import ScriptedLLM

TEA = text_document("Tea", "Green tea is steeped for three minutes. It is served hot.")
COFFEE = text_document("Coffee", "Coffee beans are roasted for ten minutes. They are ground later.")


ALONE = ["bm25", "dense", "llama-index"]
"""Those that need nothing that the tests have not installed, and no language model."""

pytestmark = pytest.mark.timeout(300)  # llama-index loads for seconds, on a busy machine for a minute


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = indexed([TEA, COFFEE], tmp_path_factory.mktemp("index"))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ALONE)
def test_a_baseline_finds_quotes_and_cites(name: str, index: Index) -> None:
    with BASELINES[name].over(index, Options()) as asked:
        answer = asked.guess("How long is green tea steeped?", (), EVERYWHERE)
        assert answer is not None
        assert "three minutes" in answer.text
        (citation,) = answer.citations
        assert TEA.text[citation.start : citation.end] == citation.quote
        assert asked.index.search("How long is green tea steeped?", 1, EVERYWHERE)[0].passage.document_id == TEA.id


@pytest.mark.parametrize("name", ALONE)
def test_a_baseline_keeps_to_the_documents_that_it_is_asked_of(name: str, index: Index) -> None:
    with BASELINES[name].over(index, Options()) as asked:
        hits = asked.index.search("How long is green tea steeped for?", 5, Where(frozenset([COFFEE.id])))
        assert {hit.passage.document_id for hit in hits} <= {COFFEE.id}


def test_the_best_sentence_shares_the_most_telling_words() -> None:
    passage = Passage("p", "d", 100, 157, TEA.text)
    chosen = best_sentence("Is tea served hot?", [Hit(passage, 1.0, None, 1)])
    assert chosen is not None
    assert TEA.text[chosen.span.start - 100 : chosen.span.end - 100] == "It is served hot."
    assert 0 < chosen.score < 1  # tea is missing
    assert best_sentence("Zebra?", [Hit(passage, 1.0, None, 1)]) is None


def test_a_run_asks_its_baselines_and_writes_them_beside(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"question,answer,context\nHow long is tea steeped?,three minutes,{TEA.text}\n", encoding="utf-8")
    out = tmp_path / "out"
    told = CliRunner().invoke(main, ["public", "csv", str(file), "--with", "bm25", "--out", str(out)])
    assert told.exit_code == 0, told.output
    metrics = json.loads((out / "bm25" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["settings"]["system"] == "bm25"
    assert metrics["settings"]["modes"] == ["bm25"]
    assert metrics["measures"]["citation_exactness"] == 1
    assert CliRunner().invoke(main, ["compare", str(out), str(out / "bm25")]).exit_code == 0


def cited(index: Index, reply: str) -> Answer:
    engine = CitationEngine(Retriever(index), ScriptedLLM(lambda prompt: reply))
    return engine.ask("How long is green tea steeped?", (), EVERYWHERE)


def test_llama_indexs_citations_are_places_in_the_documents(index: Index) -> None:
    answer = cited(index, "Green tea is steeped for three minutes [1]. So it is said [1, 9].")
    assert (answer.answered, answer.text) == (True, "Green tea is steeped for three minutes. So it is said.")
    (citation,) = answer.citations  # there is no source 9
    assert citation.document.text[citation.start : citation.end] == citation.quote


def test_an_llm_that_cites_nothing_has_abstained(index: Index) -> None:
    answer = cited(index, "None of the sources are helpful.")
    assert (answer.answered, answer.text, answer.citations) == (False, NOT_IN_SOURCE, ())


def test_the_citation_engine_asks_only_the_documents_named(index: Index) -> None:
    model = ScriptedLLM(lambda prompt: "Ten minutes [1].")
    where = Where(frozenset([COFFEE.id]))
    answer = CitationEngine(Retriever(index), model).ask("How long is green tea steeped?", (), where)
    assert [citation.document.id for citation in answer.citations] == [COFFEE.id]
    assert "Green tea" not in model.prompts[0].partition("Source 1:\nCoffee")[2]


def test_a_baseline_that_needs_a_model_says_so_before_anything_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("question,answer,context\nHow?,so,It is so.\n", encoding="utf-8")
    arguments = ["public", "csv", str(file), "--with", "citation-query-engine", "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 1
    assert "--llm" in told.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_there_of_the_same_weights_and_files_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(f"question,answer,context\nHow long is tea steeped?,three minutes,{TEA.text}\n", encoding="utf-8")
    arguments = ["public", "csv", str(file), "--keep", "--with", "bm25", "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("metrics.json")}
    told = CliRunner().invoke(main, arguments)
    assert "Kept" in told.stderr
    assert {path: path.stat().st_mtime_ns for path in written} == written
    (tmp_path / "out" / "bm25" / "metrics.json").unlink()
    assert CliRunner().invoke(main, arguments).exit_code == 0
    now = {path: path.stat().st_mtime_ns for path in written}
    assert {path.parent.name for path in written if now[path] != written[path]} == {"bm25"}
    file.write_text(f"question,answer,context\nIs tea served hot?,hot,{TEA.text}\n", encoding="utf-8")
    assert "Kept" not in CliRunner().invoke(main, arguments).stderr


@pytest.mark.slow
def test_haystack_reads_with_our_weights(index: Index) -> None:
    pytest.importorskip("haystack_integrations.components.readers.transformers")
    with BASELINES["haystack"].over(index, Options()) as asked:
        answer = asked.ask("How long is green tea steeped?", (), EVERYWHERE)
        assert answer.text == "three minutes"
        assert answer.citations[0].quote == "three minutes"


@pytest.mark.slow
def test_the_checkpoint_reads_as_the_shipped_network_does(tmp_path: Path) -> None:
    torch, transformers = (pytest.importorskip(name) for name in ("torch", "transformers"))
    pytest.importorskip("onnx")
    from eval.systems.checkpoint import write_checkpoint

    write_checkpoint(SHIPPED, tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    asked = tokenizer("How long is green tea steeped?", TEA.text, return_tensors="pt")
    with torch.inference_mode():
        model = transformers.AutoModelForQuestionAnswering.from_pretrained(tmp_path).eval()
        made = model(**asked)
    feed = {name: asked[name].numpy() for name in ("input_ids", "attention_mask", "token_type_ids")}
    ours = load_session(SHIPPED / "model.onnx").run(None, feed)[0][0]
    theirs = torch.stack([made.start_logits[0], made.end_logits[0]], -1).numpy()
    assert (ours.argmax(0) == theirs.argmax(0)).all()
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.98
