"""Ridge with its strength chosen by leave-one-out or cross-validation, under scikit-learn's name and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin

from rightfit.errors import OptionError
from rightfit.estimators.base import LinearRegressor
from rightfit.estimators.folds import make_scorer, route_to_splitter, split_rows
from rightfit.estimators.inputs import TrainingRows, read_regression
from rightfit.estimators.parameters import check_choice, check_flag, check_strengths
from rightfit.solvers.ridge import decompose


class RidgeCV(MultiOutputMixin, LinearRegressor):
    """`rightfit.estimators.ridge.Ridge` at the alpha that predicts rows left out best, as
    `sklearn.linear_model.RidgeCV`.

    With ``cv=None`` every row is left out once, exactly and without refitting (`rightfit.solvers.ridge`); a row of
    weight 2 is left out whole. With ``cv`` given, one decomposition a fold serves all alphas, and weights count in the
    scores too (scikit-learn scores folds without weights).

    Parameters
    ----------
    alphas : list
        Strengths to choose from; above 0 with ``cv=None``, 0 allowed otherwise.
    fit_intercept : bool
    scoring : name, callable or None
        None: squared error with ``cv=None``, R2 otherwise.
    cv : None, int, splitter or list of (train, test) rows
    store_cv_results : bool
        Keep cv_results_ (``cv=None`` only).
    alpha_per_target : bool
        Choose for each target alone (``cv=None`` only).
    gcv_mode
        Accepted and without effect: it steers scikit-learn's decomposition.

    Attributes
    ----------
    alpha_, best_score_ : float, or (t,) with alpha_per_target
    coef_ : (p,) or (t, p)
    intercept_ : float or (t,)
    cv_results_ : (n, K) or (n, t, K)
        Weighted squared errors of the rows left out, or their predictions where ``scoring`` is given.
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        fit_intercept: bool = True,
        scoring: Any = None,
        cv: Any = None,
        gcv_mode: str | None = None,
        store_cv_results: bool = False,
        alpha_per_target: bool = False,
    ):
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> RidgeCV:
        """Choose and fit; ``params`` go to the splitter by metadata routing."""
        intercept = check_flag("fit_intercept", self.fit_intercept)
        store = check_flag("store_cv_results", self.store_cv_results)
        apart = check_flag("alpha_per_target", self.alpha_per_target)
        check_choice("gcv_mode", self.gcv_mode, ("auto", "svd", "eigen", None))
        alphas = check_strengths("alphas", self.alphas, above=self.cv is None)
        if self.cv is not None and (store or apart):
            name = "store_cv_results" if store else "alpha_per_target"
            raise OptionError(f"{name}=True goes with leave-one-out only: leave cv=None, or set {name}=False")
        rows = read_regression(self, X, y, sample_weight, many=True)
        found = decompose(rows.design, rows.y, rows.weight, intercept=intercept)
        if self.cv is None:
            if len(rows.y) < 2:
                raise OptionError("leave-one-out needs at least 2 rows, the table has n_samples = 1")
            amounts = alphas / rows.weight.sum()
            residual = found.leave_one_out(rows.design, rows.y, amounts)
            scores, results = _score_left_out(self, rows, residual, per_target=apart and rows.y.shape[1] > 1)
            if store:
                self.cv_results_ = results[:, 0] if rows.flat else results
        else:
            scores = _score_folds(self, rows, alphas, intercept, sample_weight, params)
        best = np.argmax(scores, axis=0)
        coef, constant = found.coef(alphas / rows.weight.sum())
        own = np.broadcast_to(best, rows.y.shape[1])
        target = np.arange(rows.y.shape[1])
        self.coef_ = coef[own, :, target][0] if len(target) == 1 else coef[own, :, target]
        chosen = constant[own, target] if intercept else np.zeros(len(target))
        self.intercept_ = chosen if intercept and not rows.flat else float(chosen[0])
        self.alpha_ = float(alphas[best]) if scores.ndim == 1 else alphas[best]
        self.best_score_ = float(scores[best]) if scores.ndim == 1 else scores[best, target]
        return self

    def get_metadata_routing(self) -> Any:
        """sample_weight to fit, everything else to the splitter."""
        return route_to_splitter(self)


class _Predicted(RegressorMixin, BaseEstimator):
    """Predictions made already, as scorers want to see them."""

    def __init__(self, values: np.ndarray):
        self.values = values

    def predict(self, X: Any) -> np.ndarray:
        return self.values


def _score_left_out(
    options: RidgeCV, rows: TrainingRows, residual: np.ndarray, *, per_target: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(K,) or (K, t) scores of leave-one-out residuals (n, K, t), and what is kept of them, (n, t, K)."""
    if options.scoring is None:
        squares = rows.weight[:, None, None] * residual**2
        kept = squares.transpose(0, 2, 1)
        return (-squares.mean(axis=0) if per_target else -squares.mean(axis=(0, 2))), kept
    predictions = rows.y[:, None, :] - residual
    score = make_scorer(options.scoring)
    y = rows.y[:, 0] if rows.flat else rows.y
    out: list[Any] = []
    for k in range(residual.shape[1]):
        values = predictions[:, k, 0] if rows.flat else predictions[:, k]
        if per_target:
            out.append([score(_Predicted(v), rows.X, t, rows.weight) for v, t in zip(values.T, y.T, strict=True)])
        else:
            out.append(score(_Predicted(values), rows.X, y, rows.weight))
    return np.array(out), predictions.transpose(0, 2, 1)


def _score_folds(
    options: RidgeCV,
    rows: TrainingRows,
    alphas: np.ndarray,
    intercept: bool,
    sample_weight: Any,
    params: dict[str, Any],
) -> np.ndarray:
    """(K,) mean over folds of the score on the rows left out."""
    score = make_scorer(options.scoring)
    y = rows.y[:, 0] if rows.flat else rows.y
    folds = split_rows(options, rows.X, y, sample_weight, params)
    scores = np.empty((len(alphas), len(folds)))
    for k, (train, test) in enumerate(folds):
        weight = rows.weight[train]
        found = decompose(rows.design.take(train), rows.y[train], weight, intercept=intercept)
        coef, constant = found.coef(alphas / weight.sum())
        design = rows.design.take(test)
        for j in range(len(alphas)):
            values = design.dot(coef[j], found.center) + constant[j]
            guess = _Predicted(values[:, 0] if rows.flat else values)
            scores[j, k] = score(guess, rows.X[test], y[test], rows.weight[test])
    return np.asarray(scores.mean(axis=1))
