"""What a file is, told by its content. Its name only tells one text format from another."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from index.formats import KINDS, SUFFIXES, Limits, Refused
from index.formats.archive import Archive, is_archive

HEAD = 4096
_TEXTUAL = {"csv", "eml", "html", "json", "jsonl", "markdown", "plain"}
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_BY_MIMETYPE = {
    "application/epub+zip": "epub",
    f"{_OPEN_DOCUMENT}text": "odt",
    f"{_OPEN_DOCUMENT}spreadsheet": "sheet",
}
_BY_ENTRY = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "sheet",
    "xl/workbook.bin": "sheet",
}


def kind_of(path: Path, limits: Limits) -> str:
    """The kind of a file, a key of KINDS. Raises Refused for what is none of them, and OSError."""
    named = SUFFIXES.get(path.suffix.lower(), "plain")
    with path.open("rb") as file:
        head = file.read(HEAD)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if is_archive(head):
        return _kind_of_archive(path, limits)
    if head.startswith(_OLD_OFFICE):
        if named == "sheet":
            return "sheet"
        raise Refused(
            "this is an Office file of the old binary kind, or one protected by a password. "
            "Save it as docx, pptx or xlsx without a password."
        )
    if named == "plain" and _HTML.match(head):
        return "html"
    textual = _is_text(head)
    if not textual:
        _check_no_media(head)
    if named in _TEXTUAL:
        return named
    if not textual:
        raise Refused(f"this is no {KINDS[named]}, though its name says so. Was it copied or downloaded whole?")
    return "html" if _HTML.match(head) else "plain"


def _is_text(head: bytes) -> bool:
    if head.startswith(_BOMS):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _kind_of_archive(path: Path, limits: Limits) -> str:
    with Archive(path, limits) as archive:
        mimetype = archive.mimetype()
        if mimetype in _BY_MIMETYPE:
            return _BY_MIMETYPE[mimetype]
        for entry, kind in _BY_ENTRY.items():
            if entry in archive:
                return kind
    if mimetype.startswith(_OPEN_DOCUMENT):
        raise Refused("OpenDocument files of this kind are not read. Save it as pdf.")
    raise Refused("this is an archive. Unpack it and index the folder.")


def _check_no_media(head: bytes) -> None:
    """Raises Refused for a picture, a film, a program …"""
    import filetype

    if (found := filetype.guess(head)) is not None:
        raise Refused(f"this is a file of the kind {found.mime}, not a document with text.")
