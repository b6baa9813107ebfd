"""What makes an encoder's activations fit eight bits: the scale of what goes into a product is made even.

Dynamic quantisation has one scale for all activations that go into a product, so one that is large leaves few steps for
the others. There are two kinds of large ones in a BERT. A few channels are, whatever the text: what normalising gives
is divided by their usual size before it goes into the attention's and the first feed-forward products, and the weights'
rows are multiplied by it (SmoothQuant, Xiao et al. 2023). And a few tokens are, after the activation function: each
token's row is divided by its greatest activation before the second feed-forward product, and its result multiplied by
it. In exact arithmetic neither changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Floats = NDArray[np.float32]
Feed = Mapping[str, NDArray[np.int64]]
STRENGTH = 0.7
"""Of 1, how much of the channels' unevenness goes into the weights. Of .5 to .9, .6 and .7 were nearest to fp32 on 120
passages and questions of BoolQ that the sizes were not taken from (mean cosine .9985, .9984 at .5, .9982 at .9)."""
LEAST = 0.2
"""A row is divided by no less: only the negative side of a GELU is that small."""


class Product(NamedTuple):
    """A product with weights: the names of its activations and weights, and how wide it makes them."""

    node: NodeProto
    activations: str
    weights: str
    inner: int
    columns: int


def products(model: ModelProto) -> list[Product]:
    """Those with weights, in the graph's order."""
    shapes = {weight.name: tuple(weight.dims) for weight in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type == "MatMul" and len(shape := shapes.get(node.input[1], ())) == 2:
            found.append(Product(node, node.input[0], node.input[1], *shape))
    return found


def channel_sizes(source: Path, feeds: Iterable[Feed]) -> dict[str, Floats]:
    """The greatest size of each channel of what goes into the products, over all tokens: name → (channels,)."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper

    model = onnx.load(str(source))
    names = list(dict.fromkeys(product.activations for product in products(model)))
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    sizes: dict[str, Floats] = {}
    for feed in feeds:
        for name, values in zip(names, session.run(names, feed), strict=True):
            greatest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            sizes[name] = np.maximum(sizes.get(name, greatest), greatest)
    return sizes


def even_channels(model: ModelProto, sizes: Mapping[str, Floats]) -> None:
    """Divide the channels of what comes from a layer norm, for all products that share it."""
    from onnx import helper, numpy_helper

    normed = {node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"}
    weights = {weight.name: weight for weight in model.graph.initializer}
    for name in normed & sizes.keys():
        users = [product for product in products(model) if product.activations == name]
        rows = np.stack([np.abs(numpy_helper.to_array(weights[user.weights])).max(axis=1) for user in users])
        divisor = _divisor(sizes[name], rows.max(axis=0))
        model.graph.initializer.append(numpy_helper.from_array(1 / divisor, f"{name}_evened_by"))
        _insert_before(users[0].node, model, [helper.make_node("Mul", [name, f"{name}_evened_by"], [f"{name}_evened"])])
        for user in users:
            user.node.input[0] = f"{name}_evened"
            multiplied = numpy_helper.to_array(weights[user.weights]) * divisor[:, None]
            weights[user.weights].CopyFrom(numpy_helper.from_array(multiplied, user.weights))


def even_rows(model: ModelProto) -> None:
    """Divide each token's row of what goes into the products that make it narrower: the second feed-forward ones."""
    from onnx import helper, numpy_helper

    model.graph.initializer.extend(
        [numpy_helper.from_array(np.array([-1]), "last_axis"), numpy_helper.from_array(np.float32(LEAST), "least")]
    )
    for product in products(model):
        if product.inner <= product.columns:
            continue
        name, made = product.activations, product.node.output[0]
        before = [
            helper.make_node("ReduceMax", [name, "last_axis"], [f"{name}_greatest"], keepdims=1),
            helper.make_node("Max", [f"{name}_greatest", "least"], [f"{name}_divisor"]),
            helper.make_node("Div", [name, f"{name}_divisor"], [f"{name}_evened"]),
        ]
        _insert_before(product.node, model, before)
        product.node.input[0], product.node.output[0] = f"{name}_evened", f"{made}_evened"
        after = helper.make_node("Mul", [f"{made}_evened", f"{name}_divisor"], [made])
        model.graph.node.insert(list(model.graph.node).index(product.node) + 1, after)


def _divisor(activations: Floats, weights: Floats) -> Floats:
    """(channels,): their geometric mean is 1."""
    raw = np.maximum(activations, 1e-4) ** STRENGTH / np.maximum(weights, 1e-4) ** (1 - STRENGTH)
    divisor: Floats = (raw / np.exp(np.log(raw).mean())).astype(np.float32)
    return divisor


def _insert_before(node: NodeProto, model: ModelProto, made: Iterable[NodeProto]) -> None:
    at = list(model.graph.node).index(node)
    for offset, one in enumerate(made):
        model.graph.node.insert(at + offset, one)
