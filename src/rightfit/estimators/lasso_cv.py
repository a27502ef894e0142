"""The lasso with its strength chosen by cross-validation, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.along_path import fit_along_path
from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.folds import route_to_splitter


class LassoCV(LinearRegressor):
    """`rightfit.estimators.lasso.Lasso` at the alpha that loses least on the rows left out, as
    `sklearn.linear_model.LassoCV`. All folds are fitted in one call.

    Parameters and attributes as in `rightfit.estimators.elastic_net_cv.ElasticNetCV`, without l1_ratio; precompute,
    max_iter, tol, copy_X, verbose, n_jobs, random_state and selection are accepted and without effect.
    """

    def __init__(
        self,
        *,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        precompute: Any = "auto",
        max_iter: int = 1000,
        tol: float = 1e-4,
        copy_X: bool = True,
        cv: Any = None,
        verbose: Any = False,
        n_jobs: int | None = None,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
        n_alphas: int | None = None,
    ):
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.copy_X = copy_X
        self.cv = cv
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.n_alphas = n_alphas

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> LassoCV:
        """Choose and fit; ``params`` go to the splitter by metadata routing."""
        fit_along_path(self, X, y, sample_weight, params, 1.0)
        return self

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self)
