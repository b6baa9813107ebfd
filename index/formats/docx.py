"""Word documents, through mammoth: it tells headings, lists, notes and tables by their styles, and takes tracked
insertions for text and deletions for none."""

from __future__ import annotations

from pathlib import Path

import mammoth

from index.formats import Limits, Reading
from index.formats.archive import Archive
from index.formats.markup import add_blocks, parsed
from index.formats.properties import core_title
from index.formats.text import TextBuilder

STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
"""


def read(path: Path, limits: Limits) -> Reading:
    with path.open("rb") as file:
        body = mammoth.convert_to_html(
            file,
            style_map=STYLES,
            convert_image=mammoth.images.img_element(lambda _: {}),
            external_file_access=False,
        ).value
    root = parsed(body)
    if root.find(".//h1[@class='title']") is not None:
        for level in range(5, 0, -1):  # below a title, Word's first level is the second
            for heading in root.findall(f".//h{level}"):
                if heading.get("class") != "title":
                    heading.tag = f"h{level + 1}"
    for mark in root.xpath("//sup[a] | //a[starts-with(@href, '#') and normalize-space(.) = '↑']"):
        mark.drop_tree()  # the signs that lead to a note and back; the notes themselves stay
    builder = TextBuilder()
    add_blocks(builder, root.body)
    with Archive(path, limits) as archive:
        return builder.reading(core_title(archive))
