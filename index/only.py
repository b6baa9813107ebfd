"""What a person names → the documents that a question is limited to."""

from __future__ import annotations

from collections.abc import Sequence

from index.errors import DocumentUnknown
from index.search import Index
from index.store import EVERYWHERE, Where


def only(index: Index, names: Sequence[str]) -> Where:
    """The documents that any of `names` names: a tag, or a document's id, path or title, or a folder of their paths.

    Upper and lower case are one. No names: everywhere. Raises DocumentUnknown, with the tags that there are.
    """
    if not names:
        return EVERYWHERE
    documents = index.documents()
    tags = {tag for document in documents for tag in document.tags}
    ids: set[str] = set()
    for name in names:
        wanted = name.casefold()
        named = {
            document.id
            for document in documents
            if wanted in (document.id, document.path.casefold(), document.title.casefold())
            or wanted in (tag.casefold() for tag in document.tags)
            or document.path.casefold().startswith(f"{wanted.rstrip('/')}/")
        }
        if not named:
            known = f"Tags: {', '.join(sorted(tags))}." if tags else "No document has a tag yet."
            raise DocumentUnknown(f"No document is called or tagged {name!r}. {known} List all with: qa documents")
        ids |= named
    return Where(documents=frozenset(ids))
