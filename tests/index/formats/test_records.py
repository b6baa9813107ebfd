from pathlib import Path

import pytest

from index.reading import SourceReader
from tests.index.formats.conftest import Read


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_row_of_a_csv_carries_its_columns_names(tmp_path: Path, read: Read, delimiter: str) -> None:
    rows = [["Name", "City", "Born"], ["Ada", "London", "1815"], ["Grüße", '"Köln, am Rhein"', ""]]
    path = write(tmp_path / "a.csv", "\r\n".join(delimiter.join(row) for row in rows))
    expected = "Name: Ada; City: London; Born: 1815\n\nName: Grüße; City: Köln, am Rhein"
    assert read(path).text == expected


def test_a_csv_without_names_keeps_its_rows(tmp_path: Path, read: Read) -> None:
    assert read(write(tmp_path / "a.csv", "1,2\n3,4\n")).text == "1 | 2\n\n3 | 4"
    assert read(write(tmp_path / "b.csv", "one\ntwo\n")).text == "one\n\ntwo"


def test_a_cell_with_lines_and_quotes(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path / "a.csv", 'A,B\n"line one\nline two","say ""hi"""\n')
    assert read(path).text == 'A: line one line two; B: say "hi"'


def test_a_csv_of_nothing_but_quotes_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling its delimiter once took more than all the time that a file has."""
    monkeypatch.setenv("FOOTNOTE_READ_SECONDS", "10")
    with SourceReader() as reader:
        assert reader.read(write(tmp_path / "a.csv", 'a\tb{"a":' + '{"a":' * 30_000)).text.startswith("a | b")


def test_numbers_are_kept_as_they_were_written(tmp_path: Path, read: Read) -> None:
    source = '{"price": 1.50, "big": 1e400, "long": ' + "9" * 5000 + "}"
    text = f"price: 1.50\n\nbig: 1e400\n\nlong: {'9' * 5000}"
    assert read(write(tmp_path / "a.json", source)).text == text


def test_json_is_names_and_values(tmp_path: Path, read: Read) -> None:
    source = '{"title": "Häuser", "list": [{"a": 1, "b": null}, "x"], "ok": true, "empty": [], "text": "Zwei\\nZeilen"}'
    reading = read(write(tmp_path / "a.json", source))
    assert reading.text == "title: Häuser\n\nlist:\n  -\n    a: 1\n  - x\n\nok: true\n\ntext: Zwei\nZeilen"
    assert reading.title == "Häuser"


def test_a_list_of_records_is_a_paragraph_each(tmp_path: Path, read: Read) -> None:
    records = '[{"q": "Who?", "a": "Ada"}, {"q": "When?", "a": 1815.5}]'
    text = "q: Who?\na: Ada\n\nq: When?\na: 1815.5"
    assert read(write(tmp_path / "a.json", records)).text == text
    assert read(write(tmp_path / "a.jsonl", '{"q": "Who?", "a": "Ada"}\n\n{"q": "When?", "a": 1815.5}\n')).text == text


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.json", '{"a": }', "it is no JSON: line 1, column 7"),
        ("a.jsonl", '{"a": 1}\n{', "line 2 is no JSON"),
        ("a.json", "[" * 100_000 + "]" * 100_000, "nested too deep"),
        ("b.jsonl", '{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(
    tmp_path: Path, read: Read, name: str, content: str, why: str
) -> None:
    assert why in read.refused(write(tmp_path / name, content))


def test_lone_surrogates_become_replacement_characters(tmp_path: Path, read: Read) -> None:
    assert read(write(tmp_path / "a.json", '{"a": "x\\ud800y"}')).text == "a: x\ufffdy"
