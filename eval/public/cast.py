"""TREC CAsT 2019 (Dalton et al. 2020): turns of conversations, and the same resolved by hand to stand alone.

Files: the topics (.json) and the resolved turns (.tsv). What is measured is the rewriting, offline and without the
collection: which turns are seen to lean on what was said before, and how many of the words that the resolved turn adds
are brought in (recall), and how many words that it has not (precision). No answers are in the files, so the history
holds the earlier questions alone.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from eval.normalise import normalise
from index.errors import CasesError
from qa.history import standalone


class Turn(NamedTuple):
    """`asked` after `earlier` turns, `resolved` by hand, and `rewritten` by us."""

    asked: str
    earlier: tuple[str, ...]
    resolved: str
    rewritten: str


def measure(files: Sequence[Path]) -> dict[str, float]:
    """Raises CasesError for other files."""
    topics = [file for file in files if file.suffix == ".json"]
    resolved = [file for file in files if file.suffix == ".tsv"]
    if len(topics) != 1 or len(resolved) != 1:
        raise CasesError("CAsT needs two files: the topics (.json) and the resolved turns (.tsv).")
    return figures(list(turns(topics[0], resolved[0])))


def turns(topics: Path, resolved: Path) -> Iterator[Turn]:
    """Every turn that is resolved, in the order of the topics."""
    try:
        with resolved.open(encoding="utf-8", newline="") as lines:
            by_hand = {row[0]: row[1] for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row}
        for topic in json.loads(topics.read_text(encoding="utf-8")):
            earlier: list[str] = []
            for turn in topic["turn"]:
                asked, name = turn["raw_utterance"].strip(), f"{topic['number']}_{turn['number']}"
                if name in by_hand:
                    rewritten = standalone(asked, [(question, "") for question in earlier])
                    yield Turn(asked, tuple(earlier), by_hand[name].strip(), rewritten)
                earlier.append(asked)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as exc:
        raise CasesError(f"{topics} and {resolved} are not in CAsT's format ({exc!r}).") from exc


def figures(made: Sequence[Turn]) -> dict[str, float]:
    """Over the turns after the first. `leaning` are those whose resolved form has other words."""
    later = [turn for turn in made if turn.earlier]
    leaning = [turn for turn in later if _words(turn.resolved) != _words(turn.asked)]
    seen = [turn for turn in later if _words(turn.rewritten) != _words(turn.asked)]
    both = [turn for turn in leaning if turn in seen]
    return {
        "turns": len(made),
        "leaning": len(leaning),
        "leaning_seen": _share(len(both), len(leaning)),
        "seen_that_lean": _share(len(both), len(seen)),
        "added_words_found": _share(
            sum((_added(turn) & _words(turn.rewritten)).total() for turn in leaning),
            sum(_added(turn).total() for turn in leaning),
        ),
        "word_recall": _mean([_recall(turn.rewritten, turn.resolved) for turn in later]),
        "word_precision": _mean([_recall(turn.resolved, turn.rewritten) for turn in later]),
        "word_recall_unchanged": _mean([_recall(turn.asked, turn.resolved) for turn in later]),
        "word_precision_unchanged": _mean([_recall(turn.resolved, turn.asked) for turn in later]),
    }


def _added(turn: Turn) -> Counter[str]:
    return _words(turn.resolved) - _words(turn.asked)


def _words(text: str) -> Counter[str]:
    return Counter(normalise(text).split())


def _recall(text: str, of: str) -> float:
    """ROUGE-1 recall (Lin 2004): the share of the words of `of` that `text` has."""
    wanted = _words(of)
    return (wanted & _words(text)).total() / wanted.total() if wanted else 1.0


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
