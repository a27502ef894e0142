"""The elastic net with its strength chosen by cross-validation, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.along_path import fit_along_path
from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.folds import route_to_splitter


class ElasticNetCV(LinearRegressor):
    """`rightfit.estimators.elastic_net.ElasticNet` at the alpha and l1_ratio that lose least on the rows left out, as
    `sklearn.linear_model.ElasticNetCV`. All folds are fitted in one call.

    Parameters
    ----------
    l1_ratio : float or list
        One share of the absolute penalty, or several to choose from.
    eps : float
        Smallest alpha of the grid as a share of the largest.
    alphas : int or list
        How many alphas to make, or the alphas. ``n_alphas`` is the older name of the number.
    fit_intercept, positive : bool
    cv : int, splitter or list of (train, test) rows
        5 folds where None.
    precompute, max_iter, tol, copy_X, verbose, n_jobs, random_state, selection
        Accepted and without effect: they steer scikit-learn's coordinate descent.

    Attributes
    ----------
    alpha_, l1_ratio_ : float, what was chosen
    alphas_ : (K,) or (ratios, K)
    mse_path_ : (K, folds) or (ratios, K, folds)
    coef_ : (p,); sparse_coef_ the same in CSR form
    intercept_, dual_gap_ : float
    n_iter_ : int, 1
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        l1_ratio: Any = 0.5,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        precompute: Any = "auto",
        max_iter: int = 1000,
        tol: float = 1e-4,
        cv: Any = None,
        copy_X: bool = True,
        verbose: Any = 0,
        n_jobs: int | None = None,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
        n_alphas: int | None = None,
    ):
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.n_alphas = n_alphas

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> ElasticNetCV:
        """Choose and fit; ``params`` go to the splitter by metadata routing."""
        self.l1_ratio_, _ = fit_along_path(self, X, y, sample_weight, params, self.l1_ratio)
        return self

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self)
