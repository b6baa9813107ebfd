"""Step 2 of the reader: train it.

    python -m train.train_reader --epochs 2         (needs: make train-setup, and train.prepare before)

All passages of a question share one softmax over their tokens and their [CLS]s, so that scores compare across
passages (Clark and Gardner 2018, "shared normalisation"); an answer found in several places counts by the sum of
its probabilities, and a question without an answer by that of its [CLS]s. AdamW with warm-up and linear decay,
bfloat16 where the processor has it, a running mean of the weights; the network is compiled, which doubles the speed
on two cores. A checkpoint every few minutes; the same command goes on from the last one. Writes
train/runs/reader/reader.safetensors (the mean, in half precision).
"""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from qa.read.span import best_span
from train.decisions import auroc
from train.export_embedder import model_folder
from train.prepare import WORK
from train.reader import Input, SpanNetwork, inputs, padded, read_examples

BATCH_TOKENS = 5200
LEARNING_RATE, HEAD_RATE = 2e-4, 1e-3
WARM_UP = 0.06
MEAN_DECAY = 0.998
CHECKPOINT_EVERY = 200
CHECK_EVERY = 400
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # of AdamW
CHECK_BATCH = 16

Group = list[Input]
"""The passages of one question."""
Run = Callable[[Sequence[Input]], np.ndarray]
"""Inputs → (inputs, longest, 2) logits."""


def batches(groups: Sequence[Group], seed: int) -> Iterator[list[Group]]:
    """Groups of like length together, batches in random order; a question's passages are never parted."""
    chosen = random.Random(seed)
    order = sorted(range(len(groups)), key=lambda i: max(len(s.ids) for s in groups[i]) + chosen.random() * 12)
    made: list[list[Group]] = [[]]
    for i in order:
        longest = max(len(one.ids) for group in [*made[-1], groups[i]] for one in group)
        rows = sum(map(len, made[-1])) + len(groups[i])
        if made[-1] and rows * longest > BATCH_TOKENS:
            made.append([])
        made[-1].append(groups[i])
    chosen.shuffle(made)
    yield from made


def loss_of(logits: torch.Tensor, allowed: torch.Tensor, batch: Sequence[Group]) -> torch.Tensor:
    """The mean over questions of -log p(start) - log p(end), each normalised over all passages of the question."""
    logits = logits.float().masked_fill(~allowed.unsqueeze(-1), -1e4)
    losses, row = [], 0
    for group in batch:
        scores = logits[row : row + len(group)]
        row += len(group)
        gold = [(i, span) for i, one in enumerate(group) for span in one.gold]
        for side in range(2):
            places = sorted({(i, span[side]) for i, span in gold}) or [(i, 0) for i in range(len(group))]
            right = torch.stack([scores[i, token, side] for i, token in places])
            losses.append(scores[:, :, side].reshape(-1).logsumexp(0) - right.logsumexp(0))
    return torch.stack(losses).sum() / len(batch)


def run_torch(model: SpanNetwork) -> Run:
    def run(rows: Sequence[Input]) -> np.ndarray:
        ids, mask, types, _ = padded(rows)
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            logits: np.ndarray = model(ids, mask, types).float().numpy()
        return logits

    return run


def evaluate(run: Run, groups: Sequence[Group], texts: Sequence[Sequence[str]]) -> dict[str, float]:
    """F1 without abstaining on the answerable, and the AUROC of the margin over "nowhere" for answerable or not.

    `texts` are the passages of each group.
    """
    f1: list[float] = []
    margins: list[float] = []
    order = sorted(range(len(groups)), key=lambda i: max(len(one.ids) for one in groups[i]))
    answerable = [any(one.gold for one in groups[i]) for i in order]
    for at in range(0, len(order), CHECK_BATCH):
        chunk = order[at : at + CHECK_BATCH]
        logits = run([one for i in chunk for one in groups[i]])
        row = 0
        for i in chunk:
            scores = logits[row : row + len(groups[i])]
            row += len(groups[i])
            found = [
                (*best_span(score[one.first : one.first + len(one.offsets)]), number)
                for number, (one, score) in enumerate(zip(groups[i], scores, strict=True))
            ]
            best, first, last, where = max(found)
            margins.append(best - float(np.logaddexp.reduce(scores[:, 0, :], axis=0).sum()))
            gold = [
                _words(texts[i][number], one, a - one.first, b - one.first)
                for number, one in enumerate(groups[i])
                for a, b in one.gold
            ]
            if gold:
                f1.append(max(_f1(_words(texts[i][where], groups[i][where], first, last), right) for right in gold))
    return {"f1": round(float(np.mean(f1)), 4), "auroc": round(auroc(margins, answerable), 4)}


def _words(text: str, one: Input, first: int, last: int) -> Counter[str]:
    return Counter(text[one.offsets[first][0] : one.offsets[last][1]].lower().split())


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    return 2 * sum((said & wanted).values()) / (sum(said.values()) + sum(wanted.values()))


class Training:
    """The state of a run: all that a checkpoint holds."""

    def __init__(self, steps: int, start: Path | None = None, last_rate: float = 0.0) -> None:
        self.step, self.steps = 0, steps
        self.model = SpanNetwork.fresh(model_folder())
        if start:
            self.model.load_state_dict({name: weight.float() for name, weight in load_file(str(start)).items()})
        self.compiled = torch.compile(self.model, dynamic=True)
        self.mean = {name: weight.detach().clone() for name, weight in self.model.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            [{"params": self.model.encoder.parameters()}, {"params": self.model.head.parameters(), "lr": HEAD_RATE}],
            lr=LEARNING_RATE,
            weight_decay=0.01,
            fused=True,
        )
        warm = max(1, round(WARM_UP * steps))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser,
            lambda step: min((step + 1) / warm, max(last_rate, 1 - (1 - last_rate) * (step - warm) / (steps - warm))),
        )

    def resume(self, checkpoint: Path) -> None:
        """Go on from a checkpoint of a run of the same length; one of another length is left alone."""
        if not checkpoint.is_file():
            return
        with safe_open(str(checkpoint), "pt") as saved:
            told = saved.metadata()
            if int(told["steps"]) != self.steps:
                return
            kept = {name: saved.get_tensor(name) for name in saved.keys()}  # noqa: SIM118 (no mapping)
        self.step = int(told["step"])
        self.model.load_state_dict({name: kept[f"model.{name}"] for name in self.mean})
        self.mean = {name: kept[f"mean.{name}"] for name in self.mean}
        # The schedule's rate for this step first: loading the optimiser's moments does not touch it.
        self.schedule.last_epoch = self.step - 1
        self.schedule.step()
        for number, weight in enumerate(self._weights()):
            self.optimiser.state[weight] = {part: kept[f"optimiser.{number}.{part}"] for part in _MOMENTS}
        click.echo(f"going on from step {self.step}")

    def save(self, checkpoint: Path) -> None:
        """Everything as safetensors; a killed run leaves the last whole checkpoint."""
        kept = {f"model.{name}": weight for name, weight in self.model.state_dict().items()}
        kept |= {f"mean.{name}": weight for name, weight in self.mean.items()}
        for number, weight in enumerate(self._weights()):
            kept |= {f"optimiser.{number}.{part}": self.optimiser.state[weight][part] for part in _MOMENTS}
        part = checkpoint.with_suffix(".part")
        save_file({name: weight.contiguous() for name, weight in kept.items()}, str(part),
                  {"step": str(self.step), "steps": str(self.steps)})  # fmt: skip
        part.replace(checkpoint)

    def _weights(self) -> list[torch.nn.Parameter]:
        return [weight for group in self.optimiser.param_groups for weight in group["params"]]

    def learn(self, batch: Sequence[Group]) -> tuple[float, int]:
        """One step; (loss, tokens)."""
        ids, mask, types, allowed = padded([one for group in batch for one in group])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.compiled(ids, mask, types)
        loss = loss_of(logits, allowed, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.schedule.step()
        self.step += 1
        with torch.no_grad():
            decay = min(MEAN_DECAY, self.step / (self.step + 9))
            for name, weight in self.model.state_dict().items():
                self.mean[name].lerp_(weight, 1 - decay)
        return loss.item(), int(mask.sum())

    def averaged(self) -> SpanNetwork:
        model = SpanNetwork(copy.deepcopy(self.model.encoder))
        model.load_state_dict(self.mean)
        model.eval()
        return model


@click.command(help=__doc__)
@click.option("--epochs", default=2.0, show_default=True)
@click.option(
    "--start", type=click.Path(exists=True, path_type=Path), help="Go on from these weights, not from MiniLM."
)
@click.option(
    "--last-rate", default=0.0, show_default=True, help="The share of the learning rate that the last step has."
)
@click.option("--seed", default=0, show_default=True)
@click.option("--check", default=700, show_default=True, help="Development questions asked at each check.")
def main(epochs: float, start: Path | None, last_rate: float, seed: int, check: int) -> None:
    torch.manual_seed(seed)
    train = [inputs(example) for example in read_examples(WORK / "train.jsonl")]
    development = _development(check)
    plan: list[list[Group]] = []
    for epoch in range(int(np.ceil(epochs))):
        made = list(batches(train, seed * 1000 + epoch))
        plan += made[: round(len(made) * min(1.0, epochs - epoch))]
    training, checkpoint = Training(len(plan), start, last_rate), WORK / "checkpoint.safetensors"
    training.resume(checkpoint)
    training.model.train()
    first, tokens, since, running = training.step, 0, time.monotonic(), 0.0
    for batch in plan[first:]:
        loss, seen = training.learn(batch)
        tokens += seen
        running = 0.98 * running + 0.02 * loss if running else loss
        if training.step % 50 == 0:
            passed = time.monotonic() - since
            left = (len(plan) - training.step) * passed / (training.step - first) / 60
            click.echo(
                f"{training.step}/{len(plan)}  loss {running:.3f}  {tokens / passed:.0f} tokens/s  {left:.0f} min left"
            )
        if training.step % CHECKPOINT_EVERY == 0 or training.step == len(plan):
            training.save(checkpoint)
        if training.step % CHECK_EVERY == 0 or training.step == len(plan):
            run = run_torch(training.averaged())
            click.echo(f"  development: { {name: evaluate(run, *parts) for name, parts in development.items()} }")
    halves = {name: weight.half().contiguous() for name, weight in training.mean.items()}
    save_file(halves, str(WORK / "reader.safetensors"))
    click.echo(f"written: {WORK / 'reader.safetensors'}")


def _development(count: int) -> dict[str, tuple[list[Group], list[tuple[str, ...]]]]:
    """The authored questions and the others apart: near misses are what there is to learn."""
    parts: dict[str, tuple[list[Group], list[tuple[str, ...]]]] = {"authored": ([], []), "others": ([], [])}
    for example in read_examples(WORK / "development.jsonl"):
        groups, texts = parts["authored" if example.set == "authored" else "others"]
        if len(groups) < count:
            groups.append(inputs(example))
            texts.append(example.passages)
    return parts


if __name__ == "__main__":
    main()
