"""Paths of trees at scikit-learn's door: what the estimators of one tree and of forests share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit import catalog
from rightfit.contracts import Loss, Model, Path, Problem
from rightfit.errors import OptionError
from rightfit.estimators.categories import Labelled
from rightfit.estimators.explained import explained
from rightfit.estimators.inputs import TrainingRows, read_rows
from rightfit.estimators.log_odds import LogOddsClassifier
from rightfit.estimators.parameters import check_choice
from rightfit.estimators.penalized import read_rule
from rightfit.evidence.curve import summarize
from rightfit.records import Choice, Curve, Evidence, Resamples

REGRESSIONS = ("squared", "poisson")
"""Losses of amounts and counts that trees learn."""


class Grown(Labelled, BaseEstimator):
    """What is left of a fit, and what it predicts."""

    path_: Path
    evidence_: Evidence
    curve_: Curve
    choice_: Choice
    model_: Model

    @property
    def feature_importances_(self) -> np.ndarray:
        """(p,) share of each column in what the splits of the chosen step gain, times what shrinkage keeps of it."""
        check_is_fitted(self)
        return self.categories_.fold(self.path_.importance(self.choice_.step))

    def predict_eta(self, X: Any) -> np.ndarray:
        """(n, C) linear predictors at the chosen step; a missing value goes where the split sends it."""
        check_is_fitted(self)
        return self.model_.predict(self.expand(read_rows(self, self.categories_.code(X), missing=True)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


class GrownClassifier(LogOddsClassifier, Grown):
    """The same for classes."""

    def decision_function(self, X: Any) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) logarithms of the probabilities."""
        eta = self.predict_eta(X)
        return eta[:, 0] if eta.shape[1] == 1 else eta


def read_loss(name: Any) -> Loss:
    """A loss of amounts or counts by name."""
    kind: type[Loss] = catalog.find("losses", check_choice("loss", name, REGRESSIONS))
    return kind()


def explain(loss: Loss, y: Any, eta: np.ndarray, sample_weight: Any) -> float:
    """The share of the loss of the best constant for these rows that linear predictors (n,) explain."""
    return explained(loss, loss.check(column_or_1d(y)), eta, sample_weight, np.zeros(len(eta)))


def settle(estimator: Any, path: Path, evidence: Evidence, resamples: Resamples, loss: Loss) -> None:
    """Choose, and set what is the same for all."""
    choice = read_rule(estimator.rule).choose(evidence)
    estimator.path_, estimator.evidence_, estimator.choice_ = path, evidence, choice
    estimator.curve_, estimator.folds_ = summarize(evidence), resamples
    estimator.strength_, estimator.loss_ = float(choice.strength), loss.name
    estimator.model_ = path.model(choice.step)


def state(estimator: Grown, rows: TrainingRows, y: np.ndarray, loss: Loss) -> Problem:
    """The rows as a problem."""
    named = estimator.categories_
    levels = named.levels(rows.X.shape[1])
    return Problem(named.expand(rows.X, rows.design), y, loss, np.zeros(rows.design.n), levels=levels)


def as_numbers(name: str, values: Any) -> Sequence[float]:
    """One number of 0 or more, or a list of them."""
    array = np.atleast_1d(np.asarray(values, dtype=object))
    for value in array:
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not value >= 0:
            raise OptionError(f"{name} must be a number of 0 or more, or a list of them, not {values!r}")
    if array.ndim != 1 or not len(array):
        raise OptionError(f"{name} must be a number of 0 or more, or a list of them, not {values!r}")
    return [float(value) for value in array]
