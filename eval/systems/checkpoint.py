"""The shipped reader's ONNX file → a checkpoint that transformers loads: BertForQuestionAnswering and its tokenizer.

The int8 weights are multiplied out; the network's activations, which onnxruntime rounds too, stay as they are there, so
that both read the same to within that rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

import index.embed.onnx
from index.errors import FootnoteError

TOKENIZER = Path(index.embed.onnx.__file__).parent / "minilm" / "tokenizer.json"
HEADS = 12
LONGEST = 512
PRODUCTS = ("MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul")
"""Matrix products with int8 weights, as they are quantised and as onnxruntime fuses them."""
_PARTS = {"encoder.": "bert.", "head.": "qa_outputs."}
"""Our network's names → transformers'."""


def write_checkpoint(reader: Path, folder: Path) -> None:
    """`reader` is a folder with model.onnx. Raises FootnoteError for a network of another shape."""
    disable_progress_bar()
    model = BertForQuestionAnswering(_config(weights := dict(_weights(onnx.load(reader / "model.onnx")))))
    state = {name: torch.from_numpy(value) for name, value in weights.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise FootnoteError(f"{reader}/model.onnx is not the network that eval knows: {[*missing, *unexpected][:3]}.")
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(TOKENIZER),
        unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        model_max_length=LONGEST,
    ).save_pretrained(folder)  # fmt: skip


def _weights(model: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The network's parameters under transformers' names."""
    held = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    for name, value in held.items():
        stem = name.removesuffix("_quantized")
        if name.startswith(tuple(_PARTS)) and name.endswith((".weight", ".bias")):
            yield _renamed(name), np.array(value, np.float32)
        elif name.startswith(tuple(_PARTS)) and stem != name:
            yield _renamed(stem), _multiplied_out(held, stem)
    users = {input_: node for node in model.graph.node for input_ in node.input}
    for node in model.graph.node:
        if node.op_type in PRODUCTS:
            bias = _bias(node, users, held)
            stem = next(name for name in node.input if name in held and name.endswith("_quantized"))
            stem = stem.removesuffix("_quantized")
            yield _renamed(bias.removesuffix("bias") + "weight"), _multiplied_out(held, stem).T.copy()


def _multiplied_out(held: dict[str, NDArray[Any]], stem: str) -> NDArray[np.float32]:
    """(quantised - zero point) · scale, by column where each has its own."""
    values, zero, scale = (held[f"{stem}_{part}"].astype(np.float32) for part in ("quantized", "zero_point", "scale"))
    return np.asarray((values - zero) * scale, np.float32)


def _bias(node: Any, users: dict[str, Any], held: dict[str, NDArray[Any]]) -> str:
    """The name of the bias that is added to a product: by itself where it was fused into it, else in product → cast →
    times the scales → plus the bias."""
    at = node
    while not any(name.endswith(".bias") and name in held for name in at.input):
        at = users[at.output[0]]
    return str(next(name for name in at.input if name.endswith(".bias") and name in held))


def _renamed(name: str) -> str:
    ours = next(part for part in _PARTS if name.startswith(part))
    return _PARTS[ours] + name.removeprefix(ours)


def _config(weights: dict[str, NDArray[np.float32]]) -> BertConfig:
    words, width = weights["bert.embeddings.word_embeddings.weight"].shape
    layers = {name.split(".")[3] for name in weights if name.startswith("bert.encoder.layer.")}
    inner = weights["bert.encoder.layer.0.intermediate.dense.weight"].shape[0]
    return BertConfig(
        vocab_size=words, hidden_size=width, num_hidden_layers=len(layers), num_attention_heads=HEADS,
        intermediate_size=inner, max_position_embeddings=LONGEST, num_labels=2,
    )  # fmt: skip
