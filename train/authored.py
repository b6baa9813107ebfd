"""Questions written by hand over passages of the training sets: `train/authored/*.jsonl`.

    python -m train.authored show --data ../shared/data/train --slice 3/8      the passages of a slice, to read
    python -m train.authored add DRAFT --data … --slice 3/8                    check drafts and add them
    python -m train.authored check --data …                                    check all that is there

Passages are offered in rounds (`--round`), so that later ones bring new passages.

A line refers to its passage by id and hash and to an answer by offsets, and holds no text of the set:
{"passage": "new_wiki/3/7", "sha256": "…", "question": "…", "spans": [[start, end]], "kind": "near-miss"}. Without
spans, the passage does not answer. `spans` of one answer in several places are alternatives, unless `kind` is list:
then all together are the answer. `kind` is one of KINDS.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from train.corpus import read_natural_questions, read_squad

FOLDER = Path(__file__).parent / "authored"
UNANSWERABLE = {
    "near-miss": "right topic and people, but the passage does not say",
    "wrong-role": "asks for the minister where the passage names the adviser",
    "wrong-constraint": "another year, place, quantity, order or condition than the passage tells of",
    "swapped-entity": "a thing of the passage is said to have done what another did",
    "negated": "presupposes the opposite of what the passage says",
}
ANSWERABLE = {
    "paraphrase": "shares few words with the passage",
    "why-how": "a reason or a manner",
    "two-constraints": "two conditions that together leave one answer",
    "role": "a person or body by role",
    "list": "several spans together",
    "quantity": "a number with its unit",
    "relative-date": "a date or time relative to another",
    "quotation": "what somebody said",
    "yes-no": "the spans are the sentence that settles it",
    "fact": "none of these",
}
KINDS = {**UNANSWERABLE, **ANSWERABLE}
MIN_WORDS, MAX_WORDS = 70, 260
"""Passages outside these lengths are not offered."""
ROUNDS = {
    1: {"wikinews": (0, 1000), "new_wiki": (0, 450), "nq": (0, 120)},
    2: {"new_wiki": (450, 1000), "nq": (120, 620)},
}
"""Which thousandths of each set's passages a round of writing offers."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that questions may be written over."""

    id: str
    title: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AuthoredQuestion:
    passage: str
    sha256: str
    question: str
    spans: tuple[tuple[int, int], ...]
    kind: str


def sources(data: Path) -> dict[str, Source]:
    """Every passage by id: wikinews/ARTICLE, new_wiki/ARTICLE/PARAGRAPH and nq/HASH."""
    found = [*_wikinews(data), *_wikipedia(data), *_searched(data)]
    return {source.id: source for source in found}


def offered(data: Path, part: int, parts: int, turn: int = 1) -> list[Source]:
    """The passages of slice `part` of `parts` (1-based) of a round; a passage is in the same slice for ever."""
    chosen = []
    for source in sources(data).values():
        draw = int(hashlib.sha256(source.id.encode()).hexdigest(), 16)
        first, last = ROUNDS[turn].get(source.id.partition("/")[0], (0, 0))
        long_enough = MIN_WORDS <= len(source.text.split()) <= MAX_WORDS
        if long_enough and first <= draw % 1000 < last and draw // 1000 % parts == part - 1:
            chosen.append(source)
    return sorted(chosen, key=lambda source: source.id)


def load(data: Path, folder: Path = FOLDER) -> list[tuple[Source, AuthoredQuestion]]:
    """All authored questions with their passages. Raises click.ClickException for one that does not fit its passage."""
    known = sources(data)
    loaded = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            question = AuthoredQuestion(**{**row, "spans": tuple(map(tuple, row["spans"]))})
            source = known.get(question.passage)
            if source is None or source.sha256 != question.sha256:
                raise click.ClickException(
                    f"{file.name}:{number}: written over another text than {question.passage} now is"
                )
            loaded.append(unescaped(source, question))
    return loaded


def unescaped(source: Source, question: AuthoredQuestion) -> tuple[Source, AuthoredQuestion]:
    """QADiscourse writes an apostrophe as \\': both without the backslash."""
    spans = tuple((_moved(source.text, a), _moved(source.text, b)) for a, b in question.spans)
    return replace(source, text=source.text.replace("\\'", "'")), replace(question, spans=spans)


def _moved(text: str, at: int) -> int:
    return at - text.count("\\'", 0, at + 1)


def resolve(draft: dict[str, object], known: dict[str, Source]) -> AuthoredQuestion:
    """A draft, whose answers are words of the passage, with offsets in their place.

    {"passage", "question", "kind", "answers": ["verbatim", …]}; every place where the words stand alone is a span,
    or only the n-th with "verbatim@n". Raises ValueError saying what is wrong.
    """
    if set(draft) != {"passage", "question", "kind", "answers"}:
        raise ValueError(f"has the keys {sorted(draft)}")
    kind, answers, question = str(draft["kind"]), draft["answers"], str(draft["question"]).strip()
    source = known.get(str(draft["passage"]))
    if source is None:
        raise ValueError(f"no passage {draft['passage']}")
    if kind not in KINDS:
        raise ValueError(f"no kind {kind}; choose of {', '.join(KINDS)}")
    if not isinstance(answers, list) or bool(answers) != (kind in ANSWERABLE):
        raise ValueError(f"{kind} with answers {answers!r}")
    if len(question.split()) < 3:
        raise ValueError(f"too short: {question}")
    spans = [span for answer in answers for span in _places(str(answer), source.text)]
    return AuthoredQuestion(source.id, source.sha256, question, tuple(sorted(set(spans))), kind)


def _places(answer: str, text: str) -> list[tuple[int, int]]:
    words, _, which = answer.rpartition("@") if re.search(r"@\d+$", answer) else (answer, "", "")
    found = [(m.start(), m.end()) for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]
    if not found or (which and int(which) > len(found)):
        raise ValueError(f"the passage does not hold {answer!r}")
    return [found[int(which) - 1]] if which else found


def _wikinews(data: Path) -> Iterator[Source]:
    """Wikinews articles, as far as QADiscourse has their sentences, in the articles' order."""
    articles: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for file in sorted(data.glob("qadiscourse_wikinews_*.tsv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                _, _, article, paragraph, sentence = row["qasrl_id"].split(":")
                articles[article][int(paragraph), int(sentence)] = " ".join(row["untokenized sentence"].split())
    for article, sentences in sorted(articles.items()):
        text = " ".join(sentences[key] for key in sorted(sentences))
        yield Source(f"wikinews/{article}", f"Wikinews {article}", text)


def _wikipedia(data: Path) -> Iterator[Source]:
    for number, article in enumerate(read_squad(data / "squadshifts_new_wiki.json")):
        for place, text in enumerate(article.document.text.split("\n\n")):
            yield Source(f"new_wiki/{number}/{place}", article.document.title, text)


def _searched(data: Path) -> Iterator[Source]:
    for article in read_natural_questions(data / "nq_open_oracle.jsonl.gz"):
        yield Source(f"nq/{article.document.id}", article.document.title, article.document.text)


def _part(value: str) -> tuple[int, int]:
    part, _, parts = value.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise click.BadParameter("write it as 3/8")
    return int(part), int(parts)


_data = click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
_slice = click.option("--slice", "part", required=True, help="Which part of the passages, as in 3/8.")
_round = click.option("--round", "turn", type=click.Choice(list(ROUNDS)), default=1, show_default=True)


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
@_data
@_slice
@_round
@click.option("--from", "first", default=0, help="Begin with this passage of the slice.")
@click.option("--count", default=20, show_default=True)
def show(data: Path, part: str, turn: int, first: int, count: int) -> None:
    """Print passages of a slice."""
    chosen = offered(data, *_part(part), turn)
    for source in chosen[first : first + count]:
        click.echo(f"=== {source.id} ({source.title})\n{source.text}\n")
    click.echo(f"{min(first + count, len(chosen))} of {len(chosen)} passages shown")


@main.command()
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_data
@_slice
@_round
def add(draft: Path, data: Path, part: str, turn: int) -> None:
    """Check drafts and write those of a slice; a slice that is there already is replaced."""
    known, resolved, wrong = sources(data), [], 0
    for number, line in enumerate(draft.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            resolved.append(resolve(json.loads(line), known))
        except ValueError as exc:
            wrong += 1
            click.echo(f"{draft}:{number}: {exc}", err=True)
    repeated = [question for question, times in Counter(row.question.lower() for row in resolved).items() if times > 1]
    for question in repeated:
        click.echo(f"asked twice: {question}", err=True)
    if wrong or repeated:
        raise click.ClickException(f"{wrong} drafts do not fit their passages, {len(repeated)} are repeated")
    FOLDER.mkdir(exist_ok=True)
    name = part.replace("/", "-of-")
    file = FOLDER / (f"{name}.jsonl" if turn == 1 else f"round-{turn}-{name}.jsonl")
    file.write_text("".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in resolved), encoding="utf-8")
    click.echo(f"{len(resolved)} questions in {file.name}: {dict(Counter(row.kind for row in resolved))}")


@main.command()
@_data
def check(data: Path) -> None:
    """Check that every authored question still fits its passage, and count them."""
    loaded = load(data)
    counts = Counter(question.kind for _, question in loaded)
    without = sum(counts[kind] for kind in UNANSWERABLE)
    passages = len({source.id for source, _ in loaded})
    click.echo(f"{len(loaded)} questions over {passages} passages, {without} unanswerable")
    for kind, count in counts.most_common():
        click.echo(f"  {count:5} {kind}: {KINDS[kind]}")


if __name__ == "__main__":
    main()
