"""E-books. Their chapters are web pages in a zip, in the order that the package file names; the libraries made for
them are under the AGPL or the GPL."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from index.formats import Limits, Reading, Refused
from index.formats.archive import Archive
from index.formats.markup import add_blocks, parsed
from index.formats.text import TextBuilder

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read(path: Path, limits: Limits) -> Reading:
    builder = TextBuilder()
    with Archive(path, limits) as archive:
        if "META-INF/encryption.xml" in archive and b"EncryptionMethod" in archive.read("META-INF/encryption.xml"):
            _check_fonts_only(archive.read("META-INF/encryption.xml"))
        package = _package_file(archive)
        book = _xml(archive.read(package))
        folder = posixpath.dirname(package)
        items = {item.get("id"): item for item in book.iter(f"{_OPF}item")}
        for ref in book.iter(f"{_OPF}itemref"):
            item = items.get(ref.get("idref"))
            if item is None or item.get("media-type") not in _PAGES or "nav" in (item.get("properties") or "").split():
                continue
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
            if name in archive:
                add_blocks(builder, parsed(archive.read(name), "utf-8").body)
    return builder.reading(book.findtext(f".//{_DC}title"))


def _package_file(archive: Archive) -> str:
    rootfile = _xml(archive.read("META-INF/container.xml")).find(f".//{_CONTAINER}rootfile")
    return "" if rootfile is None else rootfile.get("full-path", "")


def _check_fonts_only(encryption: bytes) -> None:
    """Publishers hide fonts; a hidden chapter means a locked book. Raises Refused."""
    targets = [element.get("URI", "") for element in _xml(encryption).iter() if element.tag.endswith("CipherReference")]
    if any(target.lower().endswith((".xhtml", ".html", ".htm", ".xml")) for target in targets):
        raise Refused("it is locked (DRM). Only a book without a lock can be read.")


def _xml(source: bytes) -> Element:
    try:
        root: Element = fromstring(source)
    except (ParseError, DefusedXmlException, ValueError) as exc:
        raise Refused(f"it is damaged ({exc}). Was it copied or downloaded whole?") from exc
    return root
