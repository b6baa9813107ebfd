"""Question sets over single sentences → articles whose questions know where their answers stand.

QAMR (Michael et al. 2018) and QADiscourse (Pyatkin et al. 2020) ask of single sentences of Wikinews and Wikipedia. The
sentences of one page that a set has are put together in the page's order, so that an answer must be found among its
neighbours, not only cut out.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from train.corpus import Article, Question, Span, make_document

ASKED_OF_A_SENTENCE = 12
"""So many of QAMR's questions on one sentence are kept: it has thirty-eight, many alike."""

_TREEBANK = {"``": "“", "''": "”", "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
_NO_SPACE_BEFORE = re.compile(r"[,.;:?!%)\]”]|'(?:s|re|ve|ll|d|m)?|n't", re.IGNORECASE)
_NO_SPACE_AFTER = ("(", "[", "“", "$", "£", "€")


def detokenised(tokens: Sequence[str]) -> tuple[str, list[Span]]:
    """The sentence as it is written, and each token's characters in it. Tokens are the Penn Treebank's."""
    text, places = "", []
    for token in (_TREEBANK.get(token, token) for token in tokens):
        if text and not text.endswith(_NO_SPACE_AFTER) and not _NO_SPACE_BEFORE.fullmatch(token):
            text += " "
        places.append((len(text), len(text) + len(token)))
        text += token
    return text, places


def read_qamr(data: Path) -> list[Article]:
    """Questions whose answer the asker and a validator mark alike; of each sentence ASKED_OF_A_SENTENCE."""
    sentences = {}
    for line in (data / "qamr_wiki_sentences.tsv").read_text(encoding="utf-8").splitlines():
        key, _, text = line.partition("\t")
        sentences[key] = detokenised(text.split(" "))
    asked: dict[str, dict[str, set[Span]]] = defaultdict(lambda: defaultdict(set))
    for part in ("dev", "test"):
        for line in (data / f"qamr_filtered_{part}.tsv").read_text(encoding="utf-8").splitlines():
            sentence, _, _, _, _, question, answer, *validated = line.split("\t")
            own = set(map(int, answer.split()))
            others = [set(map(int, marked.partition(":")[2].split())) for marked in validated if marked[-1].isdecimal()]
            agreed = [marked for marked in others if marked & own]
            if agreed and 2 * len(agreed) > len(others) - 1:
                places = sentences[sentence][1]
                for marked in (own, *agreed):
                    first, last = min(marked), max(marked)
                    if last - first < 2 * len(marked):
                        asked[sentence][question].add((places[first][0], places[last][1]))
    chosen = random.Random("qamr")
    kept = {
        sentence: chosen.sample(sorted(questions), min(len(questions), ASKED_OF_A_SENTENCE))
        for sentence, questions in sorted(asked.items())
    }
    rows = (
        (sentence, sentences[sentence][0], question, asked[sentence][question])
        for sentence, questions in kept.items()
        for question in questions
    )
    return list(_articles(rows))


def read_qadiscourse(data: Path) -> list[Article]:
    """Why, how and on-what-condition questions whose answer stands in the sentence letter for letter."""
    rows = []
    for file in sorted(data.glob("qadiscourse_*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                sentence = " ".join(row["untokenized sentence"].replace("\\'", "'").split())
                answer = " ".join(row["answer"].replace("\\'", "'").split()).rstrip(".?!,;:")
                at = sentence.find(answer) if answer else -1
                if at >= 0:
                    question = row["full_question"].strip().rstrip("?").strip() + "?"
                    rows.append((row["qasrl_id"], sentence, question, {(at, at + len(answer))}))
    return list(_articles(rows))


def _articles(
    rows: Iterator[tuple[str, str, str, set[Span]]] | list[tuple[str, str, str, set[Span]]],
) -> Iterator[Article]:
    """Rows of (Wiki1k:site:page:paragraph:sentence, text, question, spans) → an article a page."""
    pages: dict[str, dict[tuple[int, int], tuple[str, dict[str, set[Span]]]]] = defaultdict(dict)
    for key, text, question, spans in rows:
        _, site, page, paragraph, sentence = key.split(":")
        _, questions = pages[f"{site.title()} {page}"].setdefault((int(paragraph), int(sentence)), (text, {}))
        questions.setdefault(question, set()).update(spans)
    for title, sentences in sorted(pages.items()):
        whole, moved = "", []
        for number, place in enumerate(sorted(sentences)):
            text, questions = sentences[place]
            whole += " " if whole else ""
            moved += [
                Question(
                    f"{title} {number}", question, tuple(sorted((len(whole) + a, len(whole) + b) for a, b in spans))
                )
                for question, spans in questions.items()
            ]
            whole += text
        yield Article(make_document(title, whole), tuple(moved))
