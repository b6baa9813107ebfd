"""Files that are none, 25 kinds: each maker gives a name and bytes that differ with the random numbers it gets."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.index.formats import writers

Made = tuple[str, bytes]
Maker = Callable[[Random], Made]


def whole(suffix: str) -> bytes:
    """A good file of the kind."""
    makers: dict[str, Callable[[Path], Path]] = {
        "pdf": lambda path: writers.pdf(path, [["One line."], ["Another."]]),
        "docx": writers.docx,
        "pptx": writers.pptx,
        "xlsx": lambda path: writers.xlsx(path, {"S": [["A", "B"], [1, 2]]}),
        "epub": lambda path: writers.epub(path, ["<p>Text.</p>"]),
    }
    with TemporaryDirectory() as folder:
        return makers[suffix](Path(folder) / f"a.{suffix}").read_bytes()


def cut(suffix: str) -> Maker:
    def make(random: Random) -> Made:
        content = whole(suffix)
        return f"cut.{suffix}", content[: random.randrange(1, len(content))]

    return make


def flipped(suffix: str) -> Maker:
    def make(random: Random) -> Made:
        content = bytearray(whole(suffix))
        for _ in range(random.randint(1, 60)):
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        return f"flipped.{suffix}", bytes(content)

    return make


def zipped(name: str, **entries: bytes) -> Made:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in entries.items():
            archive.writestr(path, content)
    return name, file.getvalue()


def zip_bomb(random: Random) -> Made:
    entries = {"[Content_Types].xml": b"<Types/>", "word/document.xml": bytes(random.randint(30, 60) * 1_000_000)}
    return zipped("bomb.docx", **entries)


def pdf_bomb(random: Random) -> Made:
    packed = zlib.compress(zlib.compress(bytes(random.randint(50, 200) * 1_000_000), 1), 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n4 0 obj<</Filter"
    stream = b"[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream endobj\n" % (len(packed), packed)
    return "bomb.pdf", head + page + stream + b"trailer<</Root 1 0 R>>\n%%EOF"


def pdf_loop(random: Random) -> Made:
    kids = " ".join(f"{random.randint(2, 4)} 0 R" for _ in range(random.randint(1, 500)))
    nodes = "".join(f"{n} 0 obj<</Type/Pages/Kids[{kids}]/Count 999999999>>endobj\n" for n in (2, 3, 4))
    body = f"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n{nodes}trailer<</Root 1 0 R>>\n%%EOF"
    return "loop.pdf", body.encode()


def laughs(random: Random) -> Made:
    levels = random.randint(4, 8)
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 20}'>" for n in range(1, levels))
    xml = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e0 'ha'>{entities}]><w:document>&e{levels - 1};</w:document>"
    return zipped("laughs.docx", **{"[Content_Types].xml": b"<Types/>", "word/document.xml": xml.encode()})


def entity(random: Random) -> Made:
    target = random.choice(["/etc/passwd", "/proc/self/environ", "http://192.0.2.1/x", "/etc/shadow"])
    xml = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file://{target}'>]><office:body>&e;</office:body>"
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped("entity.odt", **{"mimetype": kind, "content.xml": xml.encode()})


def zip_slip(random: Random) -> Made:
    up = "../" * random.randint(1, 9)
    return zipped("slip.epub", **{f"{up}etc/cron.d/x": b"* * * * * root true", "META-INF/container.xml": b"<x/>"})


def giant_sheet(random: Random) -> Made:
    cell = f'<c r="XFD{random.randint(2, 1_048_576)}"><v>1</v></c>'
    sheet = f'<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    book = b'<workbook><sheets><sheet name="S" sheetId="1"/></sheets></workbook>'
    return zipped("giant.xlsx", **{"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet.encode()})


def deep_rtf(random: Random) -> Made:
    depth = random.randint(5_000, 60_000)
    return "deep.rtf", b"{\\rtf1 " + b"{" * depth + b"x" + b"}" * random.randint(0, depth)


def deep_html(random: Random) -> Made:
    depth = random.randint(10_000, 60_000)
    return "deep.html", b"<html><body>" + b"<div><table><tr><td>" * depth + b"x"


def html_bytes(random: Random) -> Made:
    return "bytes.html", b"<html><meta charset='" + random.randbytes(20) + b"'>" + random.randbytes(5_000)


def deep_mail(random: Random) -> Made:
    parts = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(random.randint(50, 2_000))
    )
    return "deep.eml", f"Subject: x\n{parts}".encode()


def broken_mail(random: Random) -> Made:
    head = b"Subject: =?utf-8?b?//8=?=\nContent-Transfer-Encoding: base64\nContent-Type: text/plain; charset="
    return "broken.eml", head + random.randbytes(10).hex().encode() + b"\n\n" + random.randbytes(3_000)


def long_csv(random: Random) -> Made:
    return "long.csv", b'a,"' + b"\x00,\r" * random.randint(10_000, 200_000)


def deep_json(random: Random) -> Made:
    depth = random.randint(2_000, 200_000)
    return "deep.json", b'{"a":[' * depth + random.choice([b"", b"1" + b"]}" * depth])


def broken_lines(random: Random) -> Made:
    lines = [json.dumps({"n": 10**300}), "{", "[]" * 9, '{"a": 1e999999}', '{"\\ud800": "\\udfff"}', "NaN"]
    random.shuffle(lines)
    return "broken.jsonl", "\n".join(lines).encode() + random.randbytes(40)


def half_utf16(random: Random) -> Made:
    return "half.txt", b"\xff\xfe" + random.randbytes(random.randrange(1, 4_000, 2))


def noise(random: Random) -> Made:
    return f"noise{random.choice(['.txt', '.md', '.pdf', '.docx', '.rtf', '.epub', '.ods'])}", random.randbytes(4_000)


def disguised(random: Random) -> Made:
    kinds = [
        b"\x7fELF\x02\x01\x01",
        b"MZ\x90\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"Rar!\x1a",
    ]
    return f"disguised{random.choice(['.txt', '.docx', '.pdf', '.csv'])}", random.choice(kinds) + random.randbytes(900)


def nothing(random: Random) -> Made:
    return f"nothing{random.choice(['.txt', '.pdf', '.docx', '.csv', '.json', '.eml'])}", b" " * random.randint(0, 3)


def hostile_name(random: Random) -> Made:
    names = [
        "../../etc/cron.d/x",
        "..\\..\\x",
        "/etc/passwd",
        "a\x00b",
        "a\r\nX: y",
        "‮fdp",
        "a" * 5_000,
        ".",
        "CON",
        "\ud800",
    ]
    return f"{random.choice(names)}.txt".encode("utf-8", "replace").decode(), bytes([0]) * random.randint(1, 50)


def no_suffix(random: Random) -> Made:
    return random.choice(["", "x", "x.exe", "x.sh", "x.txt.php", ".htaccess", "x.tar.gz"]), random.randbytes(99)


KINDS: dict[str, Maker] = {
    **{f"{suffix} cut off": cut(suffix) for suffix in ("pdf", "docx", "pptx", "xlsx", "epub")},
    **{f"{suffix} with flipped bits": flipped(suffix) for suffix in ("pdf", "docx", "xlsx")},
    "a zip bomb": zip_bomb,
    "a PDF bomb": pdf_bomb,
    "a PDF whose pages lead in a circle": pdf_loop,
    "entities that multiply": laughs,
    "an entity that reads another file": entity,
    "entries that lead out of the archive": zip_slip,
    "a sheet of 17 thousand million cells": giant_sheet,
    "RTF nested without end": deep_rtf,
    "HTML nested without end": deep_html,
    "HTML of random bytes": html_bytes,
    "mail within mail": deep_mail,
    "mail whose encoding is broken": broken_mail,
    "CSV on one line, with NUL": long_csv,
    "JSON nested without end": deep_json,
    "JSON lines that are none": broken_lines,
    "half of UTF-16": half_utf16,
    "another kind than its name says, noise, nothing, or a hostile name": lambda random: random.choice(
        [noise, disguised, nothing, hostile_name, no_suffix]
    )(random),
}
