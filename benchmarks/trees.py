"""Paths of trees beside those of others, in one run and one thread: ``python -m benchmarks.trees``.

pruning      scikit-learn's GridSearchCV over 100 values of ``ccp_alpha``, the prices of rightfit's path; five folds
shrinkage    imodels' HSTreeRegressorCV and HSTreeClassifierCV: first as they are without any argument, which is a tree
             of 20 leaves at most, three folds and seven strengths; then whole trees over 100 strengths, five folds.
             From benchmarks/.venv, or from the interpreter that ``--peer`` names. Left out where it is not there.
growing      the trees of all rows and of the folds alone, which everybody must grow at least: no ratio can be larger
             than the other's time over this

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
USUAL_LEAVES, USUAL_FOLDS = 20, 3
USUAL_STRENGTHS = np.array([500.0, 100.0, 50.0, 10.0, 1.0, 0.1, 0.0])
"""What imodels' cross-validated classes take where they are given nothing (version 3.0)."""
ROOT = Path(__file__).resolve().parents[1]


def make(task: str, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Products and steps of a few columns, with noise; columns are float32 numbers, as trees see them."""
    r = np.random.default_rng(0)
    X = r.normal(size=(n, p)).astype(np.float32).astype(np.float64)
    eta = X[:, 0] * X[:, 1] + 2 * (X[:, 2] > 0.3) + np.sin(3 * X[:, 3]) + 0.5 * X[:, 4]
    if task == "squared":
        return X, eta + r.normal(size=n)
    return X, (r.random(n) < 1 / (1 + np.exp(-eta))).astype(float)


def folds_in_order(n: int, folds: int = FOLDS) -> Resamples:
    """Runs of rows, as scikit-learn's KFold deals them."""
    return make_folds(n, column=np.sort(np.arange(n) % folds))


def state(task: str, X: np.ndarray, y: np.ndarray) -> Problem:
    """The rows as a problem."""
    return Problem(make_design(X), y, catalog.find("losses", task)(), np.zeros(len(y)))


def time_growing(
    task: str, X: np.ndarray, y: np.ndarray, resamples: Resamples, repeats: int, **limits: int | None
) -> float:
    """Median CPU seconds of the trees of all rows and of the folds, by scikit-learn."""
    kind = DecisionTreeRegressor if task == "squared" else DecisionTreeClassifier
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        for times in resamples.multiplicity:
            kind(random_state=0, **limits).fit(X[times > 0], y[times > 0])
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


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
        "growing": time_growing(task, X, y, resamples, repeats, min_samples_leaf=leaf),
        "largest relative difference": float(np.max(np.abs(ours / theirs - 1))),
    }


def race_shrinkage(task: str, n: int, p: int, leaf: int | None, repeats: int, peer: Path) -> dict[str, Any]:
    """The same for hierarchical shrinkage; ``leaf`` is None for imodels' class as it is without any argument."""
    X, y = make(task, n, p)
    usual = leaf is None
    folds = USUAL_FOLDS if usual else FOLDS
    strengths = USUAL_STRENGTHS if usual else np.geomspace(1000.0, 0.1, COUNT)
    limits: dict[str, Any] = {"max_leaf_nodes": USUAL_LEAVES} if usual else {}
    limits["min_samples_leaf"] = leaf or 1
    problem, resamples = state(task, X, y), folds_in_order(n, folds)
    learner = Tree(**limits, smoothing=0.0, walk="shrinkage", strengths=strengths)
    seconds: dict[str, list[float]] = {"rightfit": [], "imodels": []}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work.npz"
        told: dict[str, Any] = {} if usual else {"strengths": strengths, "leaf": leaf, "folds": folds}
        np.savez(work, X=X, y=y, classes=task != "squared", **told)
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
    if not np.array_equal(answer["strengths"], strengths[::-1] if usual else strengths):
        raise RuntimeError(f"imodels walked {answer['strengths']}")
    theirs = np.array(answer["scores"][::-1] if usual else answer["scores"])
    ours = np.zeros(len(strengths))
    for k in range(1, folds + 1):
        rows = np.flatnonzero(resamples.scored[k])
        eta = paths[k].predict(problem.design.take(rows))[:, :, 0]
        if task == "squared":
            ours += ((eta - y[rows]) ** 2).mean(axis=1) / folds
        else:
            ours += np.array([log_loss(y[rows], 1 / (1 + np.exp(-part))) for part in eta]) / folds
    return {
        "race": "shrinkage, imodels' defaults" if usual else "shrinkage",
        "task": task,
        "rows": n,
        "columns": p,
        "nodes": learner.fit_paths(problem, Resamples.full(np.ones(n)))[0].tree.nodes,
        "steps": len(strengths),
        "seconds": {name: float(np.median(values)) for name, values in seconds.items()},
        "growing": time_growing(task, X, y, resamples, repeats, **limits),
        "largest relative difference": float(np.max(np.abs(ours / theirs - 1))),
    }


def main() -> None:
    """Print a line and its JSON for each race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="one small race of each kind")
    parser.add_argument("--only", choices=("pruning", "shrinkage"), help="these races alone")
    parser.add_argument("--peer", type=Path, default=PYTHON, help="Python that has imodels")
    options = parser.parse_args()
    races = [
        ("squared", 1000, 10, 1),
        ("squared", 5000, 20, 5),
        ("logistic", 5000, 20, 2),
        ("squared", 2000, 20, 1),
        ("squared", 5000, 20, 1),
    ]
    usual = [("squared", 1000, 10), ("squared", 5000, 20), ("logistic", 5000, 20)]
    if options.small:
        races, usual = races[:1], usual[:1]
    has = (
        options.peer.exists()
        and not subprocess.run([str(options.peer), "-c", "import imodels"], capture_output=True, check=False).returncode
    )
    if not has:
        print("imodels is not there and is left out: python -m benchmarks.environment installs it")
    shrinkage = has and options.only != "pruning"
    for task, n, p in usual if shrinkage else ():
        show(race_shrinkage(task, n, p, None, options.repeats, options.peer))
    for task, n, p, leaf in races:
        if options.only != "shrinkage":
            show(race_pruning(task, n, p, leaf, options.repeats))
        if shrinkage:
            show(race_shrinkage(task, n, p, leaf, options.repeats, options.peer))


def show(record: dict[str, Any]) -> None:
    """A line, and its JSON."""
    (_, mine), (name, theirs) = record["seconds"].items()
    print(
        f"{record['race']:28} {record['task']:8} {record['rows']:6,} rows, {record['nodes']:6,} nodes: rightfit "
        f"{mine:7.3f} s, {name} {theirs:8.3f} s, {theirs / mine:6.1f} times, of at most "
        f"{theirs / record['growing']:.1f} (growing alone {record['growing']:.3f} s); losses differ by at most "
        f"{record['largest relative difference']:.1e}"
    )
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
