"""The lasso of several targets with its strength chosen by cross-validation, under scikit-learn's name."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.along_path import fit_along_path
from rightfit.estimators.folds import route_to_splitter
from rightfit.estimators.several import SeveralTargets


class MultiTaskLassoCV(SeveralTargets):
    """`rightfit.estimators.multi_task_lasso.MultiTaskLasso` at the alpha that loses least on the rows left out, as
    `sklearn.linear_model.MultiTaskLassoCV`. All folds are fitted in one call.

    Parameters and attributes as in `rightfit.estimators.elastic_net_cv.ElasticNetCV`, without l1_ratio and positive;
    errors are means over the targets, coef_ is (t, p) and intercept_ (t,).
    """

    def __init__(
        self,
        *,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        copy_X: bool = True,
        cv: Any = None,
        verbose: Any = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        selection: str = "cyclic",
        n_alphas: int | None = None,
    ):
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.copy_X = copy_X
        self.cv = cv
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.selection = selection
        self.n_alphas = n_alphas

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> MultiTaskLassoCV:
        """Choose and fit to (n, p) columns and (n, t) targets; ``params`` go to the splitter by metadata routing."""
        fit_along_path(self, X, y, sample_weight, params, 1.0, several=True)
        return self

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self)
