"""The choice of alpha and l1_ratio by cross-validation, as LassoCV and ElasticNetCV of scikit-learn make it."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.contracts import Design
from rightfit.errors import OptionError
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import null_loss, squared_loss, walk
from rightfit.estimators.folds import Split, as_resamples, split_rows
from rightfit.estimators.inputs import TrainingRows, read_regression, read_several
from rightfit.estimators.parameters import check_count, check_finite, check_flag, check_number, check_strengths

FEWEST = 1e-15
"""The alpha of a grid on which no column matters."""


@dataclass(frozen=True)
class Scored:
    """The path of one l1_ratio."""

    alphas: np.ndarray
    """(K,) decreasing."""
    mse: np.ndarray
    """(K, folds)"""
    coef: np.ndarray
    """(K, t, p) of the full fit."""
    intercept: np.ndarray
    """(K, t)"""
    gap: np.ndarray
    trace: Any


def fit_along_path(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    params: dict[str, Any],
    l1_ratios: Any,
    *,
    several: bool = False,
) -> tuple[float, np.ndarray]:
    """Fit, set scikit-learn's attributes, and return the chosen l1_ratio with all of them.

    The mean over folds of the (weighted) mean squared error on the rows left out decides; of equal ones the largest
    alpha. A weight counts as so many rows in the fit and in the error of its fold. ``several`` targets are tied: a
    column enters for all of them or for none.
    """
    intercept = check_flag("fit_intercept", estimator.fit_intercept)
    positive = not several and check_flag("positive", estimator.positive)
    ratios = np.array([check_number("l1_ratio", r, most=1.0) for r in np.atleast_1d(l1_ratios)])
    alphas, count = read_alphas(estimator.alphas, estimator.n_alphas)
    eps = check_finite("eps", estimator.eps, above=True)
    rows = (read_several if several else read_regression)(estimator, X, y, sample_weight)
    folds = split_rows(estimator, rows.X, squared_loss(rows.y)[0], sample_weight, params)
    options = {"intercept": intercept, "positive": positive}
    scored = []
    for ratio in ratios:
        grid = alphas if alphas is not None else make_grid(rows, float(ratio), count, eps, **options)
        scored.append(score_path(rows, folds, grid, float(ratio), **options))
    means = np.array([path.mse.mean(axis=1) for path in scored])
    best, step = np.unravel_index(np.argmin(means), means.shape)
    path = scored[best]
    check_finished([path.trace], [int(np.flatnonzero(path.trace.strengths == path.alphas[step])[0])])
    estimator.alpha_ = float(path.alphas[step])
    estimator.alphas_ = path.alphas if alphas is not None or len(ratios) == 1 else np.stack([s.alphas for s in scored])
    estimator.mse_path_ = np.squeeze(np.stack([s.mse for s in scored]))
    estimator.coef_ = path.coef[step] if several else path.coef[step, 0]
    estimator.intercept_ = path.intercept[step] if several and intercept else float(path.intercept[step, 0])
    estimator.dual_gap_ = float(path.gap[step])
    estimator.n_iter_ = 1
    return float(ratios[best]), ratios


def read_alphas(alphas: Any, n_alphas: Any) -> tuple[np.ndarray | None, int]:
    """A user's alphas in decreasing order, or how many to make."""
    if alphas is None:
        alphas = 100
    if n_alphas is not None:
        alphas = check_count("n_alphas", n_alphas) if isinstance(alphas, numbers.Integral) else alphas
    if isinstance(alphas, numbers.Integral):
        return None, check_count("alphas", alphas)
    return np.sort(check_strengths("alphas", alphas))[::-1], 0


def make_grid(
    rows: TrainingRows, l1_ratio: float, count: int, eps: float, *, intercept: bool, positive: bool
) -> np.ndarray:
    """``count`` alphas from the smallest one at which all coefficients are zero down to ``eps`` times that."""
    if l1_ratio == 0:
        raise OptionError("alphas must be given with l1_ratio=0: no alpha makes all coefficients of ridge zero")
    steepest = find_steepest(rows.design, rows.y, rows.weight, intercept=intercept, positive=positive) / l1_ratio
    if steepest <= FEWEST:
        return np.full(count, FEWEST)
    grid = steepest * np.geomspace(1.0, eps, count)
    grid[0] = steepest
    return np.asarray(grid)


def find_steepest(design: Design, y: np.ndarray, weight: np.ndarray, *, intercept: bool, positive: bool) -> float:
    """max_j ||x_j'(w (y - mean))|| / sum w over all targets (n, t), or of x_j'(...) alone where coefficients are
    positive."""
    share = weight / weight.sum()
    fill = design.moments(share[:, None])[0][:, 0]
    residual = share[:, None] * (y - share @ y if intercept else y)
    pull = design.correlate(residual, fill)
    pull = pull - np.outer(fill, residual.sum(axis=0)) if intercept else pull
    return float(max(0.0, pull.max())) if positive else float(np.linalg.norm(pull, axis=1).max())


def score_path(
    rows: TrainingRows, folds: list[Split], alphas: np.ndarray, l1_ratio: float, *, intercept: bool, positive: bool
) -> Scored:
    """All folds in one call; what each loses on the rows that it left out."""
    strengths = np.unique(alphas)[::-1]
    back = np.searchsorted(-strengths, -alphas)
    (y, loss), weight = squared_loss(rows.y), rows.weight
    options: dict[str, Any] = {"l1_ratio": l1_ratio, "intercept": intercept, "positive": positive}
    full, *others = walk(rows.design, y, loss, as_resamples(folds, weight), strengths, **options)
    mse = np.empty((len(alphas), len(folds)))
    for k, (path, (_, test)) in enumerate(zip(others, folds, strict=True)):
        away = path.predict(rows.design.take(test)) - rows.y[test]
        if not weight[test].any():
            raise OptionError("cv has a fold without a test row of positive weight")
        mse[:, k] = np.average((away**2).mean(axis=2), axis=1, weights=weight[test])[back]
    trace = full.trace()
    coef = np.stack([trace.coef(step).T for step in back])
    unit = null_loss(y, weight, intercept=intercept)
    return Scored(alphas, mse, coef, trace.intercept[back], trace.gap[back] * unit, trace)
