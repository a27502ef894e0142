"""Curves of boosting beside those of others, in one process and one thread: ``python -m benchmarks.boosting``.

Everybody grows the same trees on the same folds with the same settings, as far as the libraries let them:

grid search   scikit-learn's GridSearchCV over 20 values of ``n_estimators`` of XGBoost's estimator, evenly up to the
              last one: a fit for each value and fold, and the refit
xgb.cv        XGBoost's own cross-validation up to the same last round, with neither a model nor a row's loss
rightfit      a walk for each fold and the full fit until the curves have settled; with all rounds of the grid; and
              these without a full fit (the folds' models are averaged), which is the work that xgb.cv does

CPU seconds, so that a busy machine matters little; medians over rounds of alternating runs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.boosting import Boosting

SETTINGS: dict[str, Any] = {"learning_rate": 0.1, "max_depth": 4, "min_child_weight": 3.0, "reg_lambda": 1.0}
VALUES = 20


def make(task: str, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Products and steps of a few columns, with noise."""
    r = np.random.default_rng(0)
    X = r.normal(size=(n, p)).astype(np.float32).astype(np.float64)
    eta = X[:, 0] * X[:, 1] + 2 * (X[:, 2] > 0.3) + np.sin(3 * X[:, 3]) + 0.5 * X[:, 4]
    if task == "squared":
        return X, eta + 3 * r.normal(size=n)
    return X, (r.random(n) < 1 / (1 + np.exp(-0.5 * eta))).astype(float)


def race(task: str, n: int, p: int, rounds: int, folds: int, repeats: int) -> dict[str, Any]:
    """Median CPU seconds of each, what each found (in its own measure), and the ratios."""
    import xgboost

    X, y = make(task, n, p)
    problem = Problem(make_design(X), y, catalog.find("losses", task)(), np.zeros(n))
    resamples = make_folds(n, folds=folds)
    fold = resamples.scored[1:].argmax(axis=0)
    learner = Boosting(rounds=rounds, **SETTINGS)
    grid = [int(k) for k in np.linspace(rounds / VALUES, rounds, VALUES)]
    kind = xgboost.XGBRegressor if task == "squared" else xgboost.XGBClassifier
    score = "neg_mean_squared_error" if task == "squared" else "neg_log_loss"
    native: dict[str, Any] = {"objective": "reg:squarederror" if task == "squared" else "binary:logistic", "nthread": 1}
    native |= {"tree_method": "hist", "eta": 0.1, "max_depth": 4, "min_child_weight": 3.0, "lambda": 1.0}

    def walk(own: Boosting) -> float:
        evidence = crossfit(problem, resamples, own)[1]
        return float(evidence.loss.mean(axis=0).min())

    def grid_search() -> float:
        search = GridSearchCV(
            kind(n_jobs=1, tree_method="hist", **SETTINGS),
            {"n_estimators": grid},
            cv=PredefinedSplit(fold),
            scoring=score,
        )
        search.fit(X, y.astype(int) if task == "logistic" else y)
        return float(-search.best_score_)

    def library() -> float:
        rows = xgboost.DMatrix(X, y, nthread=1)
        pairs = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
        found: Any = xgboost.cv(native, rows, rounds, folds=pairs)
        name = next(c for c in found.columns if c.startswith("test") and c.endswith("mean"))
        return float(found[name].min())

    contestants: dict[str, Callable[[], float]] = {
        "rightfit": lambda: walk(replace(learner, rounds=None)),
        "rightfit, all rounds": lambda: walk(learner),
        "rightfit, folds alone": lambda: walk(replace(learner, refit="averaged")),
        "grid search": grid_search,
        "xgb.cv": library,
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    found: dict[str, float] = {}
    for _ in range(repeats):
        for name, run in contestants.items():
            start = time.process_time()
            found[name] = run()
            seconds[name].append(time.process_time() - start)
    median = {name: float(np.median(values)) for name, values in seconds.items()}
    return {
        "task": task,
        "rows": n,
        "columns": p,
        "rounds": rounds,
        "folds": folds,
        "seconds": median,
        "least held-out loss": found,
        "grid search / rightfit": median["grid search"] / median["rightfit"],
        "grid search / rightfit, all rounds": median["grid search"] / median["rightfit, all rounds"],
        "grid search / rightfit, folds alone": median["grid search"] / median["rightfit, folds alone"],
        "xgb.cv / rightfit": median["xgb.cv"] / median["rightfit"],
        "xgb.cv / rightfit, folds alone": median["xgb.cv"] / median["rightfit, folds alone"],
    }


def main() -> None:
    """Print a table and one line of JSON a race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="one small race")
    options = parser.parse_args()
    races = [("squared", 2000, 20, 500, 5)]
    if not options.small:
        races += [("logistic", 5000, 20, 500, 10), ("squared", 20_000, 20, 500, 5)]
    for task, n, p, rounds, folds in races:
        record = race(task, n, p, rounds, folds, options.repeats)
        print(f"{task}, {n:,} rows, {p} columns, {rounds} rounds, {folds} folds")
        for name, seconds in record["seconds"].items():
            print(f"    {name:36} {seconds:8.2f} s   least held-out loss {record['least held-out loss'][name]:.5f}")
        for name, ratio in record.items():
            if " / " in name:
                print(f"    {name:36} {ratio:8.2f}")
        print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
