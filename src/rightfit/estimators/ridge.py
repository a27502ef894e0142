"""Ridge regression under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import MultiOutputMixin

from rightfit.errors import OptionError
from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import walk_once
from rightfit.estimators.inputs import TrainingRows, read_regression
from rightfit.estimators.parameters import check_finite, check_flag
from rightfit.losses.squared import Squared
from rightfit.solvers.ridge import decompose

DIRECT = 6_000
"""Rows or columns, whichever is fewer, up to which one decomposition gives the answer; beyond, the iterative solver."""


class Ridge(MultiOutputMixin, LinearRegressor):
    """minimize sum_i w_i (y_i - b0 - x_i b)^2 + alpha ||b||^2, as `sklearn.linear_model.Ridge`.

    alpha equals (sum of w) times rightfit's strength, which speaks of means over rows. The answer comes from one
    decomposition, so it is exact; with ``positive`` it comes from coordinate descent, to a duality gap of 1e-13.

    Parameters
    ----------
    alpha : float or (t,) array
        Strength, 0 or more; one for each target where y has several columns.
    fit_intercept : bool
    positive : bool
        Coefficients of 0 or more only.
    copy_X, max_iter, tol, solver, random_state
        Accepted and without effect: they steer scikit-learn's solvers.

    Attributes
    ----------
    coef_ : (p,) or (t, p)
    intercept_ : float or (t,)
    n_iter_ : (t,) int, 1: nothing is iterated
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Ridge:
        """Fit to (n, p) columns and (n,) or (n, t) targets."""
        check_flag("fit_intercept", self.fit_intercept)
        check_flag("positive", self.positive)
        rows = read_regression(self, X, y, sample_weight, many=True)
        alphas = check_alphas(self.alpha, rows.y.shape[1])
        strengths = alphas / rows.weight.sum()
        solve = _solve_box if self.positive or min(rows.design.n, rows.design.p) > DIRECT else solve_closed
        coef, intercept = solve(rows, strengths, self)
        self.coef_ = coef[0] if len(coef) == 1 else coef
        self.intercept_ = intercept if self.fit_intercept and not rows.flat else float(intercept[0])
        self.n_iter_ = np.ones(rows.y.shape[1], dtype=np.int32)
        return self


def check_alphas(alpha: Any, targets: int) -> np.ndarray:
    """(t,) one alpha for each target."""
    array = np.asarray(alpha, dtype=object)
    if array.ndim > 1 or (array.ndim == 1 and len(array) not in (1, targets)):
        raise OptionError(
            f"alpha must be one number, or one for each of the {targets} targets: its shape is {array.shape}"
        )
    return np.broadcast_to([check_finite("alpha", value) for value in np.atleast_1d(array)], targets).astype(float)


def solve_closed(rows: TrainingRows, strengths: np.ndarray, options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (t, p) and intercepts (t,) from one decomposition for all targets."""
    found = decompose(rows.design, rows.y, rows.weight, intercept=options.fit_intercept)
    coef, intercept = found.coef(strengths)  # every strength for every target; the diagonal is wanted
    own = np.arange(len(strengths))
    intercept = intercept[own, own] if options.fit_intercept else np.zeros(len(own))
    return coef[own, :, own], intercept


def _solve_box(rows: TrainingRows, strengths: np.ndarray, options: Any) -> tuple[np.ndarray, np.ndarray]:
    """The same by the linear learner, target by target."""
    box = {"l1_ratio": 0.0, "intercept": options.fit_intercept, "positive": options.positive}
    traces = [
        walk_once(rows.design, y, Squared(), rows.weight, strength, **box).trace()
        for y, strength in zip(rows.y.T, strengths, strict=True)
    ]
    check_finished(traces)
    return np.stack([t.coef(0)[:, 0] for t in traces]), np.array([t.intercept[0, 0] for t in traces])
