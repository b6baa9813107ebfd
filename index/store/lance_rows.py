"""What the LanceDB store keeps: one table, a row a document and a row a passage; values ↔ rows.

One table, because a commit of Lance is atomic in one table only: a document changes with its passages or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from index.embed import Vectors
from index.store.analysis import passage_words
from index.store.bm25 import sizes
from index.types import Document, Heading, Passage

TABLE = "index"
LAYOUT = "2"
"""The version of what is written here; kept with the manifest."""
DOCUMENT, PASSAGE = "document", "passage"
PASSAGE_COLUMNS = ["id", "document_id", "start", "end", "text", "section", "title"]
DOCUMENT_COLUMNS = ["id", "title", "text", "facts", "tags"]
Row = Mapping[str, Any]


def schema(dimension: int, manifest: Mapping[str, str]) -> pa.Schema:
    fields = {
        "key": pa.string(),  # ids of documents and of passages need not differ: keys do
        "kind": pa.string(),
        "id": pa.string(),
        "document_id": pa.string(),
        "start": pa.int64(),
        "end": pa.int64(),
        "text": pa.string(),
        "section": pa.string(),
        "title": pa.string(),
        "words": pa.string(),
        "size": pa.int64(),  # of a document: how many words its passages have
        "vector": pa.list_(pa.float32(), dimension),
        "facts": pa.string(),
        "tags": pa.list_(pa.string()),
    }
    return pa.schema(fields.items(), metadata={"layout": LAYOUT, "manifest": json.dumps(dict(manifest))})


def rows(document: Document, passages: Sequence[Passage], vectors: Vectors) -> list[dict[str, Any]]:
    """The document's row and its passages'. What a row has not is null."""
    words = passage_words(passages)
    return [
        _document_row(document, int(sizes(words).sum())),
        *(_passage_row(*of_passage) for of_passage in zip(passages, words, vectors, strict=True)),
    ]


def as_table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """The rows as LanceDB takes them. Vectors go in as one block of memory: number by number they took longer than all
    else that is written."""
    dimension = schema.field("vector").type.list_size
    vectors = np.zeros((len(rows), dimension), np.float32)
    missing = np.array(["vector" not in row for row in rows])
    for place in np.flatnonzero(~missing).tolist():
        vectors[place] = rows[place]["vector"]
    others = pa.schema([one for one in schema if one.name != "vector"])
    table = pa.Table.from_pylist(rows, schema=others)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension, mask=pa.array(missing))
    return table.add_column(schema.get_field_index("vector"), schema.field("vector"), column).cast(schema)


def _document_row(document: Document, words: int) -> dict[str, Any]:
    # JSON in ASCII: a file's name may be bytes that are no text.
    facts = {
        "path": document.path,
        "sha256": document.sha256,
        "pages": document.pages,
        "headings": [(heading.start, heading.end, heading.level) for heading in document.headings],
        "location": document.location,
    }
    return {
        "key": f"d:{document.id}",
        "kind": DOCUMENT,
        "id": document.id,
        "document_id": document.id,
        "start": -1,
        "text": document.text,
        "title": document.title,
        "size": words,
        "facts": json.dumps(facts),
        "tags": list(document.tags),
    }


def _passage_row(passage: Passage, words: str, vector: Vectors) -> dict[str, Any]:
    return {
        "key": f"p:{passage.id}",
        "kind": PASSAGE,
        "id": passage.id,
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "section": passage.section,
        "title": passage.title,
        "words": words,
        "vector": vector,
    }


def document_of(row: Row) -> Document:
    """Of a row with DOCUMENT_COLUMNS."""
    facts = json.loads(row["facts"])
    return Document(
        row["id"],
        row["title"],
        facts["path"],
        row["text"],
        facts["sha256"],
        pages=None if facts["pages"] is None else tuple(facts["pages"]),
        headings=tuple(Heading(*heading) for heading in facts["headings"]),
        location=facts["location"],
        tags=tuple(row["tags"] or ()),
    )


def passage_of(row: Row) -> Passage:
    """Of a row with PASSAGE_COLUMNS."""
    return Passage(*(row[column] for column in PASSAGE_COLUMNS))


def is_one_of(column: str, values: Sequence[str]) -> str:
    """A filter in SQL. Values are literals whose one special character, the quote, is doubled."""
    if not values:
        return "false"
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({listed})"
