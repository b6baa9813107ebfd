import json
from pathlib import Path

import pytest

from eval.cases import load_cases
from eval.types import Case
from index.errors import CasesError

GOOD = '{"id": "1", "question": "When?", "answers": ["May 6"]}'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_case_is_read_with_everything_it_says(tmp_path: Path) -> None:
    line = {
        "id": "1",
        "question": "And then?",
        "answers": ["They left."],
        "evidence": ["They left."],
        "history": [["Who shouted?", "One of them"]],
        "tags": ["follow-up"],
    }
    history = (("Who shouted?", "One of them"),)
    case = Case("1", "And then?", ("They left.",), ("They left.",), history, ("follow-up",))
    assert load_cases(written(tmp_path, json.dumps(line))) == (case,)


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\r\n" + GOOD.encode() + b"\r\n  \r\n")
    assert [case.id for case in load_cases(path)] == ["1"]


def test_a_line_separator_within_a_question_does_not_end_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": "1", "question": "When\u2028then?", "answers": []}')
    assert load_cases(path)[0].question == "When\u2028then?"


def test_a_case_without_answers_is_unanswerable(tmp_path: Path) -> None:
    assert not load_cases(written(tmp_path, '{"id": "1", "question": "Who?", "answers": []}'))[0].answerable


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "not JSON"),
        ('["When?"]', "not a JSON object"),
        ('{"question": "When?", "answers": []}', '"id" is missing'),
        ('{"id": "1", "answers": []}', '"question" is missing'),
        ('{"id": "1", "question": "When?"}', '"answers" is missing'),
        ('{"id": 1, "question": "When?", "answers": []}', '"id" must be text'),
        ('{"id": "1", "question": " ", "answers": []}', '"question" is empty'),
        ('{"id": "1", "question": "When?", "answers": "May 6"}', '"answers" must be a list of texts'),
        ('{"id": "1", "question": "When?", "answers": ["May 6", 7]}', '"answers", item 2 must be text'),
        ('{"id": "1", "question": "When?", "answers": ["The"]}', 'the answer "The" has no word left'),
        ('{"id": "1", "question": "When?", "answer": ["May 6"], "answers": []}', '"answer" is not a key'),
        ('{"id": "1", "question": "When?", "answers": [], "answers": []}', '"answers" is given twice'),
        ('{"id": "1", "question": "When?", "answers": [], "evidence": ["x"]}', 'without "answers"'),
        ('{"id": "1", "question": "When?", "answers": [], "history": [["a"]]}', '"history", turn 1, must be'),
        ('{"id": "1", "question": "When?", "answers": [], "history": {}}', '"history" must be a list'),
        ('{"id": "1", "question": "\\ud800", "answers": []}', '"question" holds half a character'),
        (GOOD.replace("1", "good"), 'the id "good" is already used on line 1'),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_defect_names_the_file_the_line_and_what_is_wrong(tmp_path: Path, line: str, wrong: str) -> None:
    path = written(tmp_path, GOOD.replace("1", "good"), "", line)
    with pytest.raises(CasesError) as error:
        load_cases(path)
    assert str(error.value).startswith(f"{path}, line 3: ")
    assert wrong in str(error.value)


def test_a_byte_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(GOOD.encode() + b'\n{"id": "\xff"}')
    with pytest.raises(CasesError, match="line 2: byte 9 is not UTF-8"):
        load_cases(path)


def test_a_file_without_cases_says_what_a_case_is(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match=r'holds no cases. A case is a line like {"id"'):
        load_cases(written(tmp_path, "", "  "))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match=r"Cannot read the cases .*gone.jsonl: No such file"):
        load_cases(tmp_path / "gone.jsonl")
