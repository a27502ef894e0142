"""Boosted classification whose number of rounds is chosen on unseen rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rightfit.estimators.boosted import Boosted
from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.log_odds import LogOddsClassifier
from rightfit.estimators.threshold import Threshold, check_threshold, decide, find_threshold


class BoostingClassifier(LogOddsClassifier, Boosted):
    """Gradient boosting with XGBoost that walks in rounds. Parameters and attributes as in
    `rightfit.estimators.boosting_regressor.BoostingRegressor`, without ``loss`` (logistic for two classes, multinomial
    for more), and

    Parameters
    ----------
    class_weight : {class: weight}, "balanced" or None
        Row weights of the fit and of the evidence. They change what is asked, not how strongly the answer is
        regularized: no setting and no round is credited with them.
    threshold : float above 0 and below 1, or "balanced"
        Probability of the second of two classes from which it is predicted. "balanced" takes the one with the largest
        balanced accuracy on held-out predictions of the chosen round; ``threshold_`` says what that was worth.

    Attributes
    ----------
    classes_ : (C,)
    threshold_ : `rightfit.estimators.threshold.Threshold`
        None with more than two classes.
    """

    def __init__(
        self,
        *,
        settings: str = "given",
        learning_rate: float = 0.1,
        max_depth: int = 5,
        max_leaves: int = 0,
        min_child_weight: float = 1.0,
        gamma: float = 0.0,
        reg_alpha: float = 0.0,
        reg_lambda: float = 1.0,
        subsample: float = 1.0,
        colsample_bytree: float = 1.0,
        colsample_bylevel: float = 1.0,
        colsample_bynode: float = 1.0,
        dropout: float = 0.0,
        skip_dropout: float = 0.0,
        monotone: Any = None,
        categorical_features: Any = "from_dtype",
        rounds: int | None = None,
        most: int = 2000,
        refit: str = "rescaled",
        rule: Any = "best",
        folds: Any = None,
        repeats: int = 1,
        class_weight: Any = None,
        threshold: Any = 0.5,
        seed: int = 0,
        threads: int = 1,
    ):
        self.settings = settings
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.max_leaves = max_leaves
        self.min_child_weight = min_child_weight
        self.gamma = gamma
        self.reg_alpha = reg_alpha
        self.reg_lambda = reg_lambda
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.colsample_bylevel = colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.dropout = dropout
        self.skip_dropout = skip_dropout
        self.monotone = monotone
        self.categorical_features = categorical_features
        self.rounds = rounds
        self.most = most
        self.refit = refit
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.class_weight = class_weight
        self.threshold = threshold
        self.seed = seed
        self.threads = threads

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, offset: Any = None
    ) -> BoostingClassifier:
        """Fit, prove and choose. Rows of one of the ``groups`` (n,) are judged by models that have seen none of it;
        ``offset`` (n,) is added to every predictor."""
        check_threshold(self.threshold)
        rows = read_classes(self, self.code(X), y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = make_loss(len(rows.labels))
        held_out = self.fit_boosted(rows, loss.check(rows.y), weight, loss, groups, offset, even=rows.y)
        self.classes_ = rows.labels
        self.threshold_: Threshold | None = None
        if len(rows.labels) == 2:
            chance = loss.response(held_out[:, 0])
            self.threshold_ = find_threshold(self.threshold, chance, rows.y, rows.weight, self.evidence_.fold)
        return self

    def decision_function(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n,) log odds of the second class, or (n, C) scores of all classes."""
        check_is_fitted(self)
        eta = self.predict_eta(X, offset)
        return np.asarray(eta[:, 0]) if eta.shape[1] == 1 else eta

    def predict(self, X: Any) -> np.ndarray:
        """(n,) labels: the most probable class, or for two classes the second one from ``threshold_`` on."""
        check_is_fitted(self)
        return decide(self.decision_function(X), self.threshold_, self.classes_)
