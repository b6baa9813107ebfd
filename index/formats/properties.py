"""The title that an Office file's properties name."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring

from index.formats.archive import Archive

_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def core_title(archive: Archive) -> str | None:
    """dc:title in docProps/core.xml; None where it is not set or cannot be read."""
    if "docProps/core.xml" not in archive:
        return None
    try:
        title = fromstring(archive.read("docProps/core.xml")).findtext(_DC_TITLE) or ""
    except Exception:  # a property is not worth a document
        return None
    return None if title.strip().lower() in ("", "word document", "powerpoint presentation") else title
