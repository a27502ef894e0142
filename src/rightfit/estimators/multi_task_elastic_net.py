"""The elastic net of several targets that share their columns, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import null_loss, squared_loss, walk_once
from rightfit.estimators.inputs import read_several
from rightfit.estimators.parameters import check_finite, check_flag, check_number
from rightfit.estimators.several import SeveralTargets


class MultiTaskElasticNet(SeveralTargets):
    """minimize sum_i w_i ||y_i - b0 - x_i B||^2 / (2 sum w) + alpha sum_j (l1_ratio ||B_j|| + (1 - l1_ratio)/2
    ||B_j||^2), B_j the coefficients of column j for all targets, as `sklearn.linear_model.MultiTaskElasticNet`: a
    column enters for all targets or for none.

    alpha is rightfit's strength. Every fit carries its duality gap; one above 1e-9 of the null deviance is warned
    about.

    Parameters
    ----------
    alpha : float
        Strength, 0 or more.
    l1_ratio : float
        0 (ridge) to 1 (columns alone).
    fit_intercept : bool
    max_iter, copy_X, tol, warm_start, random_state, selection
        Accepted and without effect: they steer scikit-learn's coordinate descent.

    Attributes
    ----------
    coef_ : (t, p)
    sparse_coef_ : the same in CSR form
    intercept_ : (t,); 0.0 without an intercept
    dual_gap_ : float, on the scale of the objective above
    n_iter_ : int, 1: strengths that were walked
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ):
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MultiTaskElasticNet:
        """Fit to (n, p) columns and (n, t) targets."""
        fit_together(self, X, y, sample_weight, l1_ratio=self.l1_ratio)
        return self


def fit_together(estimator: Any, X: Any, y: Any, sample_weight: Any, *, l1_ratio: float) -> None:
    """Fit all targets at once and set scikit-learn's attributes."""
    strength = check_finite("alpha", estimator.alpha)
    l1_ratio = check_number("l1_ratio", l1_ratio, most=1.0)
    intercept = check_flag("fit_intercept", estimator.fit_intercept)
    rows = read_several(estimator, X, y, sample_weight)
    target, loss = squared_loss(rows.y)
    options = {"l1_ratio": l1_ratio, "intercept": intercept}
    trace = walk_once(rows.design, target, loss, rows.weight, strength, **options).trace()
    check_finished([trace])
    estimator.coef_ = np.ascontiguousarray(trace.coef(0).T)
    estimator.intercept_ = trace.intercept[0] if intercept else 0.0
    estimator.dual_gap_ = float(trace.gap[0]) * null_loss(rows.y, rows.weight, intercept=intercept)
    estimator.n_iter_ = 1
