"""What each regularizer buys a net: ``python -m benchmarks.regularizers NAME:TARGET:ROWS ... --data DIR``.

All variants of a net, a rung each, climb one ladder: on the same folds, with the same seeds, batches and starts. Losses
are those of rows that the nets have not seen; differences are paired with the plain net, which is stopped early as all
are, and their standard errors include the seeds. *No stop* is the plain net after the last epoch that any variant was
still walking, trained to its end.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from rightfit.contracts import Problem
from rightfit.data.table import read_table
from rightfit.learners._network.forward import forward
from rightfit.learners._network.ladder import climb
from rightfit.learners._network.proposing import choose_batch
from rightfit.learners._network.rungs import Rung
from rightfit.records import Resamples
from rightfit.rules._averages import Units
from rightfit.search.dealing import deal
from rightfit.search.options import FitOptions
from rightfit.search.prepare import prepare

VARIANTS = {
    "plain, early stop": Rung(),
    "decay 1": Rung(decay=1.0),
    "decay 5": Rung(decay=5.0),
    "L1 0.03": Rung(l1=0.03),
    "dropout 0.2": Rung(dropout=0.2),
    "dropout 0.5": Rung(dropout=0.5),
    "noise 0.3": Rung(noise=0.3),
    "mixup 0.2": Rung(mixup=0.2),
    "smoothing 0.05": Rung(smoothing=0.05),
    "decay 3, dropout 0.2, noise 0.1": Rung(decay=3.0, dropout=0.2, noise=0.1),
}
SEEDS = 3


def state(path: Path, target: str, rows: int, folds: int, seed: int = 0) -> tuple[Problem, Resamples]:
    """At most so many rows that teach, in folds; all other rows judge the first fold's models where there are more."""
    options = FitOptions(target=target, folds=folds)
    prepared = prepare(read_table(path), options)
    problem, dealt = prepared.rows.problem, deal(prepared, options).folds
    n = len(problem.y)
    if n <= rows:
        return problem, dealt
    order = np.random.default_rng(seed).permutation(n)
    part = np.zeros(n, np.int64)
    part[order[: folds * (rows // folds)]] = 1 + np.arange(folds * (rows // folds)) % folds
    scored = part == np.arange(folds + 1)[:, None]
    scored[0] = False
    multiplicity = ((part > 0) & ~scored).astype(np.uint8)
    return problem, replace(dealt, multiplicity=multiplicity, scored=scored, name=f"{folds} folds of {rows} rows")


def compare(problem: Problem, resamples: Resamples, hidden: tuple[int, ...], most: int) -> list[dict[str, object]]:
    """One line for each variant."""
    smooths = problem.loss.predicts in ("probability", "class")
    variants = {name: rung for name, rung in VARIANTS.items() if smooths or not rung.smoothing}
    batch = choose_batch(int((resamples.multiplicity[1] > 0).sum()))
    shape = {"hidden": hidden, "batch": batch, "rate": 0.005, "seeds": SEEDS, "seed": 0}
    climbed = climb(problem, resamples, list(variants.values()), epochs=None, most=most, full=False, **shape)  # type: ignore[arg-type]
    ended = climb(problem, resamples, [Rung()], epochs=int(climbed.epochs[-1]), most=most, full=False, **shape)  # type: ignore[arg-type]
    rows = np.flatnonzero(resamples.scored.any(axis=0))
    lost = {name: np.zeros(len(problem.y)) for name in (*variants, "plain, no stop")}
    from rightfit.learners._network.inputs import Inputs, spread_of

    for k in range(1, len(resamples)):
        share = resamples.weights(k) / resamples.weights(k).sum()
        inputs = Inputs.of(problem.design, share[:, None])[0]
        constant = problem.constant(share)
        spread = spread_of(problem, share, constant)
        judged = np.flatnonzero(resamples.scored[k])
        cells = inputs.read(problem.design.take(judged))
        every = [*((name, climbed.nets[r, k]) for r, name in enumerate(variants)), ("plain, no stop", ended.nets[0, k])]
        for name, layers in every:
            lost[name][judged] = problem.lose(judged, constant + spread * forward(layers, cells))
    units = Units.make(rows, resamples.weight, np.arange(len(problem.y)))
    plain = lost["plain, early stop"][rows]
    luck = {name: climbed.luck[:, 1 + r] for r, name in enumerate(variants)} | {"plain, no stop": ended.luck[:, 1]}
    lines = []
    for name in ("plain, no stop", *variants):
        mean, _ = units.mean(lost[name][rows])
        gain, error = units.mean(lost[name][rows] - plain)
        drawn = float((luck[name] - luck["plain, early stop"]).var(ddof=1)) / SEEDS
        lines.append({"net": name, "loss": mean, "less than plain": -gain, "error": float(np.hypot(error, drawn**0.5))})
    return lines


def main() -> None:
    """One line of JSON for each table and net."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", help="NAME:TARGET:ROWS, of DIR/NAME.csv.gz")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--most", type=int, default=150)
    given = parser.parse_args()
    for word in given.tables:
        name, target, rows = word.split(":")
        problem, resamples = state(given.data / f"{name}.csv.gz", target, int(rows), given.folds)
        for line in compare(problem, resamples, tuple(given.hidden), given.most):
            print(json.dumps({"table": name, "rows": rows} | line), flush=True)


if __name__ == "__main__":
    main()
