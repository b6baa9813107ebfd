"""What moves through the index: Document → Passage → Hit. All frozen; a step returns a new value."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading: `document.text[start:end]` is its text; `level` 1 is the outermost."""

    start: int
    end: int
    level: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """One source. `text` is canonical (see `index.sources`): every offset counts its characters.

    `path` is how the user named the file; `location` is its absolute path when it was indexed; `sha256` is of the
    file's bytes, in hex. `pages` are the offsets at which each page begins: the first is 0, a page without text begins
    where the next one does; None where the format has no pages. `tags` are what a question can be limited to.
    """

    id: str
    title: str
    path: str
    text: str
    sha256: str
    pages: tuple[int, ...] | None = None
    headings: tuple[Heading, ...] = ()
    location: str = ""
    tags: tuple[str, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The 1-based page that holds the character at `offset`, or None where there are no pages."""
        if self.pages is None:
            return None
        return bisect_right(self.pages, offset)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is retrieved as one: `text == document.text[start:end]`.

    `title` is the document's, `section` the heading that the passage stands under, "" where there is none; both are
    embedded, searched and read with the passage but are no part of `text` and move no offset.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    section: str = ""
    title: str = ""

    @property
    def lead(self) -> str:
        """What the text stands under, for whoever reads it by itself: title and section, where it has them not."""
        return " – ".join(part for part in (self.title, self.section) if part and part not in self.text)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found. `score` is the fused score in 0..1; ranks are 1-based, None where that
    search did not return the passage; `cosine` is the dense search's score, 0 where it did not return it."""

    passage: Passage
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float = 0.0
