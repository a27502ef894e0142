"""What regularizes without being called so: ``python -m benchmarks.implicit NAME:TARGET:ROWS ... --data DIR``.

Ladders whose rungs differ in the size of their batches (without and with batch normalization), in the learning rate, or
in the number of epochs. Every net learns from all rows that teach and is judged on the rows set aside, as in
`benchmarks.regularizers`: at the epoch that the folds tell, and where the rungs say so after as many epochs. The gap is
the loss on rows set aside less that on rows that taught. Errors include the seeds, differences are paired with the rung
that is marked as usual.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.regularizers import Judge, split
from rightfit.contracts import Problem
from rightfit.learners._network.ladder import climb
from rightfit.learners._network.rungs import Rung
from rightfit.records import Resamples

BATCHES, USUAL = (16, 32, 64, 128, 256), 32
RATES = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
EPOCHS = (1, 2, 4, 8, 16, 32, 64)


def ladders(fixed: int) -> Iterator[tuple[str, str, list[Rung], list[str], int]]:
    """Title, norm, rungs, their names and the usual one."""
    for norm, words in (("none", ""), ("batch", ", batch normalization")):
        names = [f"batches of {size}" for size in BATCHES]
        usual = BATCHES.index(USUAL)
        yield f"batches, stopped early{words}", norm, [Rung(batch=size) for size in BATCHES], names, usual
        alike = [Rung(batch=size, epochs=fixed) for size in BATCHES]
        yield f"batches, {fixed} epochs{words}", norm, alike, names, usual
    names = [f"learning rate {rate:g}" for rate in RATES]
    yield "learning rates, stopped early", "none", [Rung(batch=USUAL, learning_rate=r) for r in RATES], names, 3
    names = [f"{count} epochs, {{}} steps" for count in EPOCHS]
    yield "epochs", "none", [Rung(batch=USUAL, epochs=count) for count in EPOCHS], names, 3


def measure(
    problem: Problem,
    resamples: Resamples,
    aside: Problem,
    rungs: Sequence[Rung],
    norm: str,
    usual: int,
    hidden: tuple[int, ...],
    most: int,
    seeds: int,
) -> Iterator[dict[str, object]]:
    """One line a rung."""
    told = all(rung.epochs is not None for rung in rungs)
    used = Resamples.full(resamples.weights(0)) if told else resamples
    climbed = climb(problem, used, rungs, hidden=hidden, norm=norm, seeds=seeds, seed=0, most=most)
    judge, taught = Judge(problem, resamples, aside), Judge(problem, resamples, problem)
    lost = [judge.lose(climbed.nets[r, 0]) for r in range(len(rungs))]
    base, lucky = lost[usual]
    for r, (loss, luck) in enumerate(lost):
        epochs = int(climbed.stop[r, 0])
        training, own = taught.lose(climbed.nets[r, 0])
        variances = [float(one.var(ddof=1)) / seeds for one in (luck, luck - lucky, luck - own)]
        mean, error = judge.units.mean(loss)
        more, more_error = judge.units.mean(loss - base)
        gap_error = np.hypot(error, taught.units.mean(training)[1])
        steps = epochs * max(1, round(len(problem.y) / rungs[r].batch))
        yield {"epochs": epochs, "steps": steps, "training": float(training.mean())} | {
            name: [float(value), float(np.hypot(e, v**0.5))]
            for name, value, e, v in (
                ("loss", mean, error, variances[0]),
                ("more than usual", more, more_error, variances[1]),
                ("gap", mean - training.mean(), gap_error, variances[2]),
            )
        }


def main() -> None:
    """One line of JSON for each table, ladder and rung."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", help="NAME:TARGET:ROWS, of DIR/NAME.csv.gz")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--fixed", type=int, default=30, help="epochs of the ladders that no curve stops")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    for word in given.tables:
        name, target, rows = word.split(":")
        start = time.process_time()
        problem, resamples, aside = split(given.data / f"{name}.csv.gz", target, int(rows), given.folds, 0)
        for title, norm, rungs, names, usual in ladders(given.fixed):
            shape = (tuple(given.hidden), given.most, given.seeds)
            for called, line in zip(names, measure(problem, resamples, aside, rungs, norm, usual, *shape), strict=True):
                base = names[usual].partition(",")[0]
                said = {"table": name, "ladder": title, "rung": called.format(line["steps"]), "usual": base}
                print(json.dumps(said | line | {"CPU s": round(time.process_time() - start, 1)}), flush=True)


if __name__ == "__main__":
    main()
