"""Step 4 of the reader: the trained weights → the int8 ONNX file that ships.

    python -m train.export_reader

Reads train/runs/reader/reader.safetensors, writes qa/read/minilm/model.onnx (weights int8 per output channel,
activations quantised at run time) and prints F1 and AUROC on the development split beside the network in torch.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import torch
from safetensors.torch import load_file

from qa.read.span import SHIPPED, load_session
from train.export_embedder import OPSET, model_folder, quantise
from train.prepare import WORK
from train.reader import Input, SpanNetwork, inputs, padded, read_examples
from train.train_reader import Run, evaluate, run_torch


def trained(weights: Path) -> SpanNetwork:
    model = SpanNetwork.fresh(model_folder())
    model.load_state_dict({name: weight.float() for name, weight in load_file(str(weights)).items()})
    model.eval()
    return model


def export(model: SpanNetwork, target: Path) -> None:
    """fp32: input_ids, attention_mask, token_type_ids → logits (batch, length, 2)."""
    ids = torch.randint(1000, 20000, (2, 16))
    mask, types = torch.ones_like(ids), torch.zeros_like(ids)
    mask[1, 10:] = 0
    types[:, 6:] = 1
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    shape = {0: batch, 1: length}
    torch.onnx.export(
        model,
        (ids, mask, types),
        str(target),
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["span_logits"],
        dynamic_shapes={"input_ids": shape, "attention_mask": shape, "token_type_ids": shape},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
    )


def run_onnx(model: Path) -> Run:
    session = load_session(model)

    def run(rows: Sequence[Input]) -> np.ndarray:
        ids, mask, types, _ = padded(rows)
        feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy(), "token_type_ids": types.numpy()}
        logits: np.ndarray = session.run(None, feed)[0]
        return logits

    return run


@click.command(help=__doc__)
@click.option("--check", default=800, show_default=True, help="Development questions for the comparison.")
@click.option("--weights", type=click.Path(path_type=Path), default=WORK / "reader.safetensors")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=SHIPPED, help="Another folder to try.")
def main(check: int, weights: Path, out: Path) -> None:
    if not weights.is_file():
        raise click.ClickException(f"No {weights}. Train it with: python -m train.train_reader")
    out.mkdir(exist_ok=True, parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "fp32.onnx"
        export(trained(weights), exported)
        quantise(exported, out / "model.onnx")
    click.echo(f"{sum((out / f'model.{kind}').stat().st_size for kind in ('onnx', 'data')) / 1e6:.1f} MB")
    asked = read_examples(WORK / "development.jsonl")[:check]
    groups, texts = [inputs(example) for example in asked], [example.passages for example in asked]
    click.echo(f"torch: {evaluate(run_torch(trained(weights)), groups, texts)}")
    click.echo(f"int8:  {evaluate(run_onnx(out / 'model.onnx'), groups, texts)}")


if __name__ == "__main__":
    main()
