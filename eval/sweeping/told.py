"""Places → the table and the plot of quality against latency."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path, PurePath
from typing import Any

from eval.measures import MEASURES
from eval.page_assets import STYLE
from eval.plots import ticks
from eval.svg import Axes, standalone
from eval.sweeping.front import Place, front, lead, noise, places
from eval.sweeping.settings import SHIPPED
from eval.sweeping.together import together, told_of
from eval.table import between, shown

BESIDE = {
    "answer_precision": "right among answered",
    "abstention_recall": "unanswerable refused",
    "recall_at_5": "R@5",
}
"""Measures shown beside quality and latency."""
UNITS = {row.key: row.unit for row in MEASURES}
TITLES = {row.key: row.title for row in MEASURES}


def table(placed: Sequence[Place], quality: str) -> list[list[str]]:
    """The head and a line a setting, the best first."""
    rows = [["setting", TITLES[quality], "95 % interval", "p50", "p95", *BESIDE.values(), "on the front"]]
    for place in sorted(placed, key=lambda one: -one.point.quality):
        metrics = place.point.saved.metrics
        interval = between(metrics["intervals"].get(quality), "share")
        times = [shown(value, "ms") for value in (place.point.latency, place.point.slow)]
        beside = [shown(metrics["measures"][key], UNITS[key]) for key in BESIDE]
        rows.append([
            place.point.setting.name, shown(place.point.quality, "share"), interval, *times, *beside, verdict(place),
        ])  # fmt: skip
    return rows


def brief(placed: Sequence[Place], quality: str) -> list[list[str]]:
    """`table` for a terminal: what is seldom looked at left out, and the verdict in a word or two."""
    head, *rows = table(placed, quality)
    beside = [head.index(name) for name in ("setting", TITLES[quality], "95 % interval", "p50", "p95")]
    told = [row[-1].partition(";")[0].partition(" with ")[0] for row in rows]
    return [
        [*(head[column] for column in beside), "front"],
        *([*(row[column] for column in beside), word] for row, word in zip(rows, told, strict=True)),
    ]


def verdict(place: Place) -> str:
    """What the last column says."""
    if place.on_front:
        return "yes"
    rival = place.beaten_by
    assert rival is not None
    told = f"{rival.setting.name}: {rival.quality - place.point.quality:+.3f} (p {place.p:.2f})"
    return f"tied with {told}" if place.tied else f"no; {told}"


def conclusion(placed: Sequence[Place], quality: str) -> str:
    """What the sweep says of the shipped setting, in a sentence or two; "" where it was not tried."""
    place = next((one for one in placed if one.point.setting == SHIPPED), None)
    if place is None:
        return ""
    if place.on_front:
        return "The shipped setting is on the front."
    if place.tied:
        return "The shipped setting is tied with the front: what beats it does so by no more than chance and noise."
    told = []
    for rival in place.clear:
        found = lead(place.point, rival, quality)
        interval = f", 95 % interval {found[0]:+.3f} to {found[1]:+.3f}" if found else ""
        told.append(
            f"{rival.setting.name} ({TITLES[quality]} {rival.quality - place.point.quality:+.3f}{interval}; "
            f"{rival.latency:.0f} ms instead of {place.point.latency:.0f} ms)"
        )
    return f"The shipped setting is not on the front. Clearly before it: {', '.join(told)}."


def markdown(placed: Sequence[Place], quality: str) -> str:
    head, *rows = table(placed, quality)
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 2) + "---|"]
    lines += [f"| {' | '.join(f'**{cell}**' if row[0] == SHIPPED.name else cell for cell in row)} |" for row in rows]
    return "\n".join(lines)


SHOWN = 0.15
"""How far below the best a setting may lie to be drawn: what is far off would squeeze the others together."""


def plot(placed: Sequence[Place], quality: str) -> str:
    """Every setting that is not far off as a dot, the front as a line; the shipped one is a ring."""
    every = [place.point for place in placed]
    most = max(one.quality for one in every)
    points = [one for one in every if one.quality >= most - SHOWN or one.setting == SHIPPED]
    least = min(one.quality for one in points)
    end = max(one.latency for one in points) * 1.1
    steps = _between(least, most)
    axes = Axes(
        (0, end), (steps[0][0], steps[-1][0]), "median latency, ms", TITLES[quality], ticks(end), steps, height=340
    )
    best = [one for one in front(every) if one in points]
    marks = [axes.line([(one.latency, one.quality) for one in best], "ideal")]
    for one in points:
        name = "ring" if one.setting == SHIPPED else "dot"
        marks.append(axes.dot(one.latency, one.quality, 7 if name == "ring" else 4, name, title=one.setting.name))
    named = sorted((one for one in points if one in best or one.setting == SHIPPED), key=lambda one: one.latency)
    marks += axes.labels([(one.latency, one.quality, one.setting.name) for one in named])
    left = len(every) - len(points)
    if left:
        told = f"{left} settings lie lower" if left > 1 else "1 setting lies lower"
        marks.append(axes.label(0, steps[0][0], told))
    return axes.drawn(f"{TITLES[quality]} against median latency", *marks)


def _between(least: float, most: float) -> list[tuple[float, str]]:
    """Round numbers, three to seven, from below `least` to above `most`."""
    step = next(step for step in (1, 2, 5, 10, 20) if most * 100 - least * 100 <= step * 5)
    first, last = math.floor(least * 100 / step), math.ceil(most * 100 / step)
    return [(number * step / 100, f"{number * step / 100:.2f}") for number in range(first - (first == last), last + 1)]


def write(placed: Sequence[Place], quality: str, made_with: Mapping[str, Any], folder: Path) -> None:
    """sweep.json, sweep.svg, sweep.md and sweep.html in the folder."""
    told = {
        "quality": quality,
        "questions": placed[0].point.saved.metrics["counts"]["asked"],
        "timed": len(placed[0].point.times),
        "settings": [
            {
                "name": place.point.setting.name, "changed": place.point.setting.changed,
                "quality": place.point.quality, "latency_p50_ms": round(place.point.latency, 2),
                "latency_p95_ms": round(place.point.slow, 2), "on_front": place.on_front, "tied": place.tied,
                "beaten_by": [rival.setting.name for rival in place.rivals], "p": place.p,
                "measures": place.point.saved.metrics["measures"],
            }
            for place in placed
        ],
        "noise": noise([place.point for place in placed]),
        "made_with": dict(made_with),
    }  # fmt: skip
    drawn = plot(placed, quality)
    files = {
        "sweep.json": json.dumps(told, ensure_ascii=False, indent=2) + "\n",
        "sweep.svg": standalone(drawn),
        "sweep.md": markdown(placed, quality) + "\n",
        "sweep.html": page(placed, quality, drawn, made_with),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def page(placed: Sequence[Place], quality: str, drawn: str, made_with: Mapping[str, Any]) -> str:
    """One page that stands alone and runs nothing."""
    head, *rows = table(placed, quality)
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in row[1:-1])
        + f"<td>{escape(row[-1])}</td></tr>"
        for row in rows
    )
    settings = escape(json.dumps(dict(made_with), ensure_ascii=False, indent=2))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Footnote: settings</title><style>{STYLE}</style></head><body>
<header><h1>Settings: quality against latency</h1><p>{EXPLAINED}</p></header><main>
<figure>{drawn}<figcaption>The ring is the shipped setting, the dashed line the front.</figcaption></figure>
<div class="wide" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>
<h2>Made with</h2><pre class="wide" tabindex="0">{settings}</pre></main></body></html>
"""


EXPLAINED = (
    "A setting is on the front when no other is at least as good and at least as fast. Tied: what beats it is better "
    "by no more than chance (paired randomisation test, p of .05), and faster by no more than settings that do the "
    "same work and differ in strictness alone. Every setting changes the shipped one in what its name says. The "
    "settings were timed in turns, question by question."
)


def told_sweeps(folders: Sequence[Path], beside: Path) -> str:
    """What RESULTS.md says about sweeps, first of all of them together; their plots are written beside it. Raises
    CasesError for a folder that no sweep wrote."""
    if not folders:
        return ""
    parts = ["## Settings: quality against latency", EXPLAINED]
    every = [told_of(folder) for folder in folders]
    qualities = {told["quality"] for told in every}
    if len(folders) > 1 and len(qualities) == 1:
        (quality,) = qualities
        made = places(together(folders, quality), quality)
        if made:
            names = ", ".join(folder.name for folder in folders)
            asked = made[0].point.saved.metrics["counts"]["asked"]
            parts += [
                f"### Together: {names}, {asked} questions",
                "A time is the mean over the sweeps.",
                f"**{conclusion(made, quality)}**",
                _shown(plot(made, quality), quality, "sweep-together.svg", beside),
                markdown(made, quality),
            ]
    for folder, told in zip(folders, every, strict=True):
        made_with = told["made_with"]
        drawn = (folder / "sweep.svg").read_text(encoding="utf-8")
        parts += [
            f"### {folder.name}: {made_with['set']}, each question asked of {made_with['asked_of']}, "
            f"{told['questions']} questions",
            f"`{_command(made_with, folder)}`",
            f"Times are of {told['timed']} questions. Medians of the same work lay up to {told['noise']:.0%} apart.",
            _shown(drawn, told["quality"], f"sweep-{folder.name}.svg", beside),
            (folder / "sweep.md").read_text(encoding="utf-8").strip(),
        ]
    return "\n\n".join(parts)


def _command(made_with: Mapping[str, Any], folder: Path) -> str:
    """What made the sweep, the folders of its files left out."""
    cases = made_with["cases"]
    names = [PurePath(one["path"]).name for one in (cases if isinstance(cases, list) else [cases])]
    own = made_with["set"] == "own"
    words = ["python -m eval sweep", *(["--cases"] if own else [made_with["set"]]), *names]
    words += ["--sources", "PATH"] if own else ["--open"] if made_with["asked_of"] == "all texts" else []
    words += ["--limit", str(made_with["limit"])] if made_with["limit"] else []
    return " ".join([*words, "--out", folder.name])


def _shown(drawn: str, quality: str, name: str, beside: Path) -> str:
    """The figure as a file beside the page, and the words that show it there."""
    alone = drawn if "xmlns" in drawn else standalone(drawn)
    (beside.parent / name).write_text(alone, encoding="utf-8")
    return f"![{TITLES[quality]} against median latency]({name})"
