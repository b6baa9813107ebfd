"""Step 1 of the reader: the training sets → examples, in one format, divided by document.

    python -m train.prepare --data ../shared/data/train --eval-data ../shared/data/eval

Reads SQuADShifts (new_wiki, reddit, amazon_reviews), Natural Questions and the authored questions, cuts every
document into the passages that serving would cut, and writes train/runs/reader/ train, development and
calibration.jsonl, a line an example:

    {"set", "document", "question", "lead": "title", "passages": [text, …], "answers": [[passage, start, end]]}

Offsets are characters of a passage; without answers, no passage answers.

A tenth of the documents each, by hash, is kept for calibration and development. Documents that share 13 words in a
row with the evaluation sets are dropped. Unanswerable questions: the authored ones; questions whose passages are
another passage of the same document that shares the most words with them and no answer; questions in which a name
or number is swapped for another of the same document that the answer's sentence does not hold.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from index.passages import split
from index.sentences import sentence_spans
from index.types import Document, Passage
from qa.read.candidates import QuestionWords
from train.authored import load
from train.corpus import Article, Question, make_document, overlaps, read_natural_questions, read_squad

WORK = Path(__file__).parent / "runs" / "reader"
PARTS = ("development", "calibration")
SHARED_WORDS = 13
"""Brown et al. (2020), appendix C: so many words in a row make two texts one."""
HARD_BESIDE = 0.25
"""The share of answerable questions that get a hard negative passage beside the one that answers."""
ONLY_HARD = 0.22
"""The share that are asked of the hard negative alone, and so are unanswerable."""
SWAPPED = 0.12
"""The share that is asked once more with a name or number swapped, and so is unanswerable."""
KEPT = {"reddit": 0.6, "amazon": 0.6}
"""The share of a set's documents that is used; all of what is not named here."""


@dataclass(frozen=True, slots=True)
class Example:
    set: str
    document: str
    question: str
    lead: str
    passages: tuple[str, ...]
    answers: tuple[tuple[int, int, int], ...]


def part_of(document: str) -> str:
    """train, development or calibration: by document, never by question."""
    number = int(hashlib.sha256(document.encode()).hexdigest(), 16) % 10
    return PARTS[number] if number < len(PARTS) else "train"


def examples(name: str, article: Article, others: Sequence[Passage], chosen: random.Random) -> Iterator[Example]:
    """The examples of one document; `others` are passages of like documents, for where it has only one."""
    document = article.document
    passages = split(document)
    title = document.title if name in ("new_wiki", "nq") else ""
    for question in article.questions:
        answering = [p for p in passages if any(p.start <= a and b <= p.end for a, b in question.spans)]
        if not answering or len(question.text.split()) < 3:
            continue
        hard = _hardest(document, question, [p for p in passages if p not in answering] or list(others))
        draw = chosen.random()
        if hard is not None and draw < ONLY_HARD:
            yield _example(name, document, question.text, title, [hard], ())
            continue
        beside = [hard] if hard is not None and draw < ONLY_HARD + HARD_BESIDE else []
        shown = [answering[0], *beside]
        yield _example(name, document, question.text, title, shown, question.spans)
        if chosen.random() < SWAPPED and (changed := swapped(question, document, answering[0], chosen)):
            yield _example(name, document, changed, title, shown[:1], ())


def swapped(question: Question, document: Document, passage: Passage, chosen: random.Random) -> str | None:
    """The question with a name or number in it replaced by another of the document, which the sentence that answers
    does not hold; None where there is nothing to replace."""
    found = list(_SWAPPABLE.finditer(question.text))
    if not found:
        return None
    target = chosen.choice(found)
    sentences = sentence_spans(passage.text)
    near = " ".join(
        passage.text[a:b] for a, b in sentences if overlaps(question.spans, passage.start + a, passage.start + b)
    )
    kind = str.isdecimal if target.group().isdecimal() else str.isalpha
    pool = sorted(
        {
            word.group()
            for word in _SWAPPABLE.finditer(document.text)
            if kind(word.group()) and word.group() not in near and word.group() not in question.text
        }
    )
    if target.start() == 0 or target.group() not in document.text or not pool:
        return None
    return question.text[: target.start()] + chosen.choice(pool) + question.text[target.end() :]


_SWAPPABLE = re.compile(r"(?<![.?!] )\b(?:[A-Z][a-z]{2,}|\d{1,4})\b")


def _hardest(document: Document, question: Question, rivals: Sequence[Passage]) -> Passage | None:
    """The passage that shares most of the question's word weight and none of its answers."""
    asked = QuestionWords.of(question.text)
    answers = [document.text[a:b].lower() for a, b in question.spans]
    wrong = [p for p in rivals if not any(answer in p.text.lower() for answer in answers)]
    return max(wrong, key=lambda p: asked.overlap(p.text), default=None)


def _example(
    name: str,
    document: Document,
    question: str,
    title: str,
    shown: Sequence[Passage],
    spans: Iterable[tuple[int, int]],
) -> Example:
    answers = [
        (number, start - passage.start, end - passage.start)
        for number, passage in enumerate(shown)
        if passage.document_id == document.id
        for start, end in spans
        if passage.start <= start and end <= passage.end
    ]
    return Example(name, document.title, question, title, tuple(p.text for p in shown), tuple(answers))


def authored(data: Path) -> Iterator[Example]:
    """The authored questions; the document of each passage is the one that its set divides by."""
    for source, question in load(data):
        document = make_document(source.title, source.text)
        passages = split(document)
        title = "" if source.id.startswith("wikinews") else source.title
        spans = question.spans
        if spans and question.kind == "list":
            spans = ((spans[0][0], spans[-1][1]),)  # one span reaches from the first item to the last
        holding = [p for p in passages if not spans or any(p.start <= a and b <= p.end for a, b in spans)]
        shown = holding[:1] if spans else holding[:2]
        if shown:
            yield _example("authored", document, question.question, title, shown, spans)


def shingles(text: str) -> set[int]:
    """Hashes of every SHARED_WORDS words in a row."""
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + SHARED_WORDS])) for i in range(len(words) - SHARED_WORDS + 1)}


def evaluation_shingles(folder: Path) -> set[int]:
    """Of every string in the evaluation files."""
    found: set[int] = set()
    for file in sorted(folder.glob("*.json*")):
        text = file.read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()] if file.suffix == ".jsonl" else [json.loads(text)]
        for string in _strings(rows):
            found |= shingles(string)
    return found


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (string for item in value.values() for string in _strings(item))
    elif isinstance(value, list):
        yield from (string for item in value for string in _strings(item))


def every_example(data: Path, forbidden: set[int], seed: int) -> Iterator[Example]:
    dropped: Counter[str] = Counter()
    sets = {
        "new_wiki": read_squad(data / "squadshifts_new_wiki.json"),
        "reddit": [one for article in read_squad(data / "squadshifts_reddit.json") for one in _paragraphs(article)],
        "amazon": read_squad(data / "squadshifts_amazon_reviews.json"),
        "nq": read_natural_questions(data / "nq_open_oracle.jsonl.gz"),
    }
    for name, articles in sets.items():
        chosen = random.Random(f"{seed} {name}")
        kept = [article for article in articles if chosen.random() < KEPT.get(name, 1.0)]
        with click.progressbar(kept, label=name) as shown:
            for number, article in enumerate(shown):
                if shingles(article.document.text) & forbidden:
                    dropped[name] += 1
                    continue
                yield from examples(name, article, split(kept[number - 1].document), chosen)
    yield from authored(data)
    click.echo(f"documents dropped for what they share with the evaluation sets: {dict(dropped) or 'none'}")


def _paragraphs(article: Article) -> Iterator[Article]:
    """Each paragraph as a document of its own: reddit's "article" is two thousand unrelated posts."""
    at = 0
    for text in article.document.text.split("\n\n"):
        spans = range(at, at + len(text) + 1)
        asked = [q for q in article.questions if q.spans and all(a in spans and b in spans for a, b in q.spans)]
        moved = [Question(q.id, q.text, tuple((a - at, b - at) for a, b in q.spans)) for q in asked]
        if moved:
            yield Article(make_document(f"post {hashlib.sha256(text.encode()).hexdigest()[:8]}", text), tuple(moved))
        at += len(text) + 2


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--eval-data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=0, show_default=True)
def main(data: Path, eval_data: Path, seed: int) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Example]] = {"train": [], **{part: [] for part in PARTS}}
    for example in every_example(data, evaluation_shingles(eval_data), seed):
        parts[part_of(example.document)].append(example)
    for part, made in parts.items():
        random.Random(seed).shuffle(made)
        lines = (json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in made)
        (WORK / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")
        counts = Counter((example.set, bool(example.answers)) for example in made)
        told = ", ".join(f"{name} {counts[name, True]}+{counts[name, False]}" for name, _ in sorted(counts)[::2])
        click.echo(f"{part}: {len(made)} questions (answerable + not): {told}")


if __name__ == "__main__":
    main()
