"""Scores of every fold, inverse strength and l1_ratio of a logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.estimators.base import LinearClassifier
from rightfit.estimators.fitting import walk
from rightfit.estimators.folds import Split, as_resamples, make_scorer
from rightfit.estimators.inputs import TrainingRows
from rightfit.estimators.logistic import read_step
from rightfit.records import Resamples


@dataclass(frozen=True)
class Grid:
    """What cross-validation found."""

    scores: np.ndarray
    """(folds, K, R)"""
    paths: np.ndarray
    """(folds, K, R, C, p + 1), the intercept last; (..., p) without one."""


def score_grid(
    rows: TrainingRows,
    weight: np.ndarray,
    folds: list[Split],
    Cs: np.ndarray,
    ratios: np.ndarray,
    *,
    loss: Loss,
    intercept: bool,
    scoring: Any,
) -> Grid:
    """Fit and score all folds. Strength is 1 / (C times the fold's weight), so folds of one weight share a call."""
    assert rows.labels is not None
    score = make_scorer(scoring, rows.labels)
    everything = as_resamples(folds, weight)
    totals = np.array([everything.weights(k).sum() for k in range(1, len(everything))])
    outputs = 1 if len(rows.labels) == 2 else len(rows.labels)
    scores = np.empty((len(folds), len(Cs), len(ratios)))
    paths = np.zeros((len(folds), len(Cs), len(ratios), outputs, rows.design.p + int(intercept)))
    ascending = np.unique(Cs)
    place = np.searchsorted(ascending, Cs)
    labels = rows.labels[rows.y.astype(int)]
    # all of one size in one call; sums of the same weights in another order differ by rounding
    sizes = np.round(totals / totals.max(), 12)
    for size in np.unique(sizes):
        some = np.flatnonzero(sizes == size)
        part = Resamples(weight, everything.multiplicity[some + 1], everything.scored[some + 1])
        strengths = 1.0 / (ascending * totals[some[0]])
        for r, ratio in enumerate(ratios):
            found = walk(rows.design, rows.y, loss, part, strengths, l1_ratio=float(ratio), intercept=intercept)
            for f, path in zip(some, found, strict=True):
                trace, test = path.trace(), folds[f][1]
                X, y, own = rows.X[test], labels[test], rows.weight[test]
                for k, step in enumerate(place):
                    coef, constant = read_step(trace, step)
                    paths[f, k, r] = np.column_stack([coef, constant]) if intercept else coef
                    scores[f, k, r] = score(_Fitted(coef, constant, rows.labels), X, y, own)
    return Grid(scores, paths)


class _Fitted(LinearClassifier):
    """Coefficients as scorers want to see them."""

    def __init__(self, coef: np.ndarray, intercept: np.ndarray, classes: np.ndarray):
        self.coef = coef
        self.intercept = intercept
        self.classes = classes
        self.coef_ = coef
        self.intercept_ = intercept
        self.classes_ = classes
        self.n_features_in_ = coef.shape[1]

    def score(self, X: Any, y: np.ndarray, sample_weight: Any = None) -> float:
        """Share of rows whose class is predicted."""
        return float(np.average(self.predict(X) == y, weights=sample_weight))

    def fit(self, X: Any, y: Any) -> _Fitted:
        """Nothing is left to do."""
        return self
