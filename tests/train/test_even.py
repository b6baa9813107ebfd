"""Scales made even before quantising change nothing in exact arithmetic, and leave no channel or token out of scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="make train-setup installs it")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from train.even import channel_sizes, even_channels, even_rows, products  # noqa: E402

CHOSEN = np.random.default_rng(0)
TEXT = CHOSEN.standard_normal((1, 5, 4)).astype(np.float32)


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """A layer norm whose second channel is 50 times as large, and two products: 4 → 8 → 4."""
    weights = {
        "scale": np.array([1, 50, 1, 1]),
        "bias": np.zeros(4),
        "wider": CHOSEN.standard_normal((4, 8)),
        "narrower": CHOSEN.standard_normal((8, 4)),
    }
    nodes = [
        helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["normed"], axis=-1),
        helper.make_node("MatMul", ["normed", "wider"], ["wide"]),
        helper.make_node("Relu", ["wide"], ["active"]),
        helper.make_node("MatMul", ["active", "narrower"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "block",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 5, 4))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 5, 4))],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    file = tmp_path / "block.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(file))
    return file


def made(model: Any, *names: str) -> list[np.ndarray]:
    import onnxruntime

    told = {output.name for output in model.graph.output}
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names if name not in told
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    arrays: list[np.ndarray] = session.run(list(names), {"x": TEXT})
    return arrays


def test_products_are_those_with_weights(block: Path) -> None:
    model = onnx.load(str(block))
    assert [(one.weights, one.inner, one.columns) for one in products(model)] == [("wider", 4, 8), ("narrower", 8, 4)]


def test_what_is_computed_stays_and_scales_become_even(block: Path) -> None:
    sizes = channel_sizes(block, [{"x": TEXT}])
    model = onnx.load(str(block))
    normed, active, before = made(onnx.load(str(block)), "normed", "active", "y")
    assert sizes["normed"] == pytest.approx(np.abs(normed).max(axis=(0, 1)))
    assert sizes["active"] == pytest.approx(active.max(axis=(0, 1)))

    even_channels(model, sizes)
    even_rows(model)
    channels, rows, after = made(model, "normed_evened", "active_evened", "y")
    assert after == pytest.approx(before, rel=1e-4, abs=1e-4)
    was, now = (np.abs(values).max(axis=(0, 1)) for values in (normed, channels))
    assert was.max() / was.min() > 40
    assert now.max() / now.min() < was.max() / was.min() / 5
    assert rows.max(axis=-1) == pytest.approx(np.ones((1, 5)))
