"""The elastic net under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import MultiOutputMixin

from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import null_loss, walk_once
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.parameters import check_finite, check_flag, check_number
from rightfit.losses.squared import Squared


class ElasticNet(MultiOutputMixin, LinearRegressor):
    """minimize sum_i w_i (y_i - b0 - x_i b)^2 / (2 sum w) + alpha (l1_ratio ||b||_1 + (1 - l1_ratio)/2 ||b||^2), as
    `sklearn.linear_model.ElasticNet`.

    alpha is rightfit's strength. Every fit carries its duality gap; one above 1e-9 of the null deviance is
    warned about.

    Parameters
    ----------
    alpha : float
        Strength, 0 or more.
    l1_ratio : float
        0 (ridge) to 1 (lasso).
    fit_intercept : bool
    positive : bool
        Coefficients of 0 or more only.
    precompute, max_iter, copy_X, tol, warm_start, random_state, selection
        Accepted and without effect: they steer scikit-learn's coordinate descent. Every fit here starts afresh and
        goes on to a duality gap of 1e-13.

    Attributes
    ----------
    coef_ : (p,) or (t, p)
    sparse_coef_ : the same in CSR form
    intercept_ : float or (t,)
    dual_gap_ : float or (t,), on the scale of the objective above
    n_iter_ : int or list, 1: strengths that were walked
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        precompute: Any = False,
        max_iter: int = 1000,
        copy_X: bool = True,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ):
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None, check_input: bool = True) -> ElasticNet:
        """Fit to (n, p) columns and (n,) or (n, t) targets; ``check_input`` is accepted, inputs are always checked."""
        fit_elastic_net(self, X, y, sample_weight, l1_ratio=self.l1_ratio)
        return self


def fit_elastic_net(estimator: Any, X: Any, y: Any, sample_weight: Any, *, l1_ratio: float) -> None:
    """Fit target by target and set scikit-learn's attributes."""
    strength = check_finite("alpha", estimator.alpha)
    l1_ratio = check_number("l1_ratio", l1_ratio, most=1.0)
    intercept = check_flag("fit_intercept", estimator.fit_intercept)
    positive = check_flag("positive", estimator.positive)
    rows = read_regression(estimator, X, y, sample_weight, many=True)
    options = {"l1_ratio": l1_ratio, "intercept": intercept, "positive": positive}
    traces = [walk_once(rows.design, c, Squared(), rows.weight, strength, **options).trace() for c in rows.y.T]
    check_finished(traces)
    coef = np.stack([t.coef(0)[:, 0] for t in traces])
    gaps = np.array(
        [t.gap[0] * null_loss(c, rows.weight, intercept=intercept) for t, c in zip(traces, rows.y.T, strict=True)]
    )
    constant = np.array([t.intercept[0, 0] for t in traces])
    one = len(traces) == 1
    estimator.coef_ = coef[0] if one else coef
    estimator.dual_gap_ = float(gaps[0]) if one else gaps
    estimator.n_iter_ = 1 if one else [1] * len(traces)
    estimator.intercept_ = constant if intercept and not rows.flat else float(constant[0])
