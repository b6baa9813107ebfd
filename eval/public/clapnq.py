"""CLAPNQ (Rosenthal et al. 2024): Natural Questions with an answer in prose, its sentences marked in the passage.

A file a split: JSON Lines with `input`, `passages` and, an item an annotator, `output`. A question that no annotator
answered is unanswerable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.public.types import PublicSet, gathered, json_lines, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file))


def _rows(file: Path) -> Iterator[tuple[tuple[Document, ...], Case]]:
    for row in json_lines(file):
        try:
            documents = tuple(text_document(passage["title"], passage["text"]) for passage in row["passages"])
            answered = [output for output in row["output"] if output["answer"].strip()]
            sentences = [sentence for output in answered for sentence in output["selected_sentences"]]
            case = Case(
                id=str(row["id"]),
                question=row["input"],
                answers=tuple(dict.fromkeys(output["answer"] for output in answered)),
                evidence=tuple(dict.fromkeys(sentences)),
                tags=("answerable" if answered else "unanswerable",),
                documents=tuple(document.id for document in documents),
                long_form=True,
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise CasesError(f"{file} is not in CLAPNQ's format ({exc!r}).") from exc
        yield documents, case
