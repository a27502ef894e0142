"""The elastic net of several targets with its strength chosen by cross-validation, under scikit-learn's name."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.along_path import fit_along_path
from rightfit.estimators.folds import route_to_splitter
from rightfit.estimators.several import SeveralTargets


class MultiTaskElasticNetCV(SeveralTargets):
    """`rightfit.estimators.multi_task_elastic_net.MultiTaskElasticNet` at the alpha and l1_ratio that lose least on the
    rows left out, as `sklearn.linear_model.MultiTaskElasticNetCV`. All folds are fitted in one call.

    Parameters and attributes as in `rightfit.estimators.elastic_net_cv.ElasticNetCV`, without positive; errors are
    means over the targets, coef_ is (t, p) and intercept_ (t,).
    """

    def __init__(
        self,
        *,
        l1_ratio: Any = 0.5,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        cv: Any = None,
        copy_X: bool = True,
        verbose: Any = 0,
        n_jobs: int | None = None,
        random_state: Any = None,
        selection: str = "cyclic",
        n_alphas: int | None = None,
    ):
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.selection = selection
        self.n_alphas = n_alphas

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> MultiTaskElasticNetCV:
        """Choose and fit to (n, p) columns and (n, t) targets; ``params`` go to the splitter by metadata routing."""
        self.l1_ratio_, _ = fit_along_path(self, X, y, sample_weight, params, self.l1_ratio, several=True)
        return self

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self)
