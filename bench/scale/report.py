"""What was measured → the results' file, the table and the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, median

from bench.measure import p50, p95, table
from bench.scale.asked import Asked
from bench.scale.curves import curves

Figures = dict[str, dict[str, dict[str, float]]]
"""Engine → passages → measure → figure."""
TIMES = {
    "hybrid": "hybrid",
    "hybrid, a tenth by its tag": "tag",
    "hybrid, three documents": "three documents",
    "dense": "dense",
    "text": "text",
    "answer after a replacement": "answer after a replacement",
}
ROWS: dict[str, tuple[str, str]] = {
    "build, passages/s": ("build_rate", ",.0f"),
    "of it merging and indexing, s": ("maintain_s", ".1f"),
    "open, ms": ("open_ms", ".1f"),
    "first answer, ms": ("first answer_ms", ".0f"),
    "hybrid p50, ms": ("hybrid_p50_ms", ".1f"),
    "hybrid p95, ms": ("hybrid_p95_ms", ".1f"),
    "of it dense p50, ms": ("dense_p50_ms", ".1f"),
    "of it BM25 p50, ms": ("text_p50_ms", ".1f"),
    "limited to a tag (a tenth) p50, ms": ("hybrid, a tenth by its tag_p50_ms", ".1f"),
    "limited to three documents p50, ms": ("hybrid, three documents_p50_ms", ".1f"),
    "recall@10 dense": ("recall of dense", ".3f"),
    "recall@10 BM25": ("recall of text", ".3f"),
    "recall@10 hybrid": ("recall of hybrid", ".3f"),
    "recall@10 limited to a tag": ("recall of hybrid, a tenth by its tag", ".3f"),
    "replace a document, ms": ("replace_ms", ".0f"),
    "answer after it p50, ms": ("answer after a replacement_p50_ms", ".1f"),
    "of it found by the next question": ("visible", ".0%"),
    "resident, MB": ("resident_mb", ",.0f"),
    "peak while building, MB": ("build_peak_mb", ",.0f"),
    "disk, MB": ("disk_mb", ",.0f"),
}
"""Row of the table → (measure, how it is written)."""
PLOTS = {
    "answer": ("Hybrid search", "milliseconds", "hybrid_p50_ms"),
    "open": ("From opening to the first answer", "milliseconds", "first answer_ms"),
    "memory": ("Resident memory after searching", "MB", "resident_mb"),
}
"""Name → (title, unit, measure)."""


def figures(every: Sequence[Asked]) -> Figures:
    made: Figures = {}
    for one in every:
        made.setdefault(one.engine, {})[str(one.passages)] = _figures(one)
    return made


def _figures(one: Asked) -> dict[str, float]:
    taken, built = one.taken, one.built
    made = {f"{name}_ms": median(taken[name]) * 1000 for name in ("import", "open", "first answer", "replace")}
    for name in TIMES:
        made |= {f"{name}_p50_ms": p50(taken[name]) * 1000, f"{name}_p95_ms": p95(taken[name]) * 1000}
    made |= {name: mean(values) for name, values in taken.items() if name.startswith("recall")}
    return {
        **made,
        "visible": mean(taken["visible"]),
        "resident_mb": taken["resident_mb"][0],
        "own_mb": taken["own_mb"][0],
        "build_rate": one.passages / (built["write"] + built["maintain"]),
        "maintain_s": built["maintain"],
        "build_peak_mb": built["peak_mb"],
        "disk_mb": built["disk_mb"],
        "runs": len(taken["hybrid"]),
    }


def told(results: Figures) -> str:
    """The table, and the ratios that are promised."""
    columns = [(engine, size) for engine, sizes in results.items() for size in sizes]
    header = ["", *(f"{engine} {int(size):,}" for engine, size in columns)]
    rows = [
        [name, *(format(results[engine][size][measure], form) for engine, size in columns)]
        for name, (measure, form) in ROWS.items()
    ]
    return "\n".join([table(header, rows), "", *(f"{name}: {value:.2f}" for name, value in ratios(results).items())])


def ratios(results: Figures) -> Mapping[str, float]:
    """Those whose sizes were measured."""
    wanted = {
        "hybrid search, SQLite / LanceDB at 100,000": ("hybrid_p50_ms", ("SQLite", "100000"), ("LanceDB", "100000")),
        "hybrid search, LanceDB at 1,000,000 / 10,000": ("hybrid_p50_ms", ("LanceDB", "1000000"), ("LanceDB", "10000")),
        "opening, LanceDB at 1,000,000 / 10,000": ("open_ms", ("LanceDB", "1000000"), ("LanceDB", "10000")),
        "first answer, LanceDB at 1,000,000 / 10,000": (
            "first answer_ms",
            ("LanceDB", "1000000"),
            ("LanceDB", "10000"),
        ),
    }
    known = {(engine, size): one for engine, sizes in results.items() for size, one in sizes.items()}
    return {
        name: known[above][measure] / known[below][measure]
        for name, (measure, above, below) in wanted.items()
        if above in known and below in known
    }


def plots(results: Figures) -> dict[str, str]:
    """Name → SVG."""
    return {
        name: curves(
            f"{title} by number of passages",
            unit,
            {engine: [(float(size), one[measure]) for size, one in sizes.items()] for engine, sizes in results.items()},
        )
        for name, (title, unit, measure) in PLOTS.items()
    }
