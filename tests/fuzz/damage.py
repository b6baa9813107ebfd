"""Whole files → damaged ones: bytes, tokens, numbers and parts of archives, changed as Hypothesis draws."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

MOST_EDITS = 8
MOST_BYTES = 1_000_000
"""A file does not grow beyond this: time limits are for what few bytes can do."""

_NUMBER = re.compile(rb"\d+")
NUMBERS = [
    b"0", b"-1", b"1", b"7", b"255", b"256", b"32768", b"65536", b"2147483647", b"2147483648", b"4294967295",
    b"9223372036854775808", b"1e400", b"-1e-400", b"0.5", b"NaN", b"9" * 5000,
]  # fmt: skip
TOKENS = [
    *(b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\x1a", b"\x0c", b"\x85"),
    *(b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xcc\x81" * 500, b"\xf0\x9f\x87\xa9", b"\xd7\xa9", b"\xe6\x9d\xb1"),
    *(b"<", b">", b"<p>", b"</p>", b"<table>", b"<td colspan=999>", b"<div>" * 300, b"<!--", b"<![CDATA[", b"&#0;"),
    *(b"&#xD800;", b"&e;", b"<!DOCTYPE x [<!ENTITY e 'x'>]>", b"<?xml version='1.0' encoding='utf-7'?>", b"<svg>"),
    *(b'"', b"'", b",", b";", b"|", b"\t", b"{", b"}", b"[", b"]", b"[" * 2000, b'{"a":' * 300, b"\\ud800", b"\\u0000"),
    *(b"{\\rtf1", b"\\u-3", b"\\'ff", b"\\bin99999 ", b"\\ansicpg99999", b"{\\*\\", b"\\par", b"\\upr", b"}" * 300),
    *(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"Content-Transfer-Encoding: base64\n", b"=?x?q?=ff?="),
    *(b"Content-Type: text/plain; charset=nothing\n\n", b"Subject: =?utf-8?b?//8=?=\n", b"Date: 99 Foo 99999\n"),
    *(b"%PDF-1.7", b"endobj", b"endstream", b"stream\n", b"xref", b"trailer", b"<<", b">>", b"/Length 99999999"),
    *(b"/Parent 3 0 R", b"/Kids[2 0 R]", b"/Filter/FlateDecode", b"/Encrypt 1 0 R", b"/Count -1", b"q " * 3000),
    *(b" 1e9 0 0 1e9 0 0 cm ", b"BT", b"ET", b"(", b")", b"Tj", b"TJ", b"/Rotate 45", b"/MediaBox[0 0 0 0]"),
    *(b"# ", b"```", b"---\n", b"> " * 500, b"* " * 500, b"| - " * 300, b"../../x", b"/etc/passwd", b"PK\x03\x04"),
]

Edit = Callable[[DrawFn, bytes, Sequence[bytes]], bytes]
"""(draw, the file, other files of its kind) → the file, changed in one place."""


@st.composite
def damaged(draw: DrawFn, wholes: Sequence[bytes]) -> bytes:
    """One of `wholes` with a few changes; an archive mostly in what it holds."""
    whole = draw(st.sampled_from(wholes))
    if whole.startswith(b"PK") and draw(st.integers(0, 7)):
        return _damaged_archive(draw, whole, wholes)[:MOST_BYTES]
    return _edited(draw, whole, wholes)


def _edited(draw: DrawFn, content: bytes, others: Sequence[bytes]) -> bytes:
    for edit in draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=MOST_EDITS)):
        content = edit(draw, content, others)[:MOST_BYTES]
    return content


def _place(draw: DrawFn, content: bytes) -> int:
    return draw(st.integers(0, len(content)))


def flip(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(draw, content)
    return (
        content[:at] + bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in content[at : at + 1]) + content[at + 1 :]
    )


def cut(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(draw, content)
    return content[:at] + content[at + draw(st.integers(1, 400)) :]


def end(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: _place(draw, content)]


def repeat(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(draw, content)
    piece = content[at : at + draw(st.integers(1, 200))]
    return content[:at] + piece * draw(st.sampled_from([2, 3, 50, 1000])) + content[at:]


def insert(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(draw, content)
    return content[:at] + draw(st.sampled_from(TOKENS)) + content[at:]


def number(draw: DrawFn, content: bytes, _: Sequence[bytes]) -> bytes:
    found = _NUMBER.search(content, _place(draw, content))
    if found is None:
        return content
    return content[: found.start()] + draw(st.sampled_from(NUMBERS)) + content[found.end() :]


def copy(draw: DrawFn, content: bytes, others: Sequence[bytes]) -> bytes:
    other = draw(st.sampled_from(others))
    at, there = _place(draw, content), _place(draw, other)
    return content[:at] + other[there : there + draw(st.integers(1, 400))] + content[at:]


EDITS: list[Edit] = [flip, cut, end, repeat, insert, number, copy]


def _damaged_archive(draw: DrawFn, whole: bytes, wholes: Sequence[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(entries) - 1))
        name, content = entries[at]
        match draw(st.integers(0, 9)):
            case 0 if len(entries) > 1:
                del entries[at]
            case 1:
                entries[at] = (name, draw(st.sampled_from(entries))[1])
            case 2:
                entries.append((draw(st.sampled_from([name, f"../{name}", f"/{name}", name.upper()])), content))
            case _:
                entries[at] = (name, _edited(draw, content, [content for _, content in entries]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two entries of one name are what is wanted
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()
