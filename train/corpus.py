"""Question sets in SQuAD's format → articles whose questions know where their answers stand."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.embed import Embedder
from index.passages import split
from index.search import Index
from index.store import open_store
from index.structure import Structure
from index.sync import embedded_text
from index.types import Document

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """`spans` are the human answers' places in the article's text; none where the text does not answer."""

    id: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Article:
    document: Document
    questions: tuple[Question, ...]


def read_squad(path: Path) -> list[Article]:
    """Articles of a file in SQuAD 1.1 or 2.0 format; an article's paragraphs are joined by blank lines."""
    articles = []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        text, questions = "", []
        for paragraph in entry["paragraphs"]:
            text += "\n\n" if text else ""
            questions += [_question(qa, len(text)) for qa in paragraph["qas"]]
            text += paragraph["context"]
        title = str(entry.get("title", f"{path.stem} {number}")).replace("_", " ")
        articles.append(Article(make_document(title, text), tuple(questions)))
    return articles


def make_document(title: str, text: str) -> Document:
    """A document that comes from no file; as Wikipedia's paragraphs have it, without headings."""
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    return Document(digest[:16], title, title, text, digest, headings=Structure(title, ()).headings)


def index_articles(articles: Iterable[Article], storage: Path, embedder: Embedder) -> Index:
    """All articles in one index at `storage`, opened; what is there already is kept."""
    store = open_store(str(storage), create={"embedder": embedder.name})
    known = {document.id for document in store.documents()}
    for article in articles:
        if article.document.id not in known:
            passages = split(article.document)
            texts = [embedded_text(passage) for passage in passages]
            store.replace_document(article.document, passages, embedder.embed_passages(texts))
    return Index(store, embedder)


def overlaps(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def _question(qa: dict[str, object], offset: int) -> Question:
    answers = qa["answers"] if not qa.get("is_impossible") else []
    spans = {
        (offset + answer["answer_start"], offset + answer["answer_start"] + len(answer["text"]))
        for answer in answers  # type: ignore[attr-defined]
    }
    return Question(str(qa["id"]), str(qa["question"]), tuple(sorted(spans)))


def read_natural_questions(path: Path) -> list[Article]:
    """Natural Questions with their gold paragraph (JSON Lines, gzip): one article a paragraph."""
    paragraphs: dict[tuple[str, str], list[Question]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            title, text = row["ctxs"][0]["title"], row["ctxs"][0]["text"]
            spans = tuple(
                (match.start(), match.end())
                for answer in row["answers"]
                for match in re.finditer(re.escape(answer), text, re.IGNORECASE)
            )
            if spans:
                paragraphs.setdefault((title, text), []).append(Question(f"nq-{number}", row["question"], spans))
    return [Article(make_document(title, text), tuple(asked)) for (title, text), asked in paragraphs.items()]


def read_qed(path: Path) -> list[Article]:
    """Natural Questions' paragraphs with their annotators' short answers, as QED has them: one article a question."""
    articles = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = sorted({(a["start"], a["end"]) for group in row["original_nq_answers"] for a in group})
        document = make_document(row["title_text"], row["paragraph_text"])
        articles.append(Article(document, (Question(f"qed-{row['example_id']}", row["question_text"], tuple(spans)),)))
    return articles


def read_boolq(data: Path) -> list[Article]:
    """BoolQ's yes/no questions with the passage that settles each; where in it, nobody marked, so spans are empty."""
    passages: dict[tuple[str, str], list[Question]] = {}
    for part in ("train", "dev"):
        with gzip.open(data / f"boolq_{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for number, row in enumerate(map(json.loads, lines)):
                asked = Question(f"boolq-{part}-{number}", row["question"], ())
                passages.setdefault((row["title"], row["passage"]), []).append(asked)
    return [Article(make_document(title, text), tuple(asked)) for (title, text), asked in passages.items()]
