"""Every public set that a folder holds, asked and told in one page: eval/RESULTS.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eval.measures import MEASURES
from eval.saved import read_saved


class Run(NamedTuple):
    """`set_name` is one of eval.public's; `files` are names or patterns below the data folder; `arguments` go to the
    command as they are."""

    title: str
    set_name: str
    files: tuple[str, ...]
    arguments: tuple[str, ...] = ()

    def found(self, data: Path) -> list[Path]:
        """The files, in order; empty where one of them is missing."""
        found = [sorted(data.glob(name)) for name in self.files]
        return [path for paths in found for path in paths] if all(found) else []

    @property
    def folder(self) -> str:
        return "-".join([self.set_name, *(word.strip("-") for word in self.arguments if word == "--open")])


SQUAD, CLAPNQ = ("squad2_dev_8_articles.json",), ("clapnq_dev_answerable*.jsonl", "clapnq_dev_unanswerable*.jsonl")
OPEN = ("--open",)
BASELINES = ("bm25", "dense", "llama-index")
"""Asked beside Footnote where all texts are searched, unless others are named."""
RUNS = (
    Run("SQuAD 2.0, eight articles of dev: own paragraph", "squad", SQUAD),
    Run("SQuAD 2.0, eight articles of dev: all paragraphs", "squad", SQUAD, OPEN),
    Run("CLAPNQ dev, 150 + 150: own passage", "clapnq", CLAPNQ),
    Run("CLAPNQ dev, 150 + 150: all passages", "clapnq", CLAPNQ, OPEN),
)
CAST = Run("TREC CAsT 2019", "cast", ("trec_cast_2019_topics.json", "trec_cast_2019_resolved.tsv"))

TIMES = {f"latency_p{percent}_ms": f"p{percent}, ms" for percent in (50, 95, 99)}
COLUMNS = {
    "exact_match": "EM",
    "f1": "F1",
    "best_f1": "F1, answerable, never abstaining",
    "best_in_evidence": "evidence hit, never abstaining",
    "answer_precision": "right among answered",
    "abstention_recall": "unanswerable refused",
    "answerability_auroc": "AUROC",
    "recall_at_5": "R@5",
    "calibration_error": "ECE",
}
RISKS = {
    "answered": "answered",
    **{f"risk_at_{coverage}": f"risk at {coverage} %" for coverage in (80, 90, 95)},
    **{f"answerable_risk_at_{coverage}": f"… {coverage} %, answerable" for coverage in (80, 90, 95)},
    "aurc": "area under risk–coverage",
    "coverage_at_95_precision": "coverage at 95 % precision",
}
TYPED = {
    **{key: COLUMNS[key] for key in ("f1", "best_f1", "answer_precision", "abstention_recall")},
    "coverage_at_95_precision": "coverage at 95 % precision",
    "latency_p50_ms": "p50, ms",
}
BESIDE = {**COLUMNS, "latency_p50_ms": TIMES["latency_p50_ms"]}
UNITS = {row.key: row.unit for row in MEASURES}
TIMED = "A question from its words to its checked answer, on two CPU cores, without network; the index is on disk."
HELD_OUT = (
    "articles.json and paragraphs.json are what `python -m train.held_out --data DIR --out held-out` writes: documents "
    "that nothing was trained or calibrated on."
)
PUBLISHED = Path(__file__).parent / "published.md"


def page(
    folder: Path, cast: Mapping[str, float] | None, sweeps: Sequence[str] = (), told: str = "", timed: bool = True
) -> str:
    """RESULTS.md from the runs' folders below `folder`; a run that was not made is left out. `sweeps` are names of
    folders that a sweep wrote, and `told` what there is to say about them. Not
    `timed`: without latencies, which a busy machine falsifies."""
    made = {
        run: read_saved(folder / run.folder).metrics for run in RUNS if (folder / run.folder / "metrics.json").is_file()
    }
    parts = [
        "# Results",
        "Written by the commands below from files that are not shipped; nothing was trained, fitted or chosen on them. "
        "95 % bootstrap intervals are in each run's `metrics.json`. What each measure means: `report.html` beside it.",
        "```\n" + "\n".join(commands(made, folder, sweeps, timed)) + "\n```",
        "## Answers",
        table(made, COLUMNS),
        "CLAPNQ's answers are prose, so a quote from a gold sentence counts as right there, and EM means nothing. In "
        "SQuAD an answer is right from an F1 of one half. Asked of all paragraphs, an impossible question of SQuAD may "
        "be answered elsewhere, so refusing it there is counted too strictly.",
        "## What the confidence is worth",
        table(made, RISKS),
        "Risk is the share of wrong answers when the surest 80, 90 or 95 % of the questions are answered; on sets "
        "where half of the questions have no answer it cannot be small.",
    ]
    parts += ["## Latency", table(made, TIMES), TIMED] if timed else []
    parts.append("## By type of question")
    for run, metrics in made.items():
        parts += [f"### {run.title}", by_type(metrics, timed)]
    for run, metrics in made.items():
        others = _baselines(folder / run.folder)
        if others:
            parts += [
                f"## Beside simpler systems: {run.title}",
                table({"Footnote": metrics, **others}, BESIDE if timed else COLUMNS),
            ]
    if any(_baselines(folder / run.folder) for run in made):
        parts.append(
            "bm25: the sentence that shares most with the question. dense: no BM25, our reader. haystack: our search, "
            "Haystack's extractive reader with our reader's weights. llama-index: VectorStoreIndex with the same "
            "embedder and no LLM, its first node as the answer: up to a whole passage, so that its evidence hit is the "
            "search's. bm25 and llama-index never abstain."
        )
    if cast:
        parts += [f"## Follow-ups: {CAST.title}", _figures(cast), "Rewriting alone; the collection is not searched."]
    parts += [told, HELD_OUT] if told else []
    parts += ["## Published figures of others", PUBLISHED.read_text(encoding="utf-8").strip()]
    if made:
        parts += ["## Made with", f"```json\n{json.dumps(_made_with(made), indent=2)}\n```"]
    return "\n\n".join(parts) + "\n"


def commands(
    made: Mapping[Run, Mapping[str, Any]], folder: Path, sweeps: Sequence[str] = (), timed: bool = True
) -> list[str]:
    """What makes the page again, a line a run, the last with the sweeps that it tells."""
    lines = []
    for run, metrics in made.items():
        words = ["python -m eval results --data DIR --only", run.folder]
        words += ["--limit", str(limit)] if (limit := metrics["settings"].get("limit")) else []
        beside = tuple(_baselines(folder / run.folder))
        words += [word for name in beside for word in ("--with", name)] if sorted(beside) != sorted(BASELINES) else []
        lines.append(" ".join(words))
    swept = "".join(f" --sweep {name}" for name in sweeps)
    return [*lines, f"python -m eval results --data DIR --only-page{'' if timed else ' --no-times'}{swept}"]


def table(rows: Mapping[Any, Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """A Markdown table, a line a run."""
    lines = [f"| | questions | {' | '.join(columns.values())} |", "|---|" + "---:|" * (len(columns) + 1)]
    for run, metrics in rows.items():
        values = [_shown(metrics["measures"].get(key), UNITS[key]) for key in columns]
        title = run.title if isinstance(run, Run) else run
        lines.append(f"| {title} | {metrics['counts']['asked']:,} | {' | '.join(values)} |")
    return "\n".join(lines)


def by_type(metrics: Mapping[str, Any], timed: bool) -> str:
    """A line a type of question, the most frequent first."""
    rows = {
        name: {"counts": {"asked": measures["questions"]}, "measures": measures}
        for name, measures in metrics["by_type"].items()
    }
    return table(rows, TYPED if timed else _untimed(TYPED))


def _untimed(columns: Mapping[str, str]) -> dict[str, str]:
    return {key: title for key, title in columns.items() if UNITS[key] != "ms"}


def make(
    data: Path,
    folder: Path,
    ask: Callable[[Sequence[str]], None],
    more: Sequence[str],
    only: Sequence[str] = (),
    baselines: Sequence[str] = BASELINES,
) -> list[Run]:
    """Ask each of RUNS whose files are there, or of those in `only`; `ask` is given the arguments of
    `python -m eval public`. Those made."""
    beside = [word for name in baselines for word in ("--with", name)]
    made = []
    for run in RUNS:
        files = run.found(data) if not only or run.folder in only else []
        if files:
            ask([run.set_name, *map(str, files), *run.arguments, *(beside if run.arguments else []), "--out",
                 str(folder / run.folder), *more])  # fmt: skip
            made.append(run)
    return made


def _baselines(folder: Path) -> dict[str, Mapping[str, Any]]:
    return {path.parent.name: read_saved(path.parent).metrics for path in sorted(folder.glob("*/metrics.json"))}


def _figures(values: Mapping[str, float]) -> str:
    names = " | ".join(name.replace("_", " ") for name in values)
    return "\n".join(
        [f"| {names} |", "|" + "---:|" * len(values), f"| {' | '.join(f'{value:g}' for value in values.values())} |"]
    )


def _shown(value: float | None, unit: str) -> str:
    if value is not None and unit == "ms":
        return f"{value:.0f}"
    return "–" if value is None else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"


def _made_with(made: Mapping[Run, Mapping[str, Any]]) -> dict[str, Any]:
    """What the runs were made with: once, where it was the same for all, else by run."""
    keys = ("embedder", "reader", "splitter", "search", "python", "machine", "versions")
    each = {run.folder: {key: metrics["settings"][key] for key in keys} for run, metrics in made.items()}
    dates = {run.folder: metrics["settings"]["date"] for run, metrics in made.items()}
    first = next(iter(each.values()))
    return {"dates": dates, **(first if all(one == first for one in each.values()) else each)}
