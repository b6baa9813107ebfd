"""A spreadsheet's questions: CSV or TSV with a header.

Columns: question and answer; where there are several, answers stand between "|", and an empty one means that the text
does not say. Then context (the text that the question is asked of), and, if wanted, title, evidence, id and tags (also
between "|").
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eval.public.types import PublicSet, gathered, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document

COLUMNS = ("question", "answer", "context", "title", "evidence", "id", "tags")
NEEDED = COLUMNS[:3]


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file, prefix=f"{file.stem}-" if len(files) > 1 else ""))


def _rows(file: Path, prefix: str) -> Iterator[tuple[tuple[Document, ...], Case]]:
    csv.field_size_limit(2**30)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t" if file.suffix == ".tsv" else ",")
            names = {(name or "").strip().lower(): name for name in table.fieldnames or ()}
            missing = [name for name in NEEDED if name not in names]
            if missing:
                raise CasesError(f"{file} has no column {', '.join(missing)}. A table has {', '.join(COLUMNS)}.")
            for row in table:
                cells = {name: (row[names[name]] or "").strip() for name in COLUMNS if name in names}
                if not cells["question"] or not cells["context"]:
                    raise CasesError(f"{file}, line {table.line_num}: the question or its context is empty.")
                document = text_document(cells.get("title", ""), row[names["context"]])
                yield (document,), _case(cells, cells.get("id") or f"{prefix}{table.line_num}", document)
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise CasesError(f"Cannot read {file}: {exc}.") from exc


def _case(cells: Mapping[str, str], name: str, document: Document) -> Case:
    answers = _several(cells["answer"])
    return Case(
        id=name,
        question=cells["question"],
        answers=answers,
        evidence=_several(cells.get("evidence", "")) if answers else (),
        tags=_several(cells.get("tags", "")),
        documents=(document.id,),
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in cell.split("|"))))
