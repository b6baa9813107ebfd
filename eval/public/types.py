"""What an adapter makes of a public set's files."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.types import Case
from index.errors import CasesError
from index.types import Document


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Texts and the questions about them; a case's `documents` says which of them it is asked of."""

    documents: tuple[Document, ...]
    cases: tuple[Case, ...]

    def opened(self) -> PublicSet:
        """The same cases, each asked of all texts together."""
        return PublicSet(self.documents, tuple(replace(case, documents=()) for case in self.cases))

    def sample(self, count: int) -> PublicSet:
        """`count` of the cases, evenly spread over the set; all texts stay."""
        step = max(1.0, len(self.cases) / count)
        chosen = range(min(count, len(self.cases)))
        return PublicSet(self.documents, tuple(self.cases[int(number * step)] for number in chosen))


def text_document(title: str, text: str) -> Document:
    """A document that comes from no file. Same title and text, same id; no headings are looked for."""
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    return Document(digest[:16], title, title, text, digest)


def gathered(rows: Iterator[tuple[tuple[Document, ...], Case]]) -> PublicSet:
    """The set of cases that each come with the documents they are asked of; a document given twice is kept once."""
    documents: dict[str, Document] = {}
    cases: dict[str, Case] = {}
    for of, case in rows:
        documents.update((document.id, document) for document in of)
        if case.id in cases:
            raise CasesError(f'The question id "{case.id}" occurs twice. Give each file once.')
        cases[case.id] = case
    if not cases:
        raise CasesError("The files hold no questions.")
    return PublicSet(tuple(documents.values()), tuple(cases.values()))


def json_lines(file: Path) -> Iterator[Any]:
    """A JSON value a line; blank lines are skipped; .gz is unpacked. Raises CasesError naming the line."""
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError as exc:
                        raise CasesError(f"{file}, line {number}: not JSON ({exc}).") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise CasesError(f"Cannot read {file}: {exc}.") from exc
