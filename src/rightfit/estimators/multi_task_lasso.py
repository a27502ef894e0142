"""The lasso of several targets that share their columns, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.multi_task_elastic_net import fit_together
from rightfit.estimators.several import SeveralTargets


class MultiTaskLasso(SeveralTargets):
    """minimize sum_i w_i ||y_i - b0 - x_i B||^2 / (2 sum w) + alpha sum_j ||B_j||, B_j the coefficients of column j for
    all targets, as `sklearn.linear_model.MultiTaskLasso`: a column enters for all targets or for none.

    Parameters and attributes as in `rightfit.estimators.multi_task_elastic_net.MultiTaskElasticNet`, with l1_ratio 1.
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MultiTaskLasso:
        """Fit to (n, p) columns and (n, t) targets."""
        fit_together(self, X, y, sample_weight, l1_ratio=1.0)
        return self
