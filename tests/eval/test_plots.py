import re
from collections.abc import Callable

from eval.evaluation import Evaluation, evaluate
from eval.page import page
from eval.plots import plots
from eval.svg import SHARES, Axes
from eval.types import Case, Prediction
from index.types import Document
from qa.types import Answer

Make = Callable[..., Answer]


def evaluation(document: Document, answered: Make, abstained: Make) -> Evaluation:
    may = ("May 6",)
    made = [
        Prediction(Case("a", "When?", may, tags=("date",)), answered("When?", "May 6", 0.9), latency_ms=10),
        Prediction(Case("b", "Why?", may, tags=("reason",)), answered("Why?", "Friday", 0.8), latency_ms=20),
        Prediction(Case("c", "Who?", tags=("reason",)), abstained("Who?", 0.1), latency_ms=30),
    ]
    return evaluate(3, made, [document], {})


def test_data_map_to_the_corners_of_the_frame() -> None:
    axes = Axes((0, 10), (0, 1), "x", "y", SHARES, SHARES)
    assert axes.at(0, 0) == (52, 236)
    assert axes.at(10, 1) == (426, 12)
    assert axes.at(5, 0.5) == (239, 124)


def test_a_line_passes_through_its_points() -> None:
    axes = Axes((0, 10), (0, 1), "x", "y", SHARES, SHARES)
    assert 'points="52.0,236.0 426.0,12.0"' in axes.line([(0, 0), (10, 1)])


def test_a_long_line_is_thinned_and_keeps_its_ends() -> None:
    axes = Axes((0, 9999), (0, 1), "x", "y", SHARES, SHARES)
    points = re.findall(r"[\d.]+,[\d.]+", axes.line([(number, 0) for number in range(10_000)]))
    assert len(points) < 500
    assert (points[0], points[-1]) == ("52.0,236.0", "426.0,236.0")


def test_a_run_has_its_five_plots(document: Document, answered: Make, abstained: Make) -> None:
    made = plots(evaluation(document, answered, abstained))
    assert [plot.title for plot in made] == [
        "Risk and coverage",
        "Reliability",
        "Latency",
        "F1 by tag",
        "F1 by type of question",
    ]
    # two of three were answered, one of them wrongly
    assert "now: 0.67 answered, 0.50 wrong" in made[0].drawn
    assert "reason (2)" in made[3].drawn


def test_nothing_to_plot_is_no_plot(document: Document) -> None:
    nothing = evaluate(1, [Prediction(Case("a", "When?", ("May 6",)), error="no")], [document], {})
    assert "Latency" not in [plot.title for plot in plots(nothing)]


def test_what_was_retrieved_stands_beside_what_was_expected(document: Document, answered: Make, hits: list) -> None:
    case = Case("b", "Why?", ("May 6",), ("A ceasefire starts on May 6.",))
    wrong = Prediction(case, answered("Why?", "Friday"), tuple(hits))
    content = page(evaluate(1, [wrong], [document], {}))
    assert "<summary>Retrieved</summary>" in content
    assert "<mark>A ceasefire starts on May 6.</mark>" in content
    right = Prediction(case, answered("Why?", "May 6"), tuple(hits))
    assert "<summary>" not in page(evaluate(1, [right], [document], {}))
