"""Natural Questions, simplified form (Kwiatkowski et al. 2019): search questions with a whole Wikipedia page each.

JSON Lines, .gz too. HTML tokens are dropped, block tags become line breaks. A question with short answers is judged by
them; one with a long answer only, or answered by yes or no, by whether the long answer is quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from eval.public.types import PublicSet, gathered, json_lines, text_document
from eval.types import Case
from index.errors import CasesError
from index.types import Document

BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li tr table ul ol dl dd dt div".split())


class Page(NamedTuple):
    """`starts` and `ends` are each token's characters in `text`; a tag's are empty."""

    title: str
    text: str
    starts: list[int]
    ends: list[int]

    def between(self, first: int, last: int) -> str:
        """The text of the tokens first to last, the last left out."""
        return self.text[self.starts[first] : self.ends[last - 1]].strip()


def read(files: Sequence[Path]) -> PublicSet:
    return gathered(row for file in files for row in _rows(file))


def _rows(file: Path) -> Iterator[tuple[tuple[Document, ...], Case]]:
    for row in json_lines(file):
        try:
            page = _page(row["document_text"].split(" "))
            document = text_document(page.title, page.text)
            yield (document,), _case(row, page, document.id)
        except (KeyError, TypeError, AttributeError, IndexError) as exc:
            raise CasesError(f"{file} is not in Natural Questions' simplified format ({exc!r}).") from exc


def _case(row: dict[str, Any], page: Page, document: str) -> Case:
    made = row["annotations"]
    short = [page.between(a["start_token"], a["end_token"]) for one in made for a in one["short_answers"]]
    spans = [one["long_answer"] for one in made if one["long_answer"]["start_token"] >= 0]
    evidence = [page.between(span["start_token"], span["end_token"]) for span in spans]
    return Case(
        id=str(row["example_id"]),
        question=row["question_text"],
        answers=tuple(dict.fromkeys(filter(None, short or evidence))),
        evidence=tuple(dict.fromkeys(filter(None, evidence))),
        tags=("short answer" if short else "long answer only" if evidence else "unanswerable",),
        documents=(document,),
        long_form=not short,
    )


def _page(tokens: Sequence[str]) -> Page:
    pieces = [_piece(token) for token in tokens]
    ends = list(accumulate(map(len, pieces)))
    starts = [0, *ends[:-1]]
    text = "".join(pieces)
    heads = [number for number, token in enumerate(tokens) if token.lower() in ("<h1>", "</h1>")]
    title = "".join(pieces[heads[0] : heads[1]]).strip() if len(heads) > 1 else ""
    return Page(title, text, starts, ends)


def _piece(token: str) -> str:
    if not (token.startswith("<") and token.endswith(">")):
        return f"{token} "
    return "\n\n" if token.strip("</>").partition(" ")[0].lower() in BLOCKS else ""
