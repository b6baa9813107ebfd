"""PowerPoint presentations, through python-pptx: a slide is a page, its title a heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError

from index.formats import Limits, Reading, Refused
from index.formats.text import TextBuilder


def read(path: Path, limits: Limits) -> Reading:
    try:
        presentation = Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as exc:
        raise Refused("it is no whole presentation. Was it copied or downloaded whole?") from exc
    slides = list(presentation.slides)
    if len(slides) > limits.pages:
        raise Refused(f"it has {len(slides):,} slides; {limits.pages:,} are read at most. Split it.")
    builder = TextBuilder(paged=True)
    for slide in slides:
        builder.page()
        title = slide.shapes.title
        if title is not None:
            builder.heading(_text(title.text_frame), 2)
        for shape in _shapes(slide.shapes):
            if title is not None and shape.shape_id == title.shape_id:
                continue
            if shape.has_text_frame:
                for paragraph in shape.text_frame.paragraphs:
                    builder.paragraph(_line(paragraph))
            elif getattr(shape, "has_table", False):
                table = shape.table
                rows = [[cell.text for cell in row.cells] for row in table.rows]
                builder.table(rows, headed=True if table.first_row and len(rows) > 1 else None)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            builder.paragraph(_text(slide.notes_slide.notes_text_frame))
    named = (presentation.core_properties.title or "").strip()
    first = next((slide.shapes.title.text_frame.text for slide in slides if slide.shapes.title is not None), None)
    return builder.reading(first if named in ("", "PowerPoint Presentation") else named)


def _shapes(shapes: Any) -> Iterator[Any]:
    """All shapes, groups opened, from the top of the slide to its foot."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _text(frame: Any) -> str:
    return "\n".join(_line(paragraph) for paragraph in frame.paragraphs)


def _line(paragraph: Any) -> str:
    return str(paragraph.text).replace("\v", "\n")
