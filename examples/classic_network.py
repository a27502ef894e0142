"""The classic net for handwritten digits, 784-256-10 with dropout 0.5 and SGD with weight decay 0.01, line by line.

    python classic_network.py mnist_5k.csv.gz

The table has the column ``label`` and 784 columns of pixels from 0 to 255. A thousand rows train, a thousand say when
to stop, and the rest, which neither has seen, is what the net is judged by.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import polars
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import rightfit.torch as rt


@dataclass(frozen=True)
class Trained:
    """The net at its best epoch, and how it does on rows that it has not seen."""

    net: nn.Module
    epochs: int
    best_epoch: int
    train_loss: float
    test_loss: float
    attacked: rt.Robustness


def read(path: Path, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, 784) pixels from 0 to 1 and (n,) digits, shuffled."""
    table = polars.read_csv(path)
    order = torch.randperm(len(table), generator=torch.Generator().manual_seed(seed))
    x = torch.from_numpy(table.drop("label").to_numpy()).float() / 255
    y = torch.from_numpy(table["label"].to_numpy()).long()
    return x[order], y[order]


def main(path: Path, *, epochs: int = 200, rows: int = 1000, seed: int = 0) -> Trained:
    """Trains, prints what happens, and returns it."""
    torch.manual_seed(seed)  # the net's first weights, and its dropout
    generator = torch.Generator().manual_seed(seed)  # all else that is drawn
    x, y = read(path, seed)
    train, hold, test = (slice(0, rows), slice(rows, 2 * rows), slice(2 * rows, None))

    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))
    groups = rt.parameter_groups(net, weight_decay=0.01)
    print(groups)
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    stopping = rt.EarlyStopping(net, patience=10)

    for _ in range(epochs):
        net.train()
        for batch in torch.randperm(rows, generator=generator).split(50):
            optimizer.zero_grad()
            cross_entropy(net(x[train][batch]), y[train][batch]).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            losses = cross_entropy(net(x[hold]), y[hold], reduction="none")
        if stopping.update(losses):
            break
    best_epoch = stopping.restore()
    print(stopping.reason)

    net.eval()
    with torch.no_grad():
        train_loss, test_loss = (cross_entropy(net(x[part]), y[part]).item() for part in (train, test))
    attacked = rt.robustness(net, [(x[test], y[test])], rt.PGD(0.05), generator=generator)
    print(f"loss {train_loss:.3f} on rows of the training, {test_loss:.3f} on unseen rows")
    print(attacked)
    return Trained(net, len(stopping.curve), best_epoch, train_loss, test_loss, attacked)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
