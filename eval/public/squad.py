"""SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), and every set in its format: a paragraph is a text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.public.types import PublicSet, gathered, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file))


def _rows(file: Path) -> Iterator[tuple[tuple[Document, ...], Case]]:
    try:
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            title = str(article.get("title", "")).replace("_", " ")
            for paragraph in article["paragraphs"]:
                document = text_document(title, paragraph["context"])
                for asked in paragraph["qas"]:
                    yield (document,), _case(asked, document)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise CasesError(f"{file} is not in SQuAD's format ({exc!r}).") from exc


def _case(asked: dict[str, Any], document: Document) -> Case:
    given = [] if asked.get("is_impossible") else asked["answers"]
    evidence = {_sentence(document, one["answer_start"], one["text"]) for one in given if "answer_start" in one}
    return Case(
        id=str(asked["id"]),
        question=asked["question"],
        answers=tuple(dict.fromkeys(one["text"] for one in given)),
        evidence=tuple(sorted(evidence - {""})),
        tags=("answerable" if given else "impossible",),
        documents=(document.id,),
    )


def _sentence(document: Document, start: int, answer: str) -> str:
    """The sentence that the answer stands in: SQuAD marks the answer alone."""
    from qa.cite import context_of

    begin, end = context_of(document, start, start + len(answer))
    return document.text[begin:end]
