"""A quantised encoder → the same, faster: the graph that ships.

    python -m train.optimise MODEL.onnx        (needs: make train-setup)

onnxruntime fuses what it knows when it loads a model; here it does so once, and the exact GELU, which it does not
recognise in our export (five operations over the widest activations), is fused by hand. Its fusion of a residual with
the layer norm after it is left out: that operation takes several times as long on a CPU as the two by themselves. The
weights lie beside the graph as MODEL.data, which onnxruntime maps instead of copying. What it computes stays the same,
but for the last bits of what is fused.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.inference import SLOW_FUSIONS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

CONTRIBUTED = "com.microsoft"
"""The domain of onnxruntime's own operations."""


def optimise(source: Path, target: Path) -> None:
    """Write `source` optimised as `target`, its weights beside it. They may be one file."""
    import onnx

    with tempfile.TemporaryDirectory() as scratch:
        fused = Path(scratch) / "fused.onnx"
        _fused_by_onnxruntime(source, fused)
        model = onnx.load(str(fused))
    graph = Graph(model)
    graph.fuse_gelu()
    graph.drop_unused()
    weights = target.with_suffix(".data")
    for file in (target, weights):
        file.unlink(missing_ok=True)
    onnx.save(
        model,
        str(target),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=weights.name,
        size_threshold=1024,
    )
    weights.chmod(0o644)
    # So that the graph's hash tells the weights too: reports name a model by it.
    onnx.helper.set_model_props(model, {"weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest()})
    target.write_bytes(model.SerializeToString())


def _fused_by_onnxruntime(source: Path, target: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # What is beyond this level is for the processor at hand.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(
        str(source), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_FUSIONS
    )


class Graph:
    """A model's nodes, by what they make and by what uses it."""

    def __init__(self, model: ModelProto) -> None:
        self._graph = model.graph

    def fuse_gelu(self) -> None:
        """x · (½ · (1 + erf(x / √2))) → Gelu(x)."""
        for erf in self._of("Erf"):
            divided = self._maker(erf.input[0], "Div")
            halved = self._only_user(self._only_user(erf.output[0], "Add").output[0], "Mul")
            last = self._only_user(halved.output[0], "Mul")
            assert divided.input[0] in last.input, "another GELU than the exact one"
            self._put_after(last, "Gelu", [divided.input[0]], last.output[0])

    def drop_unused(self) -> None:
        """Take out what nothing leads to an output from, weights included."""
        wanted = {output.name for output in self._graph.output}
        kept = []
        for node in reversed(self._graph.node):
            if wanted & set(node.output):
                kept.append(node)
                wanted |= set(node.input)
        del self._graph.node[:]
        self._graph.node.extend(reversed(kept))
        weights = [weight for weight in self._graph.initializer if weight.name in wanted]
        del self._graph.initializer[:]
        self._graph.initializer.extend(weights)
        del self._graph.value_info[:]

    def _of(self, kind: str) -> list[NodeProto]:
        return [node for node in self._graph.node if node.op_type == kind]

    def _maker(self, name: str, kind: str) -> NodeProto:
        return next(node for node in self._of(kind) if name in node.output)

    def _only_user(self, name: str, kind: str) -> NodeProto:
        (user,) = (node for node in self._graph.node if name in node.input)
        assert user.op_type == kind, f"{user.op_type} where {kind} was expected"
        return user

    def _put_after(self, node: NodeProto, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """A new node in place of `node`, which goes with all that led to it alone (`drop_unused`)."""
        from onnx import helper

        made = helper.make_node(kind, inputs, [output], name=f"{kind}_{output}", domain=CONTRIBUTED, **attributes)
        at = list(self._graph.node).index(node)
        del self._graph.node[at]
        self._graph.node.insert(at, made)


@click.command(help=__doc__)
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(model: Path) -> None:
    optimise(model, model)
    for file in (model, model.with_suffix(".data")):
        click.echo(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")


if __name__ == "__main__":
    main()
