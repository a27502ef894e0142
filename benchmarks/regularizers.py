"""What each regularizer buys a net: ``python -m benchmarks.regularizers NAME:TARGET:ROWS ... --data DIR``.

About so many rows of each table teach, a tenth at least; all others are set aside before anything is learned and judge
once. All variants of a net, a rung each, climb one ladder on folds of the rows that teach, which tell each variant's
epoch; then they learn from all rows that teach, with the same seeds, batches and starts. Differences on the rows set
aside are paired with the plain net, which is stopped early as all are. Their standard errors are those over rows and
the variance from seed to seed over the number of seeds, as everywhere in rightfit.

*not stopped* is the plain net after ``--most`` epochs. *chosen* is what rightfit takes of itself, settings that won its
race and the strength of weight decay that is best on the folds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rightfit.contracts import Problem, Wishes
from rightfit.data.table import read_table
from rightfit.evidence.crossfit import crossfit
from rightfit.learners._network.bodies import Body, Dense, Nets
from rightfit.learners._network.inputs import Inputs, spread_of
from rightfit.learners._network.ladder import climb
from rightfit.learners._network.proposing import choose_batch
from rightfit.learners._network.rungs import Rung
from rightfit.learners.network import Network, NetworkPath
from rightfit.records import Resamples
from rightfit.rules._averages import Units
from rightfit.rules.best import Best
from rightfit.search.dealing import deal
from rightfit.search.options import FitOptions
from rightfit.search.prepare import prepare

PLAIN = "plain, stopped early"
VARIANTS: dict[str, dict[str, float]] = {
    PLAIN: {},
    "decay 1": {"decay": 1.0},
    "decay 5": {"decay": 5.0},
    "L1 0.03": {"l1": 0.03},
    "dropout 0.2": {"dropout": 0.2},
    "dropout 0.5": {"dropout": 0.5},
    "noise 0.3": {"noise": 0.3},
    "mixup 0.2": {"mixup": 0.2},
    "smoothing 0.05": {"smoothing": 0.05},
    "decay 3, dropout 0.2, noise 0.1": {"decay": 3.0, "dropout": 0.2, "noise": 0.1},
}


def split(path: Path, target: str, rows: int, folds: int, seed: int) -> tuple[Problem, Resamples, Problem]:
    """Rows that teach, in folds, and those that judge; whatever the columns need learns from the first alone."""
    table = read_table(path)
    share = 1 - rows / table.frame.height
    options = FitOptions(target=target, folds=folds, holdout=share, seed=seed)
    prepared = prepare(table, options)
    assert prepared.aside is not None
    return prepared.rows.problem, deal(prepared, options).folds, prepared.aside.problem


class Judge:
    """The rows set aside: what nets of a ``body`` lose on them, of all seeds together and of each alone."""

    def __init__(self, problem: Problem, resamples: Resamples, aside: Problem, body: Body | None = None):
        share = resamples.weights(0) / resamples.weights(0).sum()
        self.aside, self.constant, self.body = aside, problem.constant(share), body or Dense(())
        self.spread = spread_of(problem, share, self.constant)
        self.cells = self.body.measure(Inputs.of(problem.design, share[:, None]))[0].read(aside.design)
        every = np.arange(len(aside.y))
        self.units = Units.make(every, np.ones(len(every)), every)

    def lose(self, nets: Nets) -> tuple[np.ndarray, np.ndarray]:
        """(n,) losses of the mean net, and (S,) mean losses of each seed's own."""
        every = np.arange(len(self.aside.y))
        said = [self.body.say(one, self.cells) for one in self.body.alone(nets)]
        lost = [self.aside.lose(every, self.constant + self.spread * one) for one in (sum(said) / len(said), *said)]
        return lost[0], np.array([float(one.mean()) for one in lost[1:]])


def compare(
    problem: Problem,
    resamples: Resamples,
    aside: Problem,
    hidden: tuple[int, ...],
    most: int,
    seeds: int,
    only: Collection[str],
) -> Iterator[dict[str, object]]:
    """One line for each variant; where there are any in ``only``, for those and the plain net alone."""
    smooths = problem.loss.predicts in ("probability", "class")
    usual = Rung(batch=choose_batch(len(problem.y)))
    rungs = {name: replace(usual, **more) for name, more in VARIANTS.items() if smooths or "smoothing" not in more}  # type: ignore[arg-type]
    shape: dict[str, Any] = {"seeds": seeds, "seed": 0, "most": most}
    plain: tuple[np.ndarray, np.ndarray] | None = None

    def wanted(name: str) -> bool:
        return not only or name == PLAIN or name in only

    def line(name: str, body: Body, nets: Nets, epochs: int, words: str = "") -> dict[str, object]:
        nonlocal plain
        judge = Judge(problem, resamples, aside, body)
        lost, luck = judge.lose(nets)
        plain = plain or (lost, luck)
        drawn = [float(one.var(ddof=1)) / seeds for one in (luck, luck - plain[1])]
        mean, error = judge.units.mean(lost)
        more, more_error = judge.units.mean(lost - plain[0])
        found: dict[str, object] = {"net": name, "epochs": epochs, "loss": mean, "loss error": _add(error, drawn[0])}
        found |= {"percent": 100 * more / float(plain[0].mean())}
        found |= {"percent error": 100 * _add(more_error, drawn[1]) / float(plain[0].mean())}
        return found | ({"what": words} if words else {})

    def climbs(names: dict[str, Rung], resamples: Resamples, norm: str = "none") -> Iterator[dict[str, object]]:
        some = {name: rung for name, rung in names.items() if wanted(name)}
        if some:
            body = Dense(hidden, norm)
            climbed = climb(problem, resamples, list(some.values()), body=body, **shape)
            for r, name in enumerate(some):
                yield line(name, body, climbed.nets[r, 0], int(climbed.stop[r, 0]))

    yield from climbs(rungs, resamples)
    yield from climbs({"plain, not stopped": replace(usual, epochs=most)}, Resamples.full(resamples.weights(0)))
    for norm in ("batch", "layer"):
        name = f"{norm} normalization"
        yield from climbs({name: usual, f"{name}, dropout 0.2": replace(usual, dropout=0.2)}, resamples, norm)
    if not wanted("chosen"):
        return
    proposed = Network.propose(problem, resamples, Wishes())[0]
    learner = replace(proposed, seeds=seeds, most=min(most, proposed.most))
    paths, evidence = crossfit(problem, resamples, learner)
    step, path = Best().choose(evidence).step, paths[0]
    assert isinstance(path, NetworkPath) and step > 0
    words = f"{learner.words.partition(', ')[2]}, {path.axis.say(step, path.strengths[step])}"
    yield line("chosen", path.body, path.nets[step - 1], int(path.stop[step]), words)


def _add(error: float, variance: float) -> float:
    return float(np.hypot(error, variance**0.5))


def main() -> None:
    """One line of JSON for each table and net, as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", help="NAME:TARGET:ROWS, of DIR/NAME.csv.gz")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], help="lines beside the plain net's; all where left out")
    given = parser.parse_args()
    for word in given.tables:
        name, target, rows = word.split(":")
        start = time.process_time()
        problem, resamples, aside = split(given.data / f"{name}.csv.gz", target, int(rows), given.folds, 0)
        sizes = {"table": name, "rows": len(problem.y), "judging": len(aside.y), "columns": problem.design.p}
        for line in compare(problem, resamples, aside, tuple(given.hidden), given.most, given.seeds, given.only):
            print(json.dumps(sizes | line | {"CPU s": round(time.process_time() - start, 1)}), flush=True)


if __name__ == "__main__":
    main()
