"""A ladder of nets against the same nets trained one after another in plain PyTorch: ``python -m benchmarks.ladder``.

Twenty weight decays on five folds of 5,000 rows and 50 columns, perceptrons of two hidden layers of 128 units, dropout
0.1, AdamW. The plain loop shuffles rows, takes batches and steps; it neither averages weights nor judges, which the
ladder does. It trains some of the hundred nets, and its time for all is scaled from theirs. Both take as many steps.
Times are CPU seconds of one process, `--threads` as many as torch may use.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.learners._network.ladder import climb
from rightfit.learners._network.rungs import Rung
from rightfit.records import Resamples

ROWS, COLUMNS, FOLDS, UNITS, RATE, DROPOUT = 5_000, 50, 5, 128, 1e-3, 0.1
DECAYS = tuple(np.geomspace(30.0, 0.01, 20))


def make_problem() -> Problem:
    """Noisy rows with a curved signal."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, COLUMNS))
    y = x[:, 0] + np.abs(x[:, 1]) + x[:, 2] * x[:, 3] + rng.normal(size=ROWS)
    kind: type[Loss] = catalog.find("losses", "squared")
    return Problem(make_design(x, [f"x{j}" for j in range(COLUMNS)]), y, kind(), np.zeros(ROWS))


def deal() -> Resamples:
    """Five folds; the full fit is not trained by either."""
    scored = np.arange(ROWS) % FOLDS == np.arange(-1, FOLDS)[:, None]
    return Resamples(np.ones(ROWS), (~scored).astype(np.uint8), scored)


def train_plainly(x: torch.Tensor, y: torch.Tensor, decay: float, batch: int, epochs: int) -> int:
    """One net, as everybody writes it; returns its steps."""
    net = nn.Sequential(
        nn.Linear(COLUMNS, UNITS),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(UNITS, UNITS),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(UNITS, 1),
    )
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=decay)
    loss, steps = nn.MSELoss(), 0
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for start in range(0, len(x), batch):
            some = order[start : start + batch]
            optimizer.zero_grad()
            loss(net(x[some]), y[some]).backward()
            optimizer.step()
            steps += 1
    return steps


def measure(batch: int, epochs: int, plain: int) -> dict[str, Any]:
    """Seconds of both for all hundred nets."""
    problem, resamples = make_problem(), deal()
    rungs = [Rung(float(decay), dropout=DROPOUT, batch=batch, learning_rate=RATE, epochs=epochs) for decay in DECAYS]
    shape: dict[str, Any] = {"hidden": (UNITS, UNITS), "seeds": 1, "seed": 0, "most": epochs, "full": False}
    climb(problem, resamples, [replace(rung, epochs=1) for rung in rungs[:2]], **shape)  # what is loaded once
    start, wall = time.process_time(), time.perf_counter()
    climb(problem, resamples, rungs, **shape)
    ours, ours_wall = time.process_time() - start, time.perf_counter() - wall
    taught = resamples.multiplicity[1] > 0
    x = torch.as_tensor(problem.design.collect(np.arange(COLUMNS), np.zeros(COLUMNS))[taught], dtype=torch.float32)
    y = torch.as_tensor(problem.y[taught, None], dtype=torch.float32)
    train_plainly(x, y, 1.0, batch, 1)
    start, wall = time.process_time(), time.perf_counter()
    for number in range(plain):
        train_plainly(x, y, float(DECAYS[number % len(DECAYS)]), batch, epochs)
    many = len(DECAYS) * FOLDS / plain
    theirs, theirs_wall = many * (time.process_time() - start), many * (time.perf_counter() - wall)
    return {
        "batch": batch,
        "epochs": epochs,
        "plain nets measured": plain,
        "ladder CPU s": round(ours, 1),
        "plain CPU s": round(theirs, 1),
        "ratio of CPU": round(theirs / ours, 2),
        "ratio of wall": round(theirs_wall / ours_wall, 2),
    }


def main() -> None:
    """One line of JSON for each size of a batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, nargs="+", default=[32, 64, 128, 256])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--plain", type=int, default=4, help="nets of the plain loop that are trained")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    for batch in given.batch:
        print(json.dumps({"threads": given.threads} | measure(batch, given.epochs, given.plain)), flush=True)


if __name__ == "__main__":
    main()
