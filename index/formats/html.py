"""Web pages: the article is kept, what leads around the site is dropped."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from index.formats import Limits, Reading, Refused
from index.formats.markup import Element, add_blocks, parsed
from index.formats.text import TextBuilder

MOST = 0.5
"""<main> or <article> stands for the page when it holds at least this share of its text."""
LINKS = 0.6
"""A list or a block whose text is links to more than this share, and short, leads elsewhere."""

_AROUND = frozenset("nav footer aside form dialog menu".split())
_ROLES = frozenset("navigation banner contentinfo search complementary menu menubar dialog alertdialog".split())
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|navbox|menu|sidebar|side-bar|footer|breadcrumbs?|cookies?|consent|banner|share|"
    r"sharing|social|newsletter|subscribe|advert|advertisement|ads|promo|related|recommended|skip-link|pagination|"
    r"toc-?toggle|mw-editsection|noprint|popup|modal)(?:$|[\s_-])",
    re.I,
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)


def read(path: Path, limits: Limits) -> Reading:
    return read_html(decoded(path.read_bytes()))


def read_html(source: str) -> Reading:
    """A page as text. A page that would be empty without its navigation keeps it."""
    root = parsed(source)
    title = root.findtext(".//title")
    body = root.body if root.body is not None else root
    whole = len(body.text_content())
    _drop_around(body)
    builder = TextBuilder()
    add_blocks(builder, _article(body))
    reading = builder.reading(title)
    if reading.text.strip() or not whole:
        return reading
    builder = TextBuilder()
    add_blocks(builder, parsed(source))
    return builder.reading(title)


def decoded(source: bytes) -> str:
    """By the byte-order mark, else as the page says, else UTF-8. Raises Refused where the bytes are not that."""
    encoding = "utf-8-sig"
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not source.startswith(codecs.BOM_UTF8) and (said := _CHARSET.search(source[:4096])):
        try:
            encoding = codecs.lookup(said[1].decode("ascii")).name
        except LookupError as exc:
            raise Refused(f"it says it is written in {exc.args[0].split(': ')[-1]}, which nobody knows.") from exc
        # As browsers do: what says Latin-1 is Windows' superset of it.
        encoding = {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-8": "utf-8-sig"}.get(encoding, encoding)
    try:
        text = source.decode(encoding, "replace" if encoding == "cp1252" else "strict")
    except UnicodeDecodeError as exc:
        name = encoding.upper().removesuffix("-SIG")
        raise Refused(f"byte {exc.start} is not {name} ({exc.reason}). Save the page as UTF-8.") from exc
    # A declaration inside a str confuses lxml.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")


def _article(body: Element) -> Element:
    """The element that stands for the page: <main> or its only <article>, if it holds most of what is left."""
    enough = len(body.text_content().split()) * MOST
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = body.xpath(path)
        if len(found) == 1 and len(found[0].text_content().split()) >= enough:
            if found[0].find(".//h1") is None and len(body.findall(".//h1")) == 1:
                continue  # its headline stands above it
            return found[0]
    return body


def _drop_around(body: Element) -> None:
    for element in list(body.iter()):
        if element is not body and isinstance(element.tag, str) and element.getparent() is not None and _leads(element):
            element.drop_tree()


def _leads(element: Element) -> bool:
    """Whether an element is about the site and not of the page."""
    tag, role = element.tag, element.get("role", "")
    style = element.get("style", "").replace(" ", "")
    if "hidden" in element.attrib or element.get("aria-hidden") == "true" or "display:none" in style:
        return True
    if _headline(element):
        return False
    if tag in _AROUND or role in _ROLES:
        return True
    if tag == "header" and next(element.iterancestors("article", "main"), None) is None:
        return True
    if tag in ("div", "section", "ul", "ol", "table", "p", "span"):
        if _NAMES.search(f"{element.get('class', '')} {element.get('id', '')}") and not _is_content(element):
            return True
        return tag in ("div", "section", "ul", "ol") and _is_link_list(element)
    return False


def _headline(element: Element) -> bool:
    return element.tag == "h1" or (element.find(".//h1") is not None)


def _is_content(element: Element) -> bool:
    """A name may mislead: what holds the page's article or several paragraphs of text is content."""
    if element.find(".//article") is not None or element.find(".//main") is not None:
        return True
    return sum(len(paragraph.text_content()) > 200 for paragraph in element.iter("p")) >= 3


def _is_link_list(element: Element) -> bool:
    links = list(element.iter("a"))
    if len(links) < 3:
        return False
    text = len(" ".join(element.text_content().split()))
    linked = sum(len(" ".join(link.text_content().split())) for link in links)
    return text < 60 * len(links) and linked > LINKS * text
