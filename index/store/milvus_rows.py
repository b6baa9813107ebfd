"""What the Milvus store keeps: two collections; values ↔ rows, and what may stand in a filter.

`NAME` holds a row a passage, which is what is searched. `NAME_documents` holds all else, in one shard, so that one
upsert of several rows is seen whole: the manifest, for each document which version of it counts, its text in parts (a
string of Milvus ends at 65,535 bytes), and notes on versions that are to be swept away.

No value of a document ever stands in a filter: ids and tags are looked up by digests, letters and digits only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymilvus import DataType, Function, FunctionType, MilvusClient

from index.embed import Vectors
from index.store.analysis import passage_words
from index.store.bm25 import K1, B
from index.types import Document, Heading, Passage

LAYOUT = "1"
"""The version of what is written here; kept with the manifest."""
MANIFEST, DOCUMENT, TEXT, SPILLED = "manifest", "document", "text", "spilled"
BEGUN, OLD, CHANGED = "begun", "old", "changed"
"""Kinds of rows beside the passages. Begun: a version that is being written; old: one that another has replaced;
changed: the last version that a writer has committed. A document's own row has its outline as content."""
LONGEST = 65_535
"""Bytes of a string, Milvus's own limit."""
PART = 60_000
MOST_TAGS = 1_024
FOUND_FIELDS = ["id", "document_id", "document", "version", "start"]
PASSAGE_FIELDS = [*FOUND_FIELDS, "passage", "state", "content"]
_PLAIN = re.compile("[a-z0-9]+")
_CODED = "0x"
# HNSW from the start: Milvus compares what is small or new exactly until a segment is worth an index.
PASSAGES_INDEXES: dict[str, dict[str, Any]] = {
    "vector": {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 16, "efConstruction": 200}},
    "bm25": {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25", "params": {"bm25_k1": K1, "bm25_b": B}},
    "passage": {"index_type": "INVERTED"},
    "document": {"index_type": "INVERTED"},
    "state": {"index_type": "INVERTED"},
}
DOCUMENTS_INDEXES: dict[str, dict[str, Any]] = {
    "unused": {"index_type": "FLAT", "metric_type": "IP"},
    "kind": {"index_type": "INVERTED"},
    "state": {"index_type": "INVERTED"},
}
Row = dict[str, Any]


def passages_schema(dimension: int) -> Any:
    schema = MilvusClient.create_schema(enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=128)
    schema.add_field("id", DataType.VARCHAR, max_length=LONGEST)
    schema.add_field("document_id", DataType.VARCHAR, max_length=LONGEST)
    schema.add_field("passage", DataType.VARCHAR, max_length=32)
    schema.add_field("document", DataType.VARCHAR, max_length=32)
    schema.add_field("version", DataType.INT64)
    schema.add_field("state", DataType.VARCHAR, max_length=64)
    schema.add_field("start", DataType.INT64)
    schema.add_field("content", DataType.VARCHAR, max_length=LONGEST)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_length=32, max_capacity=MOST_TAGS)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    # Words come ready cut and in plain letters: the tokenizer only parts them at the spaces.
    words = {"max_length": LONGEST, "enable_analyzer": True, "analyzer_params": {"tokenizer": "standard"}}
    schema.add_field("words", DataType.VARCHAR, enable_match=True, **words)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names=["words"], output_field_names=["bm25"]))
    return schema


def documents_schema() -> Any:
    schema = MilvusClient.create_schema(enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=128)
    schema.add_field("kind", DataType.VARCHAR, max_length=16)
    schema.add_field("document", DataType.VARCHAR, max_length=32)
    schema.add_field("version", DataType.INT64)
    schema.add_field("state", DataType.VARCHAR, max_length=64)
    schema.add_field("number", DataType.INT64)
    schema.add_field("size", DataType.INT64)
    schema.add_field("content", DataType.VARCHAR, max_length=LONGEST)
    schema.add_field("unused", DataType.FLOAT_VECTOR, dim=2)  # a collection needs a vector
    return schema


def digest(value: str) -> str:
    """32 hexadecimal digits that stand for an id or a tag."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_one_of(field: str, values: Iterable[str]) -> str:
    """A filter. `values` are digests, keys and states of this module; ValueError for anything else."""
    listed = sorted(values)
    if any(not re.fullmatch("[0-9a-z:-]+", value) for value in listed):
        raise ValueError("a filter takes digests only")
    return f"{field} in [{', '.join(json.dumps(value) for value in listed)}]"


def state(document: str, version: int) -> str:
    return f"{document}-{version}"


def kept_row(
    kind: str, key: str, *, document: str = "", version: int = 0, number: int = 0, size: int = 0, content: str = ""
) -> Row:
    """A row beside the passages. `number`: of a document its passages, of a part its place, of a note a time in ms;
    `size`: of a document the words of its passages."""
    return {
        "key": f"{kind}:{key}",
        "kind": kind,
        "document": document,
        "version": version,
        "state": state(document, version),
        "number": number,
        "size": size,
        "content": content,
        "unused": [0.0, 0.0],
    }


def text_rows(document: Document, version: int) -> list[Row]:
    """The whole of a document, in parts."""
    # JSON in ASCII: a file's name may be bytes that are no text, and every place in it may be cut at.
    values = {
        "id": document.id,
        "title": document.title,
        "path": document.path,
        "text": document.text,
        "sha256": document.sha256,
        "pages": document.pages,
        "headings": [(heading.start, heading.end, heading.level) for heading in document.headings],
        "location": document.location,
        "tags": document.tags,
    }
    return _parts(TEXT, digest(document.id), json.dumps(values), digest(document.id), version)


def outline_content(document: Document) -> str:
    """What `outline` leaves of a document; "" where that is too long for a row."""
    values = [document.id, document.title, document.path, document.sha256, document.location, document.tags]
    content = json.dumps(values)
    return content if len(content) <= LONGEST else ""


def outline_of(content: str) -> Document:
    id_, title, path, sha256, location, tags = json.loads(content)
    return Document(id_, title, path, "", sha256, location=location, tags=tuple(tags))


def document_of(parts: Iterable[Row]) -> Document:
    values = json.loads("".join(part["content"] for part in sorted(parts, key=lambda part: part["number"])))
    pages, headings = values.pop("pages"), values.pop("headings")
    return Document(
        **{**values, "tags": tuple(values["tags"])},
        pages=None if pages is None else tuple(pages),
        headings=tuple(Heading(*heading) for heading in headings),
    )


def passage_rows(
    document: Document, passages: Sequence[Passage], vectors: Vectors, version: int
) -> tuple[list[Row], list[Row]]:
    """The passages' rows, and the parts of those contents that are too long to stand in one."""
    rows, spilled = [], []
    whole, tags = digest(document.id), [digest(tag) for tag in document.tags]
    for passage, words, vector in zip(passages, passage_words(passages), vectors, strict=True):
        key, content = digest(passage.id), json.dumps([passage.end, passage.text, passage.section, passage.title])
        if len(content) > LONGEST:
            spilled += _parts(SPILLED, key, content, whole, version)
            content = ""
        rows.append(
            {
                "key": f"{key}-{version}",
                "id": passage.id,
                "document_id": passage.document_id,
                "passage": key,
                "document": whole,
                "version": version,
                "state": state(whole, version),
                "start": passage.start,
                "content": content,
                "tags": tags,
                "vector": vector,
                "words": _cut("\n".join(map(coded, words.split("\n")))),
            }
        )
    return rows, spilled


def passage_of(row: Mapping[str, Any], content: str) -> Passage:
    end, text, section, title = json.loads(content)
    return Passage(row["id"], row["document_id"], row["start"], end, text, section, title)


def coded(line: str) -> str:
    """The same words in plain letters, so that no analyzer finds anything to change in them; spaces stay."""
    return " ".join(
        word if not word or (_PLAIN.fullmatch(word) and not word.startswith(_CODED)) else _CODED + word.encode().hex()
        for word in line.split(" ")
    )


def _cut(words: str) -> str:
    """Of a passage whose words do not all stand in one string the first ones, all its lines."""
    if len(words) <= LONGEST:
        return words
    kept = words[: LONGEST - words.count("\n")].rpartition("  ")[0] + " "
    return kept + "\n" * (words.count("\n") - kept.count("\n"))


def _parts(kind: str, key: str, content: str, document: str, version: int) -> list[Row]:
    return [
        kept_row(
            kind,
            f"{key}:{version}:{number}",
            document=document,
            version=version,
            number=number,
            content=content[number * PART : (number + 1) * PART],
        )
        for number in range(-(-len(content) // PART))
    ]
