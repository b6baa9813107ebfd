"""The reader's network and how questions and passages become its input; shared by training, calibration and export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModel

from index.pieces import whole_tokenizer
from qa.read.span import CLS, MAX_QUESTION_PIECES, SEP
from train.prepare import Example

MAX_LENGTH = 224
"""Word pieces of question, lead and passage together. Serving keeps to fewer (qa.read.span): examples of
200 and more are too few to learn from."""


class SpanNetwork(torch.nn.Module):  # type: ignore[misc]
    """(batch, length) ids, mask and types → (batch, length, 2) start and end logits; [CLS] stands for "not here"."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(encoder.config.hidden_size, 2)

    @classmethod
    def fresh(cls, folder: Path) -> SpanNetwork:
        """On the encoder in `folder`, without dropout: drawing its random numbers costs a third of the training's time
        on CPUs. Attention is spelled out, which torch.compile fuses better than its own fused one runs there."""
        encoder = AutoModel.from_pretrained(
            str(folder),
            attn_implementation="eager",
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return cls(encoder)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.head(states)


@dataclass(frozen=True, slots=True)
class Input:
    """One passage of a question as input. `first` is the first token of the passage's own text, `offsets` its tokens'
    characters; `gold` are (start, end) tokens of right answers, each token by itself where nobody marked the answer."""

    ids: list[int]
    types: list[int]
    first: int
    offsets: list[tuple[int, int]]
    gold: list[tuple[int, int]]


def read_examples(path: Path) -> list[Example]:
    return [
        Example(
            row["set"],
            row["document"],
            row["question"],
            row["lead"],
            tuple(row["passages"]),
            tuple(tuple(answer) for answer in row["answers"]),
            row["anywhere"],
        )
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def inputs(example: Example) -> list[Input]:
    """[CLS] question [SEP] lead passage [SEP] for each passage; what is too long loses its end."""
    tokenizer = whole_tokenizer()
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:MAX_QUESTION_PIECES]
    lead = tokenizer.encode(example.lead, add_special_tokens=False).ids[:MAX_QUESTION_PIECES] if example.lead else []
    made = []
    for number, text in enumerate(example.passages):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        room = MAX_LENGTH - len(question) - len(lead) - 3
        pieces, offsets = encoding.ids[:room], encoding.offsets[:room]
        ids = [CLS, *question, SEP, *lead, *pieces, SEP]
        first = len(question) + 2 + len(lead)
        types = [0] * (len(question) + 2) + [1] * (len(ids) - len(question) - 2)
        spans = [_tokens(offsets, a, b) for which, a, b in example.answers if which == number]
        gold = [(first + a, first + b) for a, b in filter(None, spans)]
        if example.anywhere:
            gold = [(first + i, first + i) for i in range(len(offsets))]
        made.append(Input(ids, types, first, offsets, gold))
    return made


def _tokens(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """The first and last token of the characters start:end; None where they were cut off."""
    inside = [i for i, (a, b) in enumerate(offsets) if a < end and start < b]
    return (inside[0], inside[-1]) if inside and offsets[inside[-1]][1] >= end else None


def padded(batch: Sequence[Input]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """ids, mask, types, and which positions may begin or end an answer: [CLS] and the passage's own text."""
    longest = max(len(one.ids) for one in batch)
    ids, types = torch.zeros(len(batch), longest, dtype=torch.long), torch.zeros(len(batch), longest, dtype=torch.long)
    mask, allowed = torch.zeros_like(ids), torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, one in enumerate(batch):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        types[row, : len(one.types)] = torch.tensor(one.types)
        mask[row, : len(one.ids)] = 1
        allowed[row, 0] = True
        allowed[row, one.first : one.first + len(one.offsets)] = True
    return ids, mask, types, allowed
