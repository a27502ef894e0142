"""A forest with its evidence at scikit-learn's door."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.errors import DataError
from rightfit.estimators.distinct import number_rows
from rightfit.estimators.grown import settle, state
from rightfit.estimators.inputs import TrainingRows
from rightfit.estimators.parameters import check_choice, check_count, check_number
from rightfit.estimators.penalized import read_folds
from rightfit.evidence.crossfit import score_paths
from rightfit.learners.forest import Forest
from rightfit.records import Resamples

EVIDENCE = ("out_of_bag", "folds")


def fit_forest(
    estimator: Any,
    rows: TrainingRows,
    y: np.ndarray,
    weight: np.ndarray,
    loss: Loss,
    groups: Any,
    *,
    even: np.ndarray | None,
) -> None:
    """Grow once and judge every row by the trees that have not drawn it, or grow once a fold; choose the shrinkage."""
    learner = make_forest(estimator)
    problem = state(estimator, rows, y, loss)
    if check_choice("evidence", estimator.evidence, EVIDENCE) == "folds":
        resamples = read_folds(estimator, rows, y, groups, even=even, weight=weight)
        paths = learner.grow_paths(problem, resamples)
        path, evidence = paths[0], score_paths(paths, problem, resamples)
    else:
        resamples = _whole(rows, y, weight, groups)
        path = learner.grow_paths(problem, resamples)[0]
        evidence = learner.out_of_bag(problem, resamples, path)
    settle(estimator, path, evidence, resamples, loss)
    estimator.learner_ = learner
    estimator.convergence_ = path.picture(estimator.choice_.step).convergence
    estimator.path_ = path.without_rows()


def make_forest(estimator: Any) -> Forest:
    """The learner with the estimator's options."""
    given = None
    if estimator.strengths is not None:
        values = np.atleast_1d(np.asarray(estimator.strengths, dtype=object))
        given = np.unique([check_number(f"strengths[{k}]", value) for k, value in enumerate(values)])[::-1]
    return Forest(
        n_estimators=check_count("n_estimators", estimator.n_estimators),
        max_features=estimator.max_features,
        max_depth=estimator.max_depth,
        min_samples_split=estimator.min_samples_split,
        min_samples_leaf=estimator.min_samples_leaf,
        max_leaf_nodes=estimator.max_leaf_nodes,
        max_samples=check_number("max_samples", estimator.max_samples, most=1.0, above=True),
        criterion=estimator.criterion,
        strengths=given,
        count=check_count("count", estimator.count),
        seed=check_count("seed", estimator.seed, least=0),
        threads=check_count("threads", estimator.threads),
    )


def _whole(rows: TrainingRows, y: np.ndarray, weight: np.ndarray, groups: Any) -> Resamples:
    """The full fit alone; equal rows, or those of a group, are one unit of a bag."""
    n = len(y)
    unit = number_rows(rows.X, y) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if len(unit) != n:
        raise DataError(f"groups has {len(unit)} values for {n} rows; give one for each row")
    if len(np.unique(unit[weight > 0])) < 2:
        raise DataError(f"out-of-bag rows need at least two different rows: n_samples = {n}")
    return Resamples(weight, np.ones((1, n), np.uint8), np.zeros((1, n), bool), name="full fit", unit=unit)
