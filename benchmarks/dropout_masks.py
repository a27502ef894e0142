"""The average of dropout masks beside weight scaling: ``python -m benchmarks.dropout_masks mnist_5k.csv.gz``.

The classic net, 784-256-10 with dropout 0.5 and SGD with weight decay 0.001, on 1,000 training rows for 40 epochs. Each
line compares the mean of some masks' shares with those of the net in evaluation mode, on the same 4,000 held-out rows:
loss, its paired difference with standard errors over rows, accuracy, and for the rows in doubt and those that are not,
the spread over masks. One seed at a time; ``--seeds`` says how many.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

import rightfit.torch as rt
from benchmarks.batch_size import ROWS, read

EPOCHS, DRAWS = 40, (2, 10, 50, 200)


def train(x: torch.Tensor, y: torch.Tensor, seed: int) -> nn.Module:
    """The net in evaluation mode."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(rt.parameter_groups(net, 0.001), lr=0.1, momentum=0.9)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x), generator=generator).reshape(-1, 50):
            optimizer.zero_grad()
            cross_entropy(net(x[batch]), y[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return net.eval()


def lines(net: nn.Module, x: torch.Tensor, y: torch.Tensor, seed: int) -> None:
    """Prints the table of one net."""
    rows = torch.arange(len(y))
    with torch.no_grad():
        plain = net(x).softmax(-1)
    alone = -plain[rows, y].log()
    right = plain.argmax(1) == y
    print(f"| {seed} | weight scaling | {float(alone.mean()):.4f} | | {100 * float(right.double().mean()):.2f} % | |")
    for draws in DRAWS:
        generator = torch.Generator().manual_seed(seed)
        found = rt.predict_with_dropout(net, x, draws, generator=generator, transform=lambda z: z.softmax(-1))
        loss = -found.mean[rows, y].log()
        better = loss - alone
        error = float(better.std()) / len(y) ** 0.5
        hit = 100 * float((found.mean.argmax(1) == y).double().mean())
        doubt = found.spread[rows, plain.argmax(1)]
        print(
            f"| {seed} | {draws} masks | {float(loss.mean()):.4f} | {float(better.mean()):+.4f} ± {error:.4f} | "
            f"{hit:.2f} % | {float(doubt[~right].mean()):.3f} and {float(doubt[right].mean()):.3f} |",
            flush=True,
        )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="mnist_5k.csv.gz: label and 784 columns of pixels")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    x, y = read(given.table)
    print("| seed | shares | held-out loss | difference | accuracy | spread, wrong and right rows |")
    print("|---|---|---|---|---|---|")
    for seed in range(given.seeds):
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        x, y = x[order], y[order]
        lines(train(x[:ROWS], y[:ROWS], seed), x[ROWS:], y[ROWS:], seed)


if __name__ == "__main__":
    main()
