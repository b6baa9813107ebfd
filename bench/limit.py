"""How close one answer is to what this processor can do.

    python -m bench.limit

The matrix products of one answer (a question embedded, its passages read) are run by themselves, in onnxruntime, in the
same shapes and with the same weights' types; so are, for comparison, their fp32 counterparts. Their sum, the passages'
shared evenly by the cores, is the time that nothing can go below on this processor with these models. The memory bound
is the time to read all weights once. Both are set beside the two models' runs and the whole answer.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import click
import numpy as np

from bench.measure import in_turns, p50, table, write
from bench.warm import SEEDS, questions, recorded
from index import open_index, sync
from index.config import load_settings
from index.inference import open_session
from qa.assistant import Assistant
from qa.read import open_reader

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
RUNS = 30


class Product(NamedTuple):
    """`times` products of (rows, inner) by (inner, columns), `heads` of them side by side in one operation; `weights`:
    the second matrix is a constant of the model."""

    rows: int
    inner: int
    columns: int
    times: int
    heads: int
    weights: bool

    @property
    def operations(self) -> int:
        return 2 * self.rows * self.inner * self.columns * self.heads * self.times


def products(batch: int, length: int) -> list[Product]:
    """Of one run of a model of all-MiniLM-L6-v2's shape."""
    tokens, side = batch * length, WIDTH // HEADS
    return [
        Product(tokens, WIDTH, WIDTH, 4 * LAYERS, 1, True),
        Product(tokens, WIDTH, INNER, LAYERS, 1, True),
        Product(tokens, INNER, WIDTH, LAYERS, 1, True),
        Product(length, side, length, LAYERS, batch * HEADS, False),
        Product(length, length, side, LAYERS, batch * HEADS, False),
    ]


def seconds(product: Product, int8: bool, folder: Path) -> float:
    """Median seconds of all of them."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    chosen = np.random.default_rng(0)
    int8 = int8 and product.weights
    left: np.ndarray = chosen.integers(0, 255, (product.heads, product.rows, product.inner)).astype(
        np.uint8 if int8 else np.float32
    )
    right: np.ndarray = chosen.integers(-127, 127, (product.heads, product.inner, product.columns)).astype(
        np.int8 if int8 else np.float32
    )
    if product.weights:
        left, right = left[0], right[0]
    kinds = (TensorProto.UINT8, TensorProto.INT32) if int8 else (TensorProto.FLOAT, TensorProto.FLOAT)
    inputs = [helper.make_tensor_value_info("x", kinds[0], left.shape)]
    constants = [numpy_helper.from_array(right, "w")] if product.weights else []
    feed = {"x": left}
    if not product.weights:
        inputs.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, right.shape))
        feed["w"] = right
    shape = [*left.shape[:-1], product.columns]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger" if int8 else "MatMul", ["x", "w"], ["y"])],
        "product",
        inputs,
        [helper.make_tensor_value_info("y", kinds[1], shape)],
        constants,
    )
    file = folder / "product.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(file))
    session = open_session(file)
    taken = []
    for _ in range(RUNS + 2):
        begun = perf_counter()
        session.run(None, feed)
        taken.append(perf_counter() - begun)
    return p50(taken[2:]) * product.times


def shortest(shapes: Sequence[tuple[int, int]], int8: bool, folder: Path) -> float:
    """Seconds for the products of the question, then for those of the passages, shared evenly by all cores."""
    first, *others = [sum(seconds(one, int8, folder) for one in products(*shape)) for shape in shapes]
    return first + sum(others) / load_settings().inference_threads


def read_once(size: int) -> float:
    """Median seconds to read so many bytes that are in no cache."""
    weights, other = np.ones(size // 8, np.int64), np.ones(2**24, np.int64)
    taken = []
    for _ in range(RUNS):
        other.sum()
        begun = perf_counter()
        weights.sum()
        taken.append(perf_counter() - begun)
    return p50(taken)


@click.command(help=__doc__)
@click.option("--rounds", default=60, show_default=True)
def main(rounds: int) -> None:
    asked = questions()
    with tempfile.TemporaryDirectory() as scratch:
        sync([str(SEEDS)], scratch)
        index = open_index(scratch)
        ours = Assistant(index, open_reader("span", index))
        fed = recorded(ours, asked)
        turns = itertools.cycle(fed), itertools.cycle(asked)

        def runs() -> None:
            one, other = next(turns[0])
            index.embedder._session.run_each(one)  # type: ignore[attr-defined]
            ours.reader._session.run_each(other)  # type: ignore[attr-defined]

        jobs: dict[str, Callable[[], object]] = {
            "two model runs": runs,
            "whole answer": lambda: ours.ask(next(turns[1])),
        }
        taken = in_turns(jobs, rounds)
        index.close()
        one, other = fed[len(fed) // 2]
        shapes = [feed["input_ids"].shape for feed in (*one, *other)]
        operations = sum(one.operations for shape in shapes for one in products(*shape))
        bounds = {kind: shortest(shapes, kind == "int8", Path(scratch)) for kind in ("int8", "fp32")}
    weights = 2 * LAYERS * (4 * WIDTH * WIDTH + 2 * WIDTH * INNER)
    bounds["memory, weights read once"] = read_once(weights)
    bound = max(bounds["int8"], bounds["memory, weights read once"])
    rows: list[tuple[str, float]] = [
        (f"its products alone, {kind}" if kind in ("int8", "fp32") else kind, value) for kind, value in bounds.items()
    ]
    rows += [(name, p50(one)) for name, one in taken.items()]
    told = table(
        ["", "p50", "times the bound", "billion operations a second"],
        [
            [
                name,
                f"{value * 1000:.1f} ms",
                f"{value / bound:.2f}",
                "" if "memory" in name else f"{operations / value / 1e9:.0f}",
            ]
            for name, value in rows
        ],
    )
    told = (
        f"A question of {shapes[0][1]} word pieces; with its passages {[length for _, length in shapes[1:]]}: "
        f"{operations / 1e9:.1f} billion operations, {weights / 1e6:.1f} MB of int8 weights.\n\n{told}"
    )
    results = {
        "shapes": shapes,
        "operations": operations,
        "bounds_ms": {kind: value * 1000 for kind, value in bounds.items()},
        "taken_ms": {name: p50(one) * 1000 for name, one in taken.items()},
        "whole answer / bound": p50(taken["whole answer"]) / bound,
    }
    write("limit", "python -m bench.limit", told, results)


if __name__ == "__main__":
    main()
