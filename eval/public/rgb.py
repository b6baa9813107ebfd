"""RGB (Chen et al. 2024): noise among the passages, and passages that do not answer at all.

Each question is asked twice: of two positive and three negative passages (the benchmark's noise rate of .6), and of
five negative ones, which it must not be answered from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.public.types import PublicSet, gathered, json_lines, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document

POSITIVE, ALL = 2, 5


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file))


def _rows(file: Path) -> Iterator[tuple[tuple[Document, ...], Case]]:
    for row in json_lines(file):
        try:
            positive, negative = _flat(row["positive"]), _flat(row["negative"])
            answers = _answers(row["answer"])
            name, question = f"{file.stem}-{row['id']}", row["query"]
        except (KeyError, TypeError) as exc:
            raise CasesError(f"{file} is not in RGB's format ({exc!r}).") from exc
        mixed = _documents([*positive[:POSITIVE], *negative[: ALL - POSITIVE]])
        yield mixed, Case(f"{name}-noise", question, answers, tags=("noise",), documents=_ids(mixed))
        if len(negative) >= ALL:
            wrong = _documents(negative[:ALL])
            yield wrong, Case(f"{name}-rejection", question, tags=("rejection",), documents=_ids(wrong))


def _answers(answer: Any) -> tuple[str, ...]:
    """Alternatives, from a text, a list of parts that are all asked for, or lists of a part's alternatives."""
    parts = [part if isinstance(part, list) else [part] for part in (answer if isinstance(answer, list) else [answer])]
    if len(parts) == 1:
        return tuple(map(str, parts[0]))
    return (" ".join(str(part[0]) for part in parts),)


def _flat(texts: Any) -> list[str]:
    return [text for one in texts for text in (_flat(one) if isinstance(one, list) else [str(one)])]


def _documents(texts: Sequence[str]) -> tuple[Document, ...]:
    return tuple(text_document("", text) for text in dict.fromkeys(texts))


def _ids(documents: Sequence[Document]) -> tuple[str, ...]:
    return tuple(document.id for document in documents)
