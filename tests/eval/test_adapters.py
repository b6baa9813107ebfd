"""What the adapters make of files as their authors publish them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eval.__main__ import main
from eval.public import MEASURED, SETS, read_public
from eval.public.beir import figures as beir_figures
from eval.public.cast import Turn
from eval.public.cast import figures as cast_figures
from index.errors import CasesError


def lines(file: Path, *rows: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def nq_row(name: str, short: list[tuple[int, int]], long: tuple[int, int]) -> dict[str, Any]:
    tokens = "<H1> Green tea </H1> <P> It is steeped for three minutes . </P> <P> Served hot . </P>"
    annotation = {
        "short_answers": [{"start_token": a, "end_token": b} for a, b in short],
        "long_answer": {"start_token": long[0], "end_token": long[1]},
        "yes_no_answer": "NONE",
    }
    return {"example_id": name, "question_text": "how long", "document_text": tokens, "annotations": [annotation]}


def test_natural_questions_pages_lose_their_tags_and_keep_their_answers(tmp_path: Path) -> None:
    file = tmp_path / "nq.jsonl.gz"
    rows = [nq_row("a", [(9, 11)], (4, 13)), nq_row("b", [], (4, 13)), nq_row("c", [], (-1, -1))]
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    found = read_public("nq", [file])
    short, long, none = found.cases
    (document,) = found.documents
    assert "<" not in document.text
    assert (document.title, short.answers) == ("Green tea", ("three minutes",))
    assert short.evidence == ("It is steeped for three minutes .",)
    assert all(quote in document.text for quote in short.evidence)
    assert (short.long_form, long.long_form, long.answers) == (False, True, long.evidence)
    assert not none.answerable


def test_rgb_asks_of_noise_and_of_nothing_but_noise(tmp_path: Path) -> None:
    negative = [f"Noise {number}." for number in range(6)]
    row = {"id": 7, "query": "When?", "answer": [["May 6", "6 May"]], "positive": ["On May 6.", "x", "y"]}
    found = read_public("rgb", [lines(tmp_path / "en.json", {**row, "negative": negative})])
    noise, rejection = found.cases
    texts = {document.id: document.text for document in found.documents}
    assert (noise.answers, rejection.answers) == (("May 6", "6 May"), ())
    assert [texts[id_] for id_ in noise.documents] == ["On May 6.", "x", *negative[:3]]
    assert [texts[id_] for id_ in rejection.documents] == negative[:5]


def test_rgb_asks_for_all_parts_of_an_answer(tmp_path: Path) -> None:
    row = {"id": 1, "query": "Who and when?", "answer": [["Ann"], ["May 6", "6 May"]], "positive": [["a"], ["b"]]}
    (noise,) = read_public("rgb", [lines(tmp_path / "en_int.json", {**row, "negative": []})]).cases
    assert noise.answers == ("Ann May 6",)


def test_alce_expects_silence_where_its_first_five_passages_do_not_answer(tmp_path: Path) -> None:
    passages = [{"title": "T", "text": f"Text {number}."} for number in range(5)]
    there = {"title": "T", "text": "It began on May 6."}
    pairs = [{"question": "", "short_answers": ["May 6", "6 May"]}]
    file = tmp_path / "asqa.json"
    rows = [
        {"sample_id": "a", "question": "When?", "qa_pairs": pairs, "docs": [there, *passages]},
        {"sample_id": "b", "question": "When?", "qa_pairs": pairs, "docs": [*passages, there]},
        {"id": "c", "question": "When?", "answers": [["May 6"]], "docs": [there]},
    ]
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert [case.answers for case in read_public("alce", [file]).cases] == [("May 6",), (), ("May 6",)]


def test_a_table_needs_only_three_columns(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "\ufeffQuestion,Answer,Context,Tags\n"
        'When?,"May 6|6 May","It began, they say, on May 6.",date|easy\n'
        "Who?,,It began.,\n",
        encoding="utf-8",
    )
    when, who = read_public("csv", [file]).cases
    assert (when.answers, when.tags, when.id) == (("May 6", "6 May"), ("date", "easy"), "2")
    assert not who.answerable


def test_a_table_without_a_column_is_told_which(tmp_path: Path) -> None:
    file = tmp_path / "mine.tsv"
    file.write_text("question\tcontext\nWhen?\tIt began.\n", encoding="utf-8")
    with pytest.raises(CasesError, match="no column answer"):
        read_public("csv", [file])


def beir(folder: Path) -> Path:
    lines(
        folder / "corpus.jsonl",
        {"_id": "tea", "title": "Tea", "text": "Green tea is steeped for three minutes."},
        {"_id": "coffee", "title": "Coffee", "text": "Coffee beans are roasted."},
    )
    lines(
        folder / "queries.jsonl", {"_id": "q", "text": "How long is tea steeped?"}, {"_id": "unjudged", "text": "Why?"}
    )
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ttea\t1\nunjudged\ttea\t0\n")
    return folder


def test_a_beir_folder_is_searched(tmp_path: Path) -> None:
    told = json.loads(CliRunner().invoke(main, ["public", "beir", str(beir(tmp_path))]).stdout)
    assert told == {"queries": 1, "documents": 2, "ndcg_at_10": 1.0, "recall_at_10": 1.0, "mrr_at_10": 1.0}


def test_beir_grades_are_discounted_by_the_logarithm_of_the_rank() -> None:
    told = beir_figures({"q": {"a": 1, "b": 1}, "nothing found": {"a": 1}}, {"q": {"x": 3.0, "a": 2.0}})
    gain, ideal = 1 / 1.5849625, 1 + 1 / 1.5849625
    assert told == {"ndcg_at_10": round(gain / ideal / 2, 4), "recall_at_10": 0.25, "mrr_at_10": 0.25}


def test_a_beir_folder_without_judgements_says_what_is_missing(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["public", "beir", str(tmp_path)])
    assert told.exit_code == 1
    assert "qrels/test.tsv" in told.stderr


def test_rewriting_is_measured_by_the_words_that_a_person_added() -> None:
    made = [
        Turn("What is tea?", (), "What is tea?", "What is tea?"),
        Turn("Is it hot?", ("What is tea?",), "Is tea hot?", "What is tea? Is it hot?"),
        Turn("And cold?", ("What is tea?",), "And is tea drunk cold?", "And cold?"),
        Turn("Who drinks coffee?", ("What is tea?",), "Who drinks coffee?", "Who drinks coffee?"),
    ]
    told = cast_figures(made)
    assert (told["turns"], told["leaning"], told["leaning_seen"], told["seen_that_lean"]) == (4, 2, 0.5, 1.0)
    assert told["added_words_found"] == 0.25  # tea, of tea and is, tea, drunk
    assert told["word_recall_unchanged"] == pytest.approx((2 / 3 + 2 / 5 + 1) / 3, abs=1e-4)


def test_cast_topics_are_joined_with_their_resolved_turns(tmp_path: Path) -> None:
    turns = [{"number": 1, "raw_utterance": "What is tea?"}, {"number": 2, "raw_utterance": "Is it hot?"}]
    topics, resolved = tmp_path / "topics.json", tmp_path / "resolved.tsv"
    topics.write_text(json.dumps([{"number": 31, "turn": turns}]), encoding="utf-8")
    resolved.write_text('31_1\tWhat is tea?\n31_2\tIs "tea" hot?\n', encoding="utf-8")
    told = MEASURED["cast"].measure([resolved, topics])
    assert (told["turns"], told["leaning"], told["leaning_seen"]) == (2, 1, 1.0)


def test_options_about_answers_mean_nothing_to_a_search_set(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["public", "beir", str(tmp_path), "--open"]).exit_code == 2


@pytest.mark.parametrize("name", [name for name in SETS if name not in ("beir", "cast")])
def test_every_adapter_refuses_another_format_in_one_line(name: str, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"a": 1}\n', encoding="utf-8")
    with pytest.raises(CasesError, match="other"):
        read_public(name, [file])


def test_the_help_names_every_set() -> None:
    told = CliRunner().invoke(main, ["public", "--help"]).stdout
    assert all(f"  {name} " in told for name in SETS)
