"""Poisson regression under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import d2_tweedie_score

from rightfit.errors import DataError
from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import walk_once
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.parameters import check_finite, check_flag
from rightfit.losses.poisson import Poisson


class PoissonRegressor(LinearRegressor):
    """minimize sum_i w_i deviance(y_i, exp(b0 + x_i b)) / (2 sum w) + alpha/2 ||b||^2, as
    `sklearn.linear_model.PoissonRegressor`.

    alpha is rightfit's strength.

    Parameters
    ----------
    alpha : float
        Strength, 0 or more.
    fit_intercept : bool
    solver, max_iter, tol, warm_start, verbose
        Accepted and without effect: they steer scikit-learn's solvers.

    Attributes
    ----------
    coef_ : (p,)
    intercept_ : float
    n_iter_ : int, 1: strengths that were walked
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str = "lbfgs",
        max_iter: int = 100,
        tol: float = 1e-4,
        warm_start: bool = False,
        verbose: int = 0,
    ):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PoissonRegressor:
        """Fit to (n, p) columns and (n,) counts or rates of 0 or more, not all of them 0."""
        strength = check_finite("alpha", self.alpha)
        intercept = check_flag("fit_intercept", self.fit_intercept)
        rows = read_regression(self, X, y, sample_weight)
        counts = rows.y[:, 0]
        if not (counts * rows.weight).any():
            raise DataError("the target is 0 in every row of positive weight: counts need at least one event")
        trace = walk_once(
            rows.design, counts, Poisson(), rows.weight, strength, l1_ratio=0.0, intercept=intercept
        ).trace()
        check_finished([trace])
        self.coef_ = trace.coef(0)[:, 0]
        self.intercept_ = float(trace.intercept[0, 0])
        self.n_iter_ = 1
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) expected counts."""
        return np.asarray(np.exp(super().predict(X)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """D2, the share of the Poisson deviance of the constant model that is explained."""
        return float(d2_tweedie_score(y, self.predict(X), sample_weight=sample_weight, power=1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags
