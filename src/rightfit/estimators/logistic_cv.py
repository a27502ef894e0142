"""Logistic regression with its strength chosen by cross-validation, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.estimators.base import LinearClassifier
from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.convergence import check_finished
from rightfit.estimators.fitting import walk_once
from rightfit.estimators.folds import route_to_splitter, split_rows
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.logistic import check_scaling, read_penalty, read_step
from rightfit.estimators.logistic_folds import Grid, score_grid
from rightfit.estimators.parameters import check_count, check_flag, check_number, check_strengths


class LogisticRegressionCV(LinearClassifier):
    """`rightfit.estimators.logistic.LogisticRegression` at the C and l1_ratio that score best on the rows left out, as
    `sklearn.linear_model.LogisticRegressionCV`. Folds of equal weight are fitted in one call.

    Parameters
    ----------
    Cs : int or list
        How many inverse strengths from 1e-4 to 1e4 to make, or the inverse strengths.
    l1_ratios : list or None
        Shares of the absolute penalty to choose from; None for ridge alone.
    cv : int, splitter or list of (train, test) rows
        5 stratified folds where None.
    scoring : name, callable or None
        None: accuracy. Weights count in the score.
    refit : bool
        Fit all rows at the choice; otherwise average the folds' best coefficients.
    fit_intercept, class_weight, penalty, intercept_scaling
        As in `LogisticRegression`.
    use_legacy_attributes : bool
        Shapes of attributes: those of scikit-learn before 1.10 (True), or its simpler ones (False).
    dual, solver, tol, max_iter, n_jobs, verbose, random_state
        Accepted and without effect: they steer scikit-learn's solvers.

    Attributes
    ----------
    classes_, coef_, intercept_, n_features_in_, feature_names_in_ : as in `LogisticRegression`
    Cs_ : (K,); l1_ratios_ : (R,)
    C_, l1_ratio_ : (1,) or (C,) the choice repeated; floats without legacy attributes
    scores_ : {class: (folds, K) or (folds, K, R)}; (folds, R, K) without legacy attributes
    coefs_paths_ : {class: (folds, K, p + 1) or (folds, K, R, p + 1)}; (folds, R, K, C, p + 1) without
    n_iter_ : ones, of the shape that scikit-learn has
    """

    def __init__(
        self,
        *,
        Cs: Any = 10,
        l1_ratios: Any = None,
        fit_intercept: bool = True,
        cv: Any = None,
        dual: bool = False,
        penalty: Any = "deprecated",
        scoring: Any = None,
        solver: str = "lbfgs",
        tol: float = 1e-4,
        max_iter: int = 100,
        class_weight: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
        refit: bool = True,
        intercept_scaling: float = 1.0,
        random_state: Any = None,
        use_legacy_attributes: bool = True,
    ):
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.dual = dual
        self.penalty = penalty
        self.scoring = scoring
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.refit = refit
        self.intercept_scaling = intercept_scaling
        self.random_state = random_state
        self.use_legacy_attributes = use_legacy_attributes

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> LogisticRegressionCV:
        """Choose and fit; ``params`` go to the splitter by metadata routing."""
        intercept = check_flag("fit_intercept", self.fit_intercept)
        check_scaling(self.intercept_scaling)
        Cs = read_inverse_strengths(self.Cs)
        ratios = self._ratios()
        rows = read_classes(self, X, y, sample_weight)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = make_loss(len(rows.labels))
        folds = split_rows(self, rows.X, rows.labels[rows.y.astype(int)], sample_weight, params, classes=True)
        grid = score_grid(rows, weight, folds, Cs, ratios, loss=loss, intercept=intercept, scoring=self.scoring)
        mean = grid.scores.sum(axis=0)
        c, r = np.unravel_index(np.argmax(mean), mean.shape)
        if self.refit:
            strength = 1.0 / (Cs[c] * weight.sum())
            own = {"l1_ratio": float(ratios[r]), "intercept": intercept}
            trace = walk_once(rows.design, rows.y, loss, weight, strength, **own).trace()
            check_finished([trace])
            self.coef_, self.intercept_ = read_step(trace, 0)
            C, ratio = float(Cs[c]), float(ratios[r])
        else:
            best = [np.unravel_index(np.argmax(s), s.shape) for s in grid.scores]
            mixed = np.mean([grid.paths[f, a, b] for f, (a, b) in enumerate(best)], axis=0)
            self.coef_ = mixed[:, : rows.design.p]
            self.intercept_ = mixed[:, -1] if intercept else np.zeros(len(mixed))
            C, ratio = float(np.mean(Cs[[a for a, _ in best]])), float(np.mean(ratios[[b for _, b in best]]))
        self.classes_ = rows.labels
        self.Cs_, self.l1_ratios_ = Cs, ratios
        self._describe(grid, C, ratio)
        return self

    def _ratios(self) -> np.ndarray:
        """(R,) shares to try."""
        if isinstance(self.penalty, str) and self.penalty in ("deprecated", "elasticnet"):
            given = (0.0,) if self.l1_ratios is None else np.atleast_1d(self.l1_ratios)
            return np.array([check_number("l1_ratios", r, most=1.0) for r in given])
        share, penalized = read_penalty(self.penalty, None)
        return np.array([share if penalized else 0.0])

    def _describe(self, grid: Grid, C: float, ratio: float) -> None:
        """The attributes in the shapes that were asked for."""
        self.C_: Any
        self.l1_ratio_: Any
        self.scores_: Any
        self.coefs_paths_: Any
        count = len(self.coef_)
        if not self.use_legacy_attributes:
            self.C_, self.l1_ratio_ = C, ratio
            self.scores_ = np.ascontiguousarray(grid.scores.swapaxes(1, 2))
            self.coefs_paths_ = np.ascontiguousarray(grid.paths.swapaxes(1, 2))
            self.n_iter_ = np.ones(self.scores_.shape, dtype=np.int32)
            return
        self.C_, self.l1_ratio_ = np.full(count, C), np.full(count, ratio)
        names = self.classes_[1:] if count == 1 else self.classes_
        flat = self.l1_ratios is None
        scores = grid.scores[:, :, 0] if flat else grid.scores
        paths = grid.paths[:, :, 0] if flat else grid.paths
        self.scores_ = dict(zip(names.tolist(), [scores.copy() for _ in names], strict=True))
        self.coefs_paths_ = {name: paths[..., k, :].copy() for k, name in enumerate(names.tolist())}
        self.n_iter_ = np.ones((1, *scores.shape), dtype=np.int32)

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self, classes=True)


def read_inverse_strengths(Cs: Any) -> np.ndarray:
    """(K,) inverse strengths in the user's order."""
    if np.ndim(Cs) == 0:
        return np.logspace(-4, 4, check_count("Cs", Cs))
    return check_strengths("Cs", Cs, above=True)
