from __future__ import annotations

import json
import re

import pytest

from train.authored import ANSWERABLE, FOLDER, KINDS, UNANSWERABLE, AuthoredQuestion, Source, resolve, unescaped

KNOWN = {"x/1": Source("x/1", "Tea", "Tea is hot. Green tea is not hot.")}


def draft(**changes: object) -> dict[str, object]:
    return {"passage": "x/1", "question": "What is hot here?", "kind": "fact", "answers": ["Tea"], **changes}


def test_the_words_of_an_answer_become_offsets_of_every_place_where_they_stand_alone() -> None:
    assert resolve(draft(answers=["hot"]), KNOWN).spans == ((7, 10), (29, 32))
    assert resolve(draft(answers=["hot@2"]), KNOWN).spans == ((29, 32),)
    assert resolve(draft(answers=["Tea"]), KNOWN).spans == ((0, 3),)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"answers": ["cold"]}, "does not hold 'cold'"),
        ({"answers": ["hot@3"]}, "does not hold"),
        ({"answers": []}, "fact with answers"),
        ({"kind": "near-miss"}, "near-miss with answers"),
        ({"kind": "guess"}, "no kind guess"),
        ({"passage": "x/2"}, "no passage x/2"),
        ({"question": "Hot?"}, "too short"),
        ({"note": ""}, "has the keys"),
    ],
)
def test_a_draft_that_does_not_fit_is_refused_with_its_reason(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        resolve(draft(**changes), KNOWN)


def test_what_is_shipped_is_whole_holds_no_passage_and_is_half_unanswerable() -> None:
    rows = [
        json.loads(line) for file in sorted(FOLDER.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    assert len(rows) >= 3000
    assert all(set(row) == {"passage", "sha256", "question", "spans", "kind"} for row in rows)
    assert all(bool(row["spans"]) == (row["kind"] in ANSWERABLE) for row in rows)
    assert all(0 <= start < end for row in rows for start, end in row["spans"])
    assert {row["kind"] for row in rows} == set(KINDS)
    assert 0.45 < sum(row["kind"] in UNANSWERABLE for row in rows) / len(rows) < 0.55
    assert max(len(row["question"]) for row in rows) < 400


def test_an_escaped_apostrophe_loses_its_backslash_and_the_answer_keeps_its_words() -> None:
    source = Source("x/1", "Tea", "It\\'s said she\\'d drink Ann\\'s tea.")
    at = source.text.index("Ann")
    clean, question = unescaped(source, AuthoredQuestion("x/1", "", "Whose?", ((at, at + len("Ann\\'s tea")),), "fact"))
    assert clean.text == "It's said she'd drink Ann's tea."
    assert [clean.text[a:b] for a, b in question.spans] == ["Ann's tea"]
