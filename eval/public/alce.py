"""ALCE's files (Gao et al. 2023), ASQA and QAMPARI: a question, its short answers, and the passages a search found.

The first five passages are what it is asked of. Where none of them holds an answer, abstaining is right. ELI5 has no
short answers to compare with, so its file is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.normalise import contains
from eval.public.types import PublicSet, gathered, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document

PASSAGES = 5


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file))


def _rows(file: Path) -> Iterator[tuple[tuple[Document, ...], Case]]:
    try:
        for number, row in enumerate(json.loads(file.read_text(encoding="utf-8"))):
            documents = tuple(text_document(one["title"], one["text"]) for one in row["docs"][:PASSAGES])
            given = _short_answers(row)
            there = tuple(answer for answer in given if any(contains(one.text, [answer]) for one in documents))
            yield (
                documents,
                Case(
                    id=str(row.get("sample_id", row.get("id", number))),
                    question=row["question"],
                    answers=there,
                    tags=("answer in the passages" if there else "answer not in the passages",),
                    documents=tuple(document.id for document in documents),
                ),
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise CasesError(f"{file} is not in the format of ALCE's ASQA or QAMPARI ({exc!r}).") from exc


def _short_answers(row: dict[str, Any]) -> list[str]:
    pairs = row.get("qa_pairs")
    groups = [pair["short_answers"] for pair in pairs] if pairs else row["answers"]
    return list(dict.fromkeys(answer for group in groups for answer in group if answer.strip()))
