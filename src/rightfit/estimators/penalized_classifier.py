"""Penalized classification with a path, evidence and a choice that gives its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.errors import DataError, OptionError
from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.log_odds import LogOddsClassifier
from rightfit.estimators.penalized import Penalized, fit_penalized

LOSSES = ("auto", "logistic", "multinomial")


class PenalizedClassifier(LogOddsClassifier, Penalized):
    """Walk from strong to weak regularization, score every step on rows it has not seen, and stop by a rule.

    Objective, parameters and attributes as in `rightfit.estimators.penalized_regressor.PenalizedRegressor`, and

    Parameters
    ----------
    loss : {"auto", "logistic", "multinomial"}
        "auto" is logistic for two classes, multinomial for more.
    class_weight : {class: weight}, "balanced" or None
        Row weights of the fit and of the evidence.

    Attributes
    ----------
    classes_ : (C,)
    coef_ : (1, p) or (C, p), original scale
    intercept_ : (1,) or (C,)
    """

    def __init__(
        self,
        *,
        loss: str = "auto",
        penalty: Any = "elastic_net",
        l1_ratio: float = 1.0,
        positive: bool = False,
        feature_groups: Any = None,
        rule: Any = "one_se",
        folds: Any = None,
        repeats: int = 1,
        class_weight: Any = None,
        strengths: Any = None,
        count: int = 100,
        ratio: float | None = None,
        standardize: bool = True,
        fit_intercept: bool = True,
        tolerance: float = 1e-7,
        relax: Any = 0.0,
        seed: int = 0,
    ):
        self.loss = loss
        self.penalty = penalty
        self.l1_ratio = l1_ratio
        self.positive = positive
        self.feature_groups = feature_groups
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.class_weight = class_weight
        self.strengths = strengths
        self.count = count
        self.ratio = ratio
        self.standardize = standardize
        self.fit_intercept = fit_intercept
        self.tolerance = tolerance
        self.relax = relax
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> PenalizedClassifier:
        """Fit, prove and choose; rows of one of the ``groups`` (n,) are judged by models that have seen none of it."""
        if self.loss not in LOSSES:
            raise OptionError(f"loss must be one of {', '.join(map(repr, LOSSES))}, not {self.loss!r}")
        rows = read_classes(self, X, y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = self._make_loss(len(rows.labels))
        coef, intercept = fit_penalized(self, rows, rows.y, weight, loss, groups, even=rows.y, relax=self.relax)
        self.classes_ = rows.labels
        self.coef_, self.intercept_ = np.ascontiguousarray(coef.T), intercept
        return self

    def read_training(self, X: Any, y: Any, sample_weight: Any) -> tuple[Problem, np.ndarray]:
        """The rows of the fit as a problem, with their weights."""
        rows = read_classes(clone(self), X, y, sample_weight, missing=True)
        if rows.labels is None or not np.array_equal(rows.labels, self.classes_):
            raise DataError(f"the fit has the classes {list(self.classes_)}, the rows given have others")
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = self._make_loss(len(rows.labels))
        return Problem(rows.design, loss.check(rows.y), loss, np.zeros(rows.design.n)), weight

    def _make_loss(self, classes: int) -> Loss:
        if self.loss == "auto":
            return make_loss(classes)
        if self.loss == "logistic":
            if classes > 2:
                raise OptionError(f"loss='logistic' is for two classes, the target has {classes}: use 'multinomial'")
            return make_loss(2)
        made: Loss = catalog.find("losses", "multinomial")(classes=classes)
        return made

    def decision_function(self, X: Any) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) scores of all classes."""
        eta = self.predict_eta(X, "multinomial")
        if eta.shape[1] == 1:
            return np.asarray(eta[:, 0])
        return np.asarray(eta[:, 1] - eta[:, 0]) if len(self.classes_) == 2 else eta
