"""Settings against each other: what is tried, which are worth having, and that what was asked is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eval.__main__ import main
from eval.saved import Saved
from eval.sweeping.clock import WARM_UP, read_times, take_turns, write_times
from eval.sweeping.front import Point, front, noise, places
from eval.sweeping.settings import AXES, SHIPPED, Setting, chosen, settings
from eval.sweeping.together import together
from eval.sweeping.told import brief, conclusion, markdown, plot, told_sweeps, verdict
from eval.types import Case
from index.errors import CasesError, FootnoteError
from index.store import Where
from qa.types import History

TEXT = (
    "Green tea is steeped for three minutes. It is served hot. Black tea is steeped for five minutes and is served "
    "with milk. Coffee beans are roasted for ten minutes before they are ground."
)


def test_each_setting_changes_one_thing_of_the_shipped_ones() -> None:
    made = settings(chosen(()), cross=False)
    assert made[0] == SHIPPED
    assert len(made) == 1 + sum(len(axis.values) for axis in AXES.values())
    assert all(len(one.changed) == 1 for one in made[1:])


def test_crossed_every_combination_is_tried_once() -> None:
    made = settings(chosen(["k=1,3", "overlap=0"]), cross=True)
    assert len(made) == len(set(made)) == 3 * 2
    assert Setting(k=1, overlap=0) in made


def test_a_name_says_what_is_changed() -> None:
    assert SHIPPED.name == "shipped"
    assert Setting(k=3, fusion=0.25).name == "k 3, fusion 0.25"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("depth", "'depth' cannot be set here"),
        ("k=many", "passages that the reader gets, as in k=1,2"),
        ("k=0", "k 0 is not between 1 and 50"),
        ("fusion=1.5", "fusion 1.5 is not between 0 and 1"),
        ("reader=nobody", "No reader is called 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_told(given: str, message: str) -> None:
    with pytest.raises(FootnoteError, match=message):
        chosen([given])


def saved(rights: list[int]) -> Saved:
    """Questions that came out right (1) or wrong (0)."""
    rows = {str(number): {"f1": float(right)} for number, right in enumerate(rights)}
    quality = sum(rights) / len(rights)
    measures: dict[str, Any] = {
        "f1": quality, "answer_precision": None, "abstention_recall": None, "recall_at_5": None,
    }  # fmt: skip
    told = {"measures": measures, "intervals": {"f1": [0.4, 0.6]}, "counts": {"asked": len(rights)}}
    return Saved(Path("nowhere"), rows, told)


def at(setting: Setting, right: int, latency: float) -> Point:
    """A point with the first `right` of forty questions right."""
    made = saved([1] * right + [0] * (40 - right))
    return Point(setting, made, made.metrics["measures"]["f1"], (latency,))


def test_the_front_is_what_none_beats_in_both() -> None:
    fast, good = at(Setting(k=1), 10, 5.0), at(Setting(k=8), 30, 40.0)
    shipped, slow = at(SHIPPED, 20, 20.0), at(Setting(k=12), 30, 60.0)
    assert front([good, shipped, slow, fast]) == [fast, shipped, good]


def test_what_is_beaten_by_chance_alone_is_tied() -> None:
    shipped = at(SHIPPED, 20, 20.0)
    a_little, far = at(Setting(k=3), 21, 19.5), at(Setting(k=8), 40, 19.9)
    (place, *_) = places([shipped, a_little], "f1")
    assert (place.on_front, place.tied, place.p) == (False, True, 1.0)
    assert verdict(place).startswith("tied with k 3: +0.025")
    (place, *_) = places([shipped, a_little, far], "f1")
    assert (place.on_front, place.tied) == (False, False)
    assert verdict(place) == "no; k 8: +0.500 (p 0.00)"
    (place, *_) = places([shipped, at(Setting(k=2), 20, 10.0)], "f1")
    assert not place.tied  # as good and twice as fast


def test_the_verdict_names_who_clearly_beats_it_and_the_conclusion_by_how_much() -> None:
    shipped, a_little, fast = at(SHIPPED, 20, 20.0), at(Setting(k=3), 22, 19.9), at(Setting(passage=60), 21, 8.0)
    made = places([shipped, a_little, fast], "f1")
    assert [rival.setting.name for rival in made[0].rivals] == ["k 3", "passage 60"]
    assert verdict(made[0]) == "no; passage 60: +0.025 (p 1.00)"
    told = conclusion(made, "f1")
    assert told.startswith("The shipped setting is not on the front. Clearly before it: passage 60 (F1 +0.025, 95 %")
    assert told.endswith("+0.000 to +0.075; 8 ms instead of 20 ms).")
    assert conclusion(places([shipped], "f1"), "f1") == "The shipped setting is on the front."
    assert "tied with the front" in conclusion(places([shipped, a_little], "f1"), "f1")
    assert conclusion(places([fast], "f1"), "f1") == ""


def test_how_far_the_same_work_lies_apart_is_taken_from_the_sweep() -> None:
    shipped, fast = at(SHIPPED, 20, 22.0), at(Setting(fusion=0.5), 20, 20.0)
    (place, *_) = places([shipped, fast], "f1")
    assert not place.tied  # a tenth, where a twentieth is taken for noise
    strict = [at(Setting(strictness=share), 15, ms) for share, ms in ((0.5, 20.0), (0.9, 23.0))]
    assert round(noise([shipped, fast, *strict]), 3) == 0.15
    (place, *_) = places([shipped, fast, *strict], "f1")
    assert place.tied


def test_a_terminal_shows_the_verdict_in_a_word() -> None:
    made = places([at(SHIPPED, 20, 20.0), at(Setting(k=3), 21, 19.5), at(Setting(k=12), 5, 90.0)], "f1")
    head, *rows = brief(made, "f1")
    assert head == ["setting", "F1", "95 % interval", "p50", "p95", "front"]
    assert [(row[0], row[-1]) for row in rows] == [("k 3", "yes"), ("shipped", "tied"), ("k 12", "no")]


def test_the_plot_s_scale_has_round_numbers_around_all_settings() -> None:
    drawn = plot(places([at(SHIPPED, 20, 20.0), at(Setting(k=1), 15, 5.0)], "f1"), "f1")
    assert re.findall(r">(0\.\d\d)</text>", drawn) == ["0.35", "0.40", "0.45", "0.50"]
    alone = plot(places([at(SHIPPED, 20, 20.0)], "f1"), "f1")
    assert ">0.49</text>" in alone
    assert ">0.50</text>" in alone


def test_settings_far_below_are_counted_and_labels_cover_no_other() -> None:
    near = [at(SHIPPED, 30, 20.0), at(Setting(k=3), 31, 20.5), at(Setting(k=8), 32, 21.0)]
    drawn = plot(places([*near, at(Setting(k=1), 5, 2.0), at(Setting(k=2), 6, 2.5)], "f1"), "f1")
    assert ">2 settings lie lower</text>" in drawn
    assert ">k 1</text>" not in drawn
    heights = {text: float(y) for y, text in re.findall(r'class="label"[^>]* y="([\d.]+)"[^>]*>([^<]+)<', drawn)}
    told = [heights[name] for name in ("shipped", "k 3", "k 8")]
    assert all(abs(one - other) >= 14 for one in told for other in told if one != other)
    assert len(set(told)) == 3


def test_the_table_and_the_plot_name_the_shipped_setting() -> None:
    made = places([at(SHIPPED, 20, 20.0), at(Setting(k=1), 15, 5.0)], "f1")
    assert "| **shipped** | **0.500** | **0.400 to 0.600** | **20.0 ms** | **20.0 ms** |" in markdown(made, "f1")
    assert 'class="ring"' in plot(made, "f1")
    assert ">k 1</text>" in plot(made, "f1")


class Listed:
    """Writes down when it is asked what, and fails at "bad"."""

    index: Any = None

    def __init__(self, name: str, asked: list[tuple[str, str]]) -> None:
        self.name, self.asked = name, asked

    def ask(self, question: str, history: History, where: Where) -> Any:
        self.asked.append((question, self.name))
        if question == "bad":
            raise ValueError(question)

    def guess(self, question: str, history: History, where: Where) -> None: ...


def test_settings_are_timed_in_turns_and_each_goes_first_in_its_turn() -> None:
    asked: list[tuple[str, str]] = []
    cases = [Case("1", "one"), Case("2", "bad"), Case("3", "three")]
    times = take_turns(cases, {"a": Listed("a", asked), "b": Listed("b", asked)})
    warm = WARM_UP * 2
    assert asked[warm:] == [("one", "a"), ("one", "b"), ("bad", "b"), ("bad", "a"), ("three", "a"), ("three", "b")]
    assert {name: len(took) for name, took in times.items()} == {"a": 3, "b": 3}


def test_the_middle_and_the_slow_end_are_of_a_setting_s_own_times() -> None:
    point = Point(SHIPPED, saved([1]), 1.0, tuple(float(ms) for ms in range(1, 102)))
    assert (point.latency, point.slow) == (51.0, 96.0)


def test_times_are_kept_for_the_same_settings_and_no_others(tmp_path: Path) -> None:
    write_times(tmp_path, {"set": "own", "date": "yesterday"}, {"shipped": [1.234, 2.0], "k 1": [0.5, 0.5]})
    assert read_times(tmp_path, {"set": "own", "date": "today"}, ["shipped"]) == {"shipped": [1.23, 2.0]}
    assert read_times(tmp_path, {"set": "own", "date": "today"}, ["shipped", "k 2"]) is None
    assert read_times(tmp_path, {"set": "squad", "date": "today"}, ["shipped"]) is None
    assert read_times(tmp_path / "nowhere", {}, []) is None


@pytest.fixture
def own(tmp_path: Path) -> list[str]:
    source, cases = tmp_path / "tea.txt", tmp_path / "cases.jsonl"
    source.write_text(TEXT, encoding="utf-8")
    asked = [
        {"id": "1", "question": "How long is green tea steeped?", "answers": ["three minutes"]},
        {"id": "2", "question": "Who invented the telephone?", "answers": []},
    ]
    cases.write_text("".join(json.dumps(case) + "\n" for case in asked), encoding="utf-8")
    return ["sweep", "--cases", str(cases), "--sources", str(source), "--out", str(tmp_path / "out")]


def swept(arguments: list[str]) -> Result:
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0, told.output
    return told


def test_ones_own_documents_are_asked_under_each_setting_once(own: list[str], tmp_path: Path) -> None:
    swept([*own, "--axis", "k=1", "--axis", "reader=sentence", "--axis", "overlap=0"])
    told = json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))
    assert {row["name"] for row in told["settings"]} == {"shipped", "k 1", "reader sentence", "overlap 0"}
    assert (told["questions"], told["timed"]) == (2, 2)
    assert "<svg" in (tmp_path / "out" / "sweep.html").read_text(encoding="utf-8")
    metrics = json.loads((tmp_path / "out" / "k 1" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["settings"]["search"]["passages_read"] == 1
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/metrics.json")}
    taken = (tmp_path / "out" / "times.json").read_text(encoding="utf-8")
    swept([*own, "--axis", "k=1"])
    assert (tmp_path / "out" / "times.json").read_text(encoding="utf-8") == taken
    swept([*own, "--axis", "k=1", "--axis", "reader=sentence", "--axis", "overlap=0", "--axis", "strictness=0.9"])
    assert (tmp_path / "out" / "times.json").read_text(encoding="utf-8") != taken
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert (tmp_path / "out" / "strictness 0.9" / "metrics.json").exists()
    content = told_sweeps([tmp_path / "out"], tmp_path / "RESULTS.md")
    assert "![F1 against median latency](sweep-out.svg)" in content
    assert "| **shipped** |" in content
    assert "`python -m eval sweep --cases cases.jsonl --sources PATH --out out`" in content
    assert (tmp_path / "sweep-out.svg").read_text(encoding="utf-8").startswith("<svg xmlns=")


def test_several_sweeps_are_told_together(own: list[str], tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, axes, took in zip(folders, (["k=1", "overlap=0"], ["k=1"]), ([10, 20, 30], [30, 40, 80]), strict=True):
        swept([*own[:-1], str(folder), *(word for axis in axes for word in ("--axis", axis))])
        times = json.loads((folder / "times.json").read_text(encoding="utf-8"))
        times["times"] = dict.fromkeys(times["times"], took)
        (folder / "times.json").write_text(json.dumps(times), encoding="utf-8")
    made = together(folders, "f1")
    assert [one.setting for one in made] == [SHIPPED, Setting(k=1)]  # overlap 0 was tried once only
    assert [one.latency for one in made] == [30.0, 30.0]  # the mean of 20 and 40
    each = [json.loads((folder / "shipped" / "metrics.json").read_text(encoding="utf-8")) for folder in folders]
    assert made[0].saved.metrics["counts"]["asked"] == 4
    assert made[0].quality == pytest.approx(sum(one["measures"]["f1"] for one in each) / 2, abs=1e-3)
    content = told_sweeps(folders, tmp_path / "RESULTS.md")
    assert "### Together: one, two, 4 questions" in content
    assert (tmp_path / "sweep-together.svg").read_text(encoding="utf-8").startswith("<svg xmlns=")


def test_a_folder_without_a_sweep_is_told(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="holds no sweep"):
        told_sweeps([tmp_path], tmp_path / "RESULTS.md")


def test_either_ones_own_or_a_set(own: list[str]) -> None:
    assert CliRunner().invoke(main, ["sweep"]).exit_code == 2
    assert CliRunner().invoke(main, [*own[:3], "--out", own[-1]]).exit_code == 2
