"""A folder of mixed documents through `qa index`: pages and passages a second, memory, and a second run.

    python -m bench.ingest

The folder is made here: text, Markdown, web pages, PDFs, Word files, slides, spreadsheets, CSV, e-mails, JSON and
e-books of made-up sentences, as their usual writers write them. Each run is a process of its own with an empty storage;
its time is the whole command's, start included. Memory is what the indexing process and those that read files hold
together, looked at twenty times a second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click
import numpy as np

from bench.corpus import whole_words
from bench.measure import p50, table, write
from index import open_index

CHARACTERS_A_PAGE = 3000
"""What counts as a page of a document that has none."""
Text = list[list[str]]
"""Paragraphs of sentences."""


class Writer:
    """Made-up text, the same for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self._chosen = np.random.default_rng(seed)
        self._words = whole_words()
        chances = 1 / np.arange(1, len(self._words) + 1)
        self._chances = chances / chances.sum()

    def sentence(self) -> str:
        size = int(self._chosen.integers(6, 25))
        words = [self._words[i] for i in self._chosen.choice(len(self._words), size, p=self._chances)]
        return f"{' '.join(words).capitalize()}."

    def title(self) -> str:
        return self.sentence()[:50].rsplit(" ", 1)[0]

    def text(self, paragraphs: int) -> Text:
        return [[self.sentence() for _ in range(int(self._chosen.integers(2, 7)))] for _ in range(paragraphs)]


def txt(path: Path, made: Writer) -> None:
    paragraphs = "\n\n".join(" ".join(one) for one in made.text(12))
    path.write_text(f"{made.title()}\n\n{paragraphs}\n", encoding="utf-8")


def md(path: Path, made: Writer) -> None:
    parts = [f"## {made.title()}\n\n{' '.join(one)}\n" for one in made.text(12)]
    path.write_text(f"# {made.title()}\n\n{''.join(parts)}", encoding="utf-8")


def html(path: Path, made: Writer) -> None:
    body = "".join(f"<h2>{made.title()}</h2><p>{' '.join(one)}</p>" for one in made.text(12))
    links = "".join(f"<li><a href='/{n}'>{made.title()}</a></li>" for n in range(20))
    path.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title>{made.title()}</title><nav><ul>{links}</ul></nav>"
        f"<main><h1>{made.title()}</h1>{body}</main><footer>{made.sentence()}</footer>",
        encoding="utf-8",
    )


def pdf(path: Path, made: Writer) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

    styles = getSampleStyleSheet()
    flow: list[Flowable] = [Paragraph(made.title(), styles["Title"])]
    for number, one in enumerate(made.text(40)):
        flow += [Paragraph(made.title(), styles["Heading2"])] if number % 5 == 0 else []
        flow += [Paragraph(" ".join(one), styles["Normal"]), Spacer(1, 8)]
    SimpleDocTemplate(str(path)).build(flow)


def docx(path: Path, made: Writer) -> None:
    from docx import Document

    document = Document()
    document.add_heading(made.title(), 0)
    for one in made.text(15):
        document.add_heading(made.title(), 1)
        document.add_paragraph(" ".join(one))
    document.save(str(path))


def pptx(path: Path, made: Writer) -> None:
    from pptx import Presentation

    deck = Presentation()
    for one in made.text(10):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = made.title()
        slide.placeholders[1].text = "\n".join(one)
    deck.save(str(path))


def xlsx(path: Path, made: Writer) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["Name", "Remark", "Amount"])
    for number in range(60):
        sheet.append([made.title(), made.sentence(), number * 17])
    book.save(path)


def csv(path: Path, made: Writer) -> None:
    rows = "".join(f'{made.title()},"{made.sentence()}",{n * 17}\n' for n in range(60))
    path.write_text(f"Name,Remark,Amount\n{rows}", encoding="utf-8")


def eml(path: Path, made: Writer) -> None:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", made.title()
    message.set_content("\n\n".join(" ".join(one) for one in made.text(6)))
    path.write_bytes(bytes(message))


def jsonl(path: Path, made: Writer) -> None:
    lines = [json.dumps({"name": made.title(), "text": " ".join(one)}) for one in made.text(30)]
    path.write_text("\n".join(lines), encoding="utf-8")


def epub(path: Path, made: Writer) -> None:
    import zipfile

    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>'
    )
    names = [f"c{number}" for number in range(8)]
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names)
    refs = "".join(f'<itemref idref="{n}"/>' for n in names)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{made.title()}</dc:title></metadata><manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("book.opf", package)
        for name in names:
            body = "".join(f"<p>{' '.join(one)}</p>" for one in made.text(20))
            archive.writestr(f"{name}.xhtml", f"<html><body><h1>{made.title()}</h1>{body}</body></html>")


KINDS: dict[Callable[[Path, Writer], None], int] = {
    txt: 25, md: 15, html: 15, pdf: 15, docx: 10, pptx: 5, xlsx: 4, csv: 3, eml: 4, jsonl: 2, epub: 2,
}  # fmt: skip
"""A writer → how many of a hundred documents it writes."""


def write_folder(folder: Path, documents: int) -> None:
    made = Writer()
    kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
    with click.progressbar(range(documents), label="Making documents", file=sys.stderr) as numbers:
        for number in numbers:
            kind = kinds[number * 37 % len(kinds)]
            place = folder / f"{number % 10}"
            place.mkdir(parents=True, exist_ok=True)
            kind(place / f"{number:04}.{kind.__name__}", made)


@click.command(help=__doc__)
@click.option("--documents", default=1000, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Of the second run, which finds nothing to do.")
def main(documents: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources, storage = Path(folder) / "sources", Path(folder) / "storage"
        write_folder(sources, documents)
        size = sum(path.stat().st_size for path in sources.rglob("*") if path.is_file())
        click.echo("Indexing …", err=True)
        seconds, memory = run(sources, storage)
        with closing(open_index(storage)) as index:
            known = index.documents()
            passages = index.store.counts()[1]
        pages = sum(len(d.pages) if d.pages else -(-len(d.text) // CHARACTERS_A_PAGE) for d in known)
        again = [run(sources, storage) for _ in range(rounds)]
    rows = [
        ["documents", f"{len(known):,} of {documents:,} ({size / 1e6:.0f} MB)"],
        ["time", f"{seconds:.1f} s"],
        ["pages", f"{pages:,}; {pages / seconds:.0f} a second"],
        ["passages", f"{passages:,}; {passages / seconds:.0f} a second"],
        ["memory peak", f"{memory:.0f} MB"],
        ["a second run, nothing to do", f"{p50([taken for taken, _ in again]):.2f} s, {again[0][1]:.0f} MB"],
    ]
    kinds = ", ".join(f"{documents * share // 100} {kind.__name__}" for kind, share in KINDS.items())
    note = f"\n\n{kinds}. A page is a PDF's or a slide; {CHARACTERS_A_PAGE:,} characters of anything else."
    results = {
        "documents": len(known),
        "pages": pages,
        "passages": passages,
        "seconds": seconds,
        "memory_peak_mb": memory,
        "second_run_seconds": p50([taken for taken, _ in again]),
    }
    write("ingest", "python -m bench.ingest", table(["", "qa index"], rows) + note, results)


def run(sources: Path, storage: Path) -> tuple[float, float]:
    """Seconds, and the most MB that the command and its child held together."""
    command = [sys.executable, "-m", "qa.cli", "index", str(sources), "--storage", str(storage)]
    begun, most = time.perf_counter(), 0.0
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        most = max(most, sum(map(_resident, _family(process.pid))))
        time.sleep(0.05)
    seconds = time.perf_counter() - begun
    if process.returncode:
        assert process.stderr is not None
        raise click.ClickException(process.stderr.read())
    return seconds, most


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        # Of every thread: those that read files are started by the threads that wait for them.
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for task in tasks for child in task.read_text(encoding="ascii").split()]
    except OSError:
        children = []
    for child in children:
        yield from _family(int(child))


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has just ended
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in status if line.startswith("VmRSS:")), 0.0)


if __name__ == "__main__":
    main()
