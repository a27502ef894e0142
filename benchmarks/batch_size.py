"""Batch size against the gap between training and held-out loss: ``python -m benchmarks.batch_size mnist_5k.csv.gz``.

The net 784-256-10 without any regularizer, plain SGD, 1,000 training rows, 4,000 held-out rows, several seeds. Small
batches make noisy steps, and more of them an epoch; so three ways of comparing are shown:

epochs    as many epochs at the same learning rate: small batches take more steps and fit further
steps     as many steps at the same learning rate: what is left is the noise of the steps
fit       training goes on until its loss is at most `LEVEL`, at the same learning rate

Each line is a mean over seeds with its standard error; the gap is held-out loss less training loss at the end.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars
import torch
from torch import nn
from torch.nn.functional import cross_entropy

ROWS, RATE, LEVEL = 1000, 0.1, 0.02
SIZES = (10, 50, 200, 1000)
EPOCHS, STEPS, MOST = 30, 1500, 6000


@dataclass(frozen=True)
class Ended:
    """One training at its end."""

    steps: int
    train: float
    held_out: float

    @property
    def gap(self) -> float:
        """What the held-out loss is above that of training."""
        return self.held_out - self.train


def read(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, 784) pixels from 0 to 1 and (n,) digits."""
    table = polars.read_csv(path)
    pixels = table.drop("label").to_numpy().astype(np.float32) / 255
    return torch.from_numpy(pixels), torch.from_numpy(table["label"].to_numpy().astype(np.int64))


def train(x: torch.Tensor, y: torch.Tensor, size: int, way: str, seed: int) -> Ended:
    """The same first weights and the same rows for all sizes of a seed."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(x), generator=generator)
    inside, outside = order[:ROWS], order[ROWS:]
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)

    def loss(rows: torch.Tensor) -> float:
        with torch.no_grad():
            return float(cross_entropy(net(x[rows]), y[rows]))

    steps = 0
    while True:
        for batch in inside[torch.randperm(ROWS, generator=generator)].reshape(-1, size):
            optimizer.zero_grad()
            cross_entropy(net(x[batch]), y[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            steps += 1
            if way == "steps" and steps == STEPS:
                return Ended(steps, loss(inside), loss(outside))
        epochs = steps * size // ROWS
        fitted = way == "fit" and (loss(inside) <= LEVEL or steps >= MOST)
        if fitted or (way == "epochs" and epochs == EPOCHS):
            return Ended(steps, loss(inside), loss(outside))


def line(found: list[Ended], size: int, way: str) -> str:
    """A row of the table in docs/torch.md."""

    def say(values: list[float]) -> str:
        error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
        return f"{statistics.mean(values):.4f} ± {error:.4f}"

    cells = [way, str(size), f"{statistics.mean(e.steps for e in found):,.0f}"]
    cells += [say([e.train for e in found]), say([e.held_out for e in found]), say([e.gap for e in found])]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="mnist_5k.csv.gz: label and 784 columns of pixels")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    x, y = read(given.table)
    print("| alike | batch | steps | training loss | held-out loss | gap |\n|---|---|---|---|---|---|")
    for way in ("epochs", "steps", "fit"):
        for size in SIZES:
            print(line([train(x, y, size, way, seed) for seed in range(given.seeds)], size, way), flush=True)


if __name__ == "__main__":
    main()
