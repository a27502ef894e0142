"""A ladder of nets against the same nets trained one after another in plain PyTorch: ``python -m benchmarks.ladder``.

Twenty weight decays on five folds of 5,000 rows and 50 columns, perceptrons of two hidden layers of 128 units, dropout
0.1, AdamW. The plain loop shuffles rows, takes batches and steps; it neither averages weights nor judges, which the
ladder does. It trains some of the hundred nets, and its time for all is scaled from theirs. Both take as many steps.
*Products* are the matrix products of all hundred nets' steps alone, which both must make, in batches as the ladder's:
what remains of the ladder's time is everything else. All three take turns, `--rounds` times. Times are CPU seconds of
one process, `--threads` as many as torch may use.
"""

from __future__ import annotations

import argparse
import itertools
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


def multiply_alone(batch: int, steps: int, nets: int = 15) -> float:
    """Multiplications and additions of so many steps of ``nets`` nets, which this makes: forward, backward, weights."""
    widths = [COLUMNS, UNITS, UNITS, 1]
    work = 0.0
    for layer, (width, out) in enumerate(itertools.pairwise(widths)):
        x, weight = torch.randn(nets, batch, width), torch.randn(nets, width, out)
        said, back, slope = torch.empty(nets, batch, out), torch.empty_like(x), torch.empty_like(weight)
        for _ in range(steps):
            said.baddbmm_(x, weight, beta=0.0)
            slope.baddbmm_(x.transpose(1, 2), said, beta=0.0)
            if layer:
                back.baddbmm_(said, weight.transpose(1, 2), beta=0.0)
        work += 2.0 * nets * batch * width * out * steps * (3 if layer else 2)
    return work


def measure(batch: int, epochs: int, plain: int, rounds: int) -> dict[str, Any]:
    """Seconds of both for all hundred nets."""
    problem, resamples = make_problem(), deal()
    rungs = [Rung(float(decay), dropout=DROPOUT, batch=batch, learning_rate=RATE, epochs=epochs) for decay in DECAYS]
    shape: dict[str, Any] = {"hidden": (UNITS, UNITS), "seeds": 1, "seed": 0, "most": epochs, "full": False}
    taught = resamples.multiplicity[1] > 0
    x = torch.as_tensor(problem.design.collect(np.arange(COLUMNS), np.zeros(COLUMNS))[taught], dtype=torch.float32)
    y = torch.as_tensor(problem.y[taught, None], dtype=torch.float32)
    many, nets, steps = len(DECAYS) * FOLDS, 15, epochs * round(len(x) / batch)

    def climb_all() -> None:
        climb(problem, resamples, rungs, **shape)

    def train_some() -> None:
        for number in range(plain):
            train_plainly(x, y, float(DECAYS[number % len(DECAYS)]), batch, epochs)

    def multiply_some() -> None:
        multiply_alone(batch, steps, nets)

    work = multiply_alone(batch, 1, nets) / nets * many * steps
    jobs = {"ladder": climb_all, "plain": train_some, "products": multiply_some}
    scale = {"ladder": 1.0, "plain": many / plain, "products": many / nets}
    spent = {name: np.zeros((rounds, 2)) for name in jobs}
    climb(problem, resamples, [replace(rung, epochs=1) for rung in rungs[:2]], **shape)  # what is loaded once
    for turn in range(rounds):
        for name, job in jobs.items():
            start = time.process_time(), time.perf_counter()
            job()
            spent[name][turn] = time.process_time() - start[0], time.perf_counter() - start[1]
    least = {name: scale[name] * np.median(each, axis=0) for name, each in spent.items()}
    ratios = scale["plain"] * spent["plain"] / spent["ladder"]
    return {
        "batch": batch,
        "epochs": epochs,
        "plain nets measured": plain,
        "ladder CPU s": round(least["ladder"][0], 2),
        "plain CPU s": round(least["plain"][0], 2),
        "products CPU s": round(least["products"][0], 2),
        "products GFlop/s": round(work / least["products"][0] / 1e9, 1),
        "ratios of CPU": np.round(ratios[:, 0], 2).tolist(),
        "ratio of CPU": round(float(np.median(ratios[:, 0])), 2),
        "ratio of wall": round(float(np.median(ratios[:, 1])), 2),
    }


def main() -> None:
    """One line of JSON for each size of a batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, nargs="+", default=[32, 64, 128, 256])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--plain", type=int, default=4, help="nets of the plain loop that are trained")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    for batch in given.batch:
        print(
            json.dumps({"threads": given.threads} | measure(batch, given.epochs, given.plain, given.rounds)), flush=True
        )


if __name__ == "__main__":
    main()
