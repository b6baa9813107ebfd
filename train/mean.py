"""The mean of several trainings' weights, as one reader.

    python -m train.mean FIRST.safetensors SECOND.safetensors … --out FILE

Trainings that went on from one another lie in one valley: the mean of their weights is often better than each
(Wortsman et al. 2022, "Model soups"). Judge it by the development split before it ships.
"""

from __future__ import annotations

from pathlib import Path

import click
import torch
from safetensors.torch import load_file, save_file

Weights = dict[str, torch.Tensor]


def mean(parts: list[Weights]) -> Weights:
    """Raises ValueError when they are not of the same network."""
    shapes = [{name: weight.shape for name, weight in part.items()} for part in parts]
    if any(one != shapes[0] for one in shapes):
        raise ValueError("these are weights of different networks")
    return {name: torch.stack([part[name].float() for part in parts]).mean(0).half() for name in parts[0]}


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(files: tuple[Path, ...], out: Path) -> None:
    try:
        made = mean([load_file(str(file)) for file in files])
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    save_file({name: weight.contiguous() for name, weight in made.items()}, str(out))
    click.echo(f"written: {out}, the mean of {len(files)}")


if __name__ == "__main__":
    main()
