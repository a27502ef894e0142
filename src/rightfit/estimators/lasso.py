"""The lasso under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

from sklearn.base import MultiOutputMixin

from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.elastic_net import fit_elastic_net


class Lasso(MultiOutputMixin, LinearRegressor):
    """minimize sum_i w_i (y_i - b0 - x_i b)^2 / (2 sum w) + alpha ||b||_1, as `sklearn.linear_model.Lasso`.

    alpha is rightfit's strength. Parameters and attributes as in `rightfit.estimators.elastic_net.ElasticNet`, with
    l1_ratio 1; precompute, copy_X, max_iter, tol, warm_start, random_state and selection are accepted and without
    effect.
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        precompute: Any = False,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None, check_input: bool = True) -> Lasso:
        """Fit to (n, p) columns and (n,) or (n, t) targets; ``check_input`` is accepted, inputs are always checked."""
        fit_elastic_net(self, X, y, sample_weight, l1_ratio=1.0)
        return self
