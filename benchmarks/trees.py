"""Paths of trees beside those of others, in one run and one thread: ``python -m benchmarks.trees``.

pruning      scikit-learn's GridSearchCV over 100 values of ``ccp_alpha``, the prices of rightfit's path; five folds
shrinkage    imodels' HSTreeRegressorCV and HSTreeClassifierCV over 100 strengths, five folds; from benchmarks/.venv, or
             from the interpreter that ``--peer`` names. Left out where it is not there.
growing      the six trees alone, which everybody must grow at least

Everybody grows the same trees on the same folds. What is compared: CPU seconds, so that a busy machine matters little,
medians over rounds of alternating runs; and the mean held-out loss at every strength, which must be the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from benchmarks.environment import PYTHON
from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.tree import Tree
from rightfit.records import Resamples

COUNT, FOLDS = 100, 5
ROOT = Path(__file__).resolve().parents[1]


def make(task: str, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Products and steps of a few columns, with noise; columns are float32 numbers, as trees see them."""
    r = np.random.default_rng(0)
    X = r.normal(size=(n, p)).astype(np.float32).astype(np.float64)
    eta = X[:, 0] * X[:, 1] + 2 * (X[:, 2] > 0.3) + np.sin(3 * X[:, 3]) + 0.5 * X[:, 4]
    if task == "squared":
        return X, eta + r.normal(size=n)
    return X, (r.random(n) < 1 / (1 + np.exp(-eta))).astype(float)


def folds_in_order(n: int) -> Resamples:
    """Five runs of rows, as scikit-learn's KFold deals them."""
    return make_folds(n, column=np.sort(np.arange(n) % FOLDS))


def state(task: str, X: np.ndarray, y: np.ndarray) -> Problem:
    """The rows as a problem."""
    return Problem(make_design(X), y, catalog.find("losses", task)(), np.zeros(len(y)))


def time_growing(task: str, X: np.ndarray, y: np.ndarray, leaf: int, resamples: Resamples) -> float:
    """CPU seconds of the trees of all rows and of the folds, by scikit-learn."""
    kind = DecisionTreeRegressor if task == "squared" else DecisionTreeClassifier
    start = time.process_time()
    for times in resamples.multiplicity:
        kind(random_state=0, min_samples_leaf=leaf).fit(X[times > 0], y[times > 0])
    return time.process_time() - start


def race_pruning(task: str, n: int, p: int, leaf: int, repeats: int) -> dict[str, Any]:
    """Median CPU seconds of both, and the largest relative difference of their held-out losses."""
    X, y = make(task, n, p)
    problem, resamples = state(task, X, y), folds_in_order(n)
    learner = Tree(min_samples_leaf=leaf, smoothing=0.0)
    whole = learner.fit_paths(problem, Resamples.full(np.ones(n)))[0]
    # as many prices as were asked for, geometrically between the first cut and the last
    prices = whole.price[np.isfinite(whole.price) & (whole.price > 0)]
    alphas = np.geomspace(prices.max() * 1.001, prices.min(), COUNT)
    own = Tree(min_samples_leaf=leaf, smoothing=0.0, strengths=alphas)
    kind = DecisionTreeRegressor if task == "squared" else DecisionTreeClassifier
    # held-out shares of a leaf of one class cost infinitely much: squared errors of shares compare classes
    score = "neg_mean_squared_error" if task == "squared" else "neg_brier_score"
    seconds: dict[str, list[float]] = {"rightfit": [], "scikit-learn": []}
    for _ in range(repeats):
        start = time.process_time()
        paths, evidence = crossfit(problem, resamples, own)
        seconds["rightfit"].append(time.process_time() - start)
        search = GridSearchCV(
            kind(random_state=0, min_samples_leaf=leaf),
            {"ccp_alpha": alphas},
            cv=PredefinedSplit(resamples.scored[1:].argmax(axis=0)),
            scoring=score,
        )
        start = time.process_time()
        search.fit(X, y)
        seconds["scikit-learn"].append(time.process_time() - start)
    theirs = -search.cv_results_["mean_test_score"]
    if task == "squared":
        ours = 2 * evidence.loss.mean(axis=0, dtype=np.float64)
    else:
        ours = np.zeros(COUNT)
        for k in range(1, FOLDS + 1):
            rows = np.flatnonzero(resamples.scored[k])
            eta = paths[k].predict(problem.design.take(rows))[:, :, 0]
            ours += ((1 / (1 + np.exp(-eta)) - y[rows]) ** 2).mean(axis=1) / FOLDS
    return {
        "race": "pruning",
        "task": task,
        "rows": n,
        "columns": p,
        "nodes": whole.tree.nodes,
        "steps": COUNT,
        "seconds": {name: float(np.median(values)) for name, values in seconds.items()},
        "growing": time_growing(task, X, y, leaf, resamples),
        "largest relative difference": float(np.max(np.abs(ours / theirs - 1))),
    }


def race_shrinkage(task: str, n: int, p: int, leaf: int, repeats: int, peer: Path) -> dict[str, Any]:
    """The same for hierarchical shrinkage."""
    X, y = make(task, n, p)
    problem, resamples = state(task, X, y), folds_in_order(n)
    strengths = np.geomspace(1000.0, 0.1, COUNT)
    learner = Tree(min_samples_leaf=leaf, smoothing=0.0, walk="shrinkage", strengths=strengths)
    seconds: dict[str, list[float]] = {"rightfit": [], "imodels": []}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work.npz"
        np.savez(work, X=X, y=y, strengths=strengths, leaf=leaf, folds=FOLDS, classes=task != "squared")
        for _ in range(repeats):
            start = time.process_time()
            paths, _ = crossfit(problem, resamples, learner)
            seconds["rightfit"].append(time.process_time() - start)
            done = subprocess.run(
                [str(peer), "-m", "benchmarks.imodels_peer", str(work)], cwd=ROOT, capture_output=True, text=True
            )
            if done.returncode:
                raise RuntimeError(done.stderr.strip()[-500:])
            answer = json.loads(done.stdout.splitlines()[-1])
            seconds["imodels"].append(answer["seconds"])
    ours = np.zeros(COUNT)
    for k in range(1, FOLDS + 1):
        rows = np.flatnonzero(resamples.scored[k])
        eta = paths[k].predict(problem.design.take(rows))[:, :, 0]
        if task == "squared":
            ours += ((eta - y[rows]) ** 2).mean(axis=1) / FOLDS
        else:
            ours += np.array([log_loss(y[rows], 1 / (1 + np.exp(-part))) for part in eta]) / FOLDS
    return {
        "race": "shrinkage",
        "task": task,
        "rows": n,
        "columns": p,
        "nodes": learner.fit_paths(problem, Resamples.full(np.ones(n)))[0].tree.nodes,
        "steps": COUNT,
        "seconds": {name: float(np.median(values)) for name, values in seconds.items()},
        "growing": time_growing(task, X, y, leaf, resamples),
        "largest relative difference": float(np.max(np.abs(ours / np.array(answer["scores"]) - 1))),
    }


def main() -> None:
    """Print a line and its JSON for each race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="one small race of each kind")
    parser.add_argument("--peer", type=Path, default=PYTHON, help="Python that has imodels")
    options = parser.parse_args()
    races = [
        ("squared", 1000, 10, 1),
        ("squared", 5000, 20, 5),
        ("logistic", 5000, 20, 2),
        ("squared", 2000, 20, 1),
        ("squared", 5000, 20, 1),
    ]
    if options.small:
        races = races[:1]
    has = (
        options.peer.exists()
        and not subprocess.run([str(options.peer), "-c", "import imodels"], capture_output=True, check=False).returncode
    )
    if not has:
        print("imodels is not there and is left out: python -m benchmarks.environment installs it")
    for task, n, p, leaf in races:
        records = [race_pruning(task, n, p, leaf, options.repeats)]
        if has:
            records.append(race_shrinkage(task, n, p, leaf, options.repeats, options.peer))
        for record in records:
            (_, mine), (name, theirs) = record["seconds"].items()
            print(
                f"{record['race']:9} {task:8} {n:6,} rows, {record['nodes']:6,} nodes: rightfit {mine:7.3f} s, "
                f"{name} {theirs:8.3f} s, {theirs / mine:6.1f} times (growing alone {record['growing']:.3f} s); "
                "losses differ by at most "
                f"{record['largest relative difference']:.1e}"
            )
            print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
