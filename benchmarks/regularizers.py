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
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rightfit.contracts import Problem, Wishes
from rightfit.data.table import read_table
from rightfit.evidence.crossfit import crossfit
from rightfit.learners._network.forward import Layers, forward
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
    """The rows set aside: what nets lose on them, of all seeds together and of each alone."""

    def __init__(self, problem: Problem, resamples: Resamples, aside: Problem):
        share = resamples.weights(0) / resamples.weights(0).sum()
        self.aside, self.constant = aside, problem.constant(share)
        self.spread = spread_of(problem, share, self.constant)
        self.cells = Inputs.of(problem.design, share[:, None])[0].read(aside.design)
        every = np.arange(len(aside.y))
        self.units = Units.make(every, np.ones(len(every)), every)

    def lose(self, layers: Layers) -> tuple[np.ndarray, np.ndarray]:
        """(n,) losses of the mean net, and (S,) mean losses of each seed's own."""
        every = np.arange(len(self.aside.y))
        alone = [tuple((w[s : s + 1], b[s : s + 1]) for w, b in layers) for s in range(len(layers[0][0]))]
        said = [forward(one, self.cells) for one in alone]
        lost = [self.aside.lose(every, self.constant + self.spread * one) for one in (sum(said) / len(said), *said)]
        return lost[0], np.array([float(one.mean()) for one in lost[1:]])


def compare(
    problem: Problem, resamples: Resamples, aside: Problem, hidden: tuple[int, ...], most: int, seeds: int
) -> Iterator[dict[str, object]]:
    """One line for each variant."""
    judge = Judge(problem, resamples, aside)
    smooths = problem.loss.predicts in ("probability", "class")
    usual = Rung(batch=choose_batch(len(problem.y)))
    rungs = {name: replace(usual, **more) for name, more in VARIANTS.items() if smooths or "smoothing" not in more}  # type: ignore[arg-type]
    shape: dict[str, Any] = {"hidden": hidden, "seeds": seeds, "seed": 0, "most": most}
    plain: tuple[np.ndarray, np.ndarray] | None = None

    def line(name: str, layers: Layers, epochs: int, words: str = "") -> dict[str, object]:
        nonlocal plain
        lost, luck = judge.lose(layers)
        plain = plain or (lost, luck)
        drawn = [float(one.var(ddof=1)) / seeds for one in (luck, luck - plain[1])]
        mean, error = judge.units.mean(lost)
        more, more_error = judge.units.mean(lost - plain[0])
        found: dict[str, object] = {"net": name, "epochs": epochs, "loss": mean, "loss error": _add(error, drawn[0])}
        found |= {"percent": 100 * more / float(plain[0].mean())}
        found |= {"percent error": 100 * _add(more_error, drawn[1]) / float(plain[0].mean())}
        return found | ({"what": words} if words else {})

    climbed = climb(problem, resamples, list(rungs.values()), **shape)
    for r, name in enumerate(rungs):
        yield line(name, climbed.nets[r, 0], int(climbed.stop[r, 0]))
    full = Resamples.full(resamples.weights(0))
    ended = climb(problem, full, [replace(usual, epochs=most)], **shape)
    yield line("plain, not stopped", ended.nets[0, 0], most)
    normal = climb(problem, resamples, [usual, replace(usual, dropout=0.2)], norm="batch", **shape)
    yield line("batch normalization", normal.nets[0, 0], int(normal.stop[0, 0]))
    yield line("batch normalization, dropout 0.2", normal.nets[1, 0], int(normal.stop[1, 0]))
    proposed = Network.propose(problem, resamples, Wishes())[0]
    learner = replace(proposed, seeds=seeds, most=min(most, proposed.most))
    paths, evidence = crossfit(problem, resamples, learner)
    step, path = Best().choose(evidence).step, paths[0]
    assert isinstance(path, NetworkPath) and step > 0
    words = f"{learner.words.partition(', ')[2]}, {path.axis.say(step, path.strengths[step])}"
    yield line("chosen", path.nets[step - 1], int(path.stop[step]), words)


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
    given = parser.parse_args()
    for word in given.tables:
        name, target, rows = word.split(":")
        start = time.process_time()
        problem, resamples, aside = split(given.data / f"{name}.csv.gz", target, int(rows), given.folds, 0)
        sizes = {"table": name, "rows": len(problem.y), "judging": len(aside.y), "columns": problem.design.p}
        for line in compare(problem, resamples, aside, tuple(given.hidden), given.most, given.seeds):
            print(json.dumps(sizes | line | {"CPU s": round(time.process_time() - start, 1)}), flush=True)


if __name__ == "__main__":
    main()
