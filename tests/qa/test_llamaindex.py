from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ARTICLE


@pytest.fixture(autouse=True)
def no_key_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """llama-index falls back to OpenAI when it is given no model; with a bad key any such call would fail."""
    monkeypatch.setenv("OPENAI_API_KEY", "not a key")


def test_the_chain_is_a_query_engine_in_three_lines(article_storage: Path) -> None:
    from qa.llamaindex import FootnoteQueryEngine

    engine = FootnoteQueryEngine.from_storage(article_storage)
    response = engine.query("How long will the memorandum be in force?")
    (source,) = response.source_nodes
    text = ARTICLE.read_text(encoding="utf-8")
    assert "six months" in str(response)
    assert text[source.node.start_char_idx : source.node.end_char_idx] == source.node.text
    assert response.metadata["answered"]
    assert source.metadata["title"].startswith("Fourth round")


def test_an_abstention_has_no_source_nodes(article_storage: Path) -> None:
    from qa.llamaindex import FootnoteQueryEngine

    response = FootnoteQueryEngine.from_storage(article_storage).query("How many moons does Jupiter have?")
    assert response.source_nodes == []
    assert response.metadata["answered"] is False


def test_search_is_a_retriever_with_exact_offsets(article_storage: Path) -> None:
    from qa.llamaindex import FootnoteRetriever

    nodes = FootnoteRetriever.from_storage(article_storage, k=4).retrieve("checkpoints in security areas")
    text = ARTICLE.read_text(encoding="utf-8")
    assert len(nodes) == 4
    assert all(text[n.node.start_char_idx : n.node.end_char_idx] == n.node.text for n in nodes)
    assert [n.score for n in nodes] == sorted((n.score for n in nodes), reverse=True)


def test_our_retriever_serves_llama_index_s_own_query_engine(article_storage: Path) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    from qa.llamaindex import FootnoteRetriever

    engine = RetrieverQueryEngine.from_args(FootnoteRetriever.from_storage(article_storage, k=2), llm=MockLLM())
    assert len(engine.query("Who signed the memorandum?").source_nodes) == 2


def test_an_agent_is_told_which_sentence_no_source_bears_out() -> None:
    from qa.llamaindex import with_footnotes
    from qa.types import Answer, Sentence

    said = (Sentence("Tea is hot.", "quoted", (1,)), Sentence("Tea is blue.", "unsupported", ()))
    answer = Answer("?", "?", True, "Tea is hot. Tea is blue.", 0.5, "llm", sentences=said)
    assert with_footnotes(answer) == "Tea is hot. [1] Tea is blue. (no source says this)"


def test_an_agent_is_told_which_part_of_a_question_has_no_answer() -> None:
    from qa.llamaindex import with_footnotes
    from qa.types import Answer, Sentence

    text = "Tea is hot. The sources do not say: Who made it?"
    answer = Answer("?", "?", True, text, 0.5, "extractive", sentences=(Sentence("Tea is hot.", "quoted", (1,)),))
    assert with_footnotes(answer) == "Tea is hot. [1] The sources do not say: Who made it?"
