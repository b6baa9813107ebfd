"""Plain text: strictly decoded, nothing changed but line ends.

Not through llama-index: what its SimpleDirectoryReader makes of a .csv or .md depends on which of its packages are
installed beside it, and importing it takes seconds.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from index.formats import Limits, Reading, Refused
from index.structure import plain_structure

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path, limits: Limits) -> Reading:
    text = read_text(path)
    structure = plain_structure(text)
    return Reading(text, structure.title, structure.headings)


def read_text(path: Path) -> str:
    """The canonical text of a plain text file.

    The rule: a byte-order mark chooses between UTF-8, UTF-16 and UTF-32 and is dropped; without one the bytes are
    UTF-8. CRLF and lone CR become LF. Nothing else is changed. Raises UnicodeDecodeError with the offset in the
    file's bytes, OSError, or Refused for a file with NULs.
    """
    content = path.read_bytes()
    bom, encoding = next(((bom, name) for bom, name in _BOMS if content.startswith(bom)), (b"", "utf-8"))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        if encoding == "utf-8-sig":  # the codec counts from behind the mark
            exc.start, exc.end = exc.start + len(bom), exc.end + len(bom)
        raise
    if (nul := text.find("\0")) >= 0:
        # "utf-16" and "utf-32" write a mark of their own, "utf-8-sig" that of UTF-8: as long as the file's.
        offset = len(text[:nul].encode(encoding))
        raise Refused(
            f"a NUL at byte {offset}: this is no text, or UTF-16 without a byte-order mark. Save it as UTF-8."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
