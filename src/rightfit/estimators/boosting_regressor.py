"""Boosted regression whose number of rounds is chosen on unseen rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d

from rightfit.contracts import Loss
from rightfit.estimators.boosted import Boosted, read_offset
from rightfit.estimators.explained import explained
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.penalized_regressor import POSITIVE, check_loss


class BoostingRegressor(RegressorMixin, Boosted):
    """Gradient boosting with XGBoost that walks in rounds: every number of rounds is scored on rows that its trees have
    not seen, growing ends when these curves have settled by their own noise, and a rule stops at a round. No evaluation
    set is needed, and none is cut off: the final booster learns from all rows.

    Parameters
    ----------
    loss : {"squared", "huber", "quantile", "gamma", "tweedie", "poisson"}, or a loss
        As in `rightfit.estimators.penalized_regressor.PenalizedRegressor`.
    settings : {"given", "race"}
        "race": a dozen settings race on the held-out curves of the first folds and the winner is taken; those given
        from ``learning_rate`` to ``skip_dropout`` are then not used.
    learning_rate, max_depth, max_leaves, min_child_weight, gamma, reg_alpha, reg_lambda, subsample
        As in `rightfit.learners.boosting.Boosting`.
    colsample_bytree, colsample_bylevel, colsample_bynode, dropout, skip_dropout
        Likewise.
    monotone : list of p signs, or None
        -1, 0 or 1: predictions fall, do as they like, or rise with the column.
    categorical_features : "from_dtype", None, or a list
        Columns whose values are labels, of which a split asks for a set: those of pandas' type category and polars'
        Categorical and Enum; or places, names, or a truth value for each column. Labels that the fit has not seen are
        missing values.
    rounds : int or None
        So many rounds are walked; where None, the curves decide.
    most : int
        Rounds at which the curves must stop.
    refit : {"rescaled", "same", "averaged"}
        What the final model is: grown on all rows for K / (K - 1) times the chosen rounds of K folds, for as many, or
        the mean of the folds' models.
    rule : name in `rightfit.rules`, or a rule
    folds : int, splitter, iterable, or None
        None: ten folds of distinct rows.
    repeats : int
    seed : int
        Deals the folds and draws rows and columns.
    threads : int
        Folds that grow side by side; results do not depend on it.

    Attributes
    ----------
    path_ : `rightfit.learners.boosting.BoostingPath`, all steps on all rows
    evidence_ : `rightfit.records.Evidence`, held-out loss by row and step
    curve_ : `rightfit.records.Curve`
    choice_ : `rightfit.records.Choice`
    folds_ : `rightfit.records.Resamples`
    learner_ : `rightfit.learners.boosting.Boosting`, the settings that were used
    model_ : `rightfit.learners.boosting.BoostingModel`
    rounds_ : int, of the final model
    categories_ : `rightfit.estimators.categories.Categories`
    leaves_ : `rightfit.records.Leaves` or None, what alpha and lambda did to its leaves
    feature_importances_ : (p,) share of the gain
    row_loss_ : `rightfit.contracts.Loss`, with its parameters
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: Any = "squared",
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
        seed: int = 0,
        threads: int = 1,
    ):
        self.loss = loss
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
        self.seed = seed
        self.threads = threads

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, offset: Any = None
    ) -> BoostingRegressor:
        """Fit, prove and choose. Rows of one of the ``groups`` (n,) are judged by models that have seen none of it;
        ``offset`` (n,) is added to every predictor, e.g. the logarithm of an exposure."""
        kind = check_loss(self.loss)
        rows = read_regression(self, self.code(X), y, sample_weight, missing=True)
        loss = self.loss if isinstance(self.loss, Loss) else kind()
        target = loss.check(rows.y[:, 0])
        if loss is not self.loss:
            loss = kind(**kind.suggest(target, rows.weight))
        self.row_loss_ = loss
        self.fit_boosted(rows, target, rows.weight, loss, groups, offset, even=None)
        return self

    def predict(self, X: Any, offset: Any = None) -> np.ndarray:
        """(n,) means of the target; for huber its centre, for quantile the quantile."""
        check_is_fitted(self)
        return np.asarray(self.row_loss_.response(self.predict_eta(X, offset)[:, 0]))

    def score(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> float:
        """R2, or for other losses than the squared one D2: the share of the loss of the best constant for these rows
        that is explained."""
        check_is_fitted(self)
        target = self.row_loss_.check(column_or_1d(y))
        given = read_offset(offset, len(target))
        return explained(self.row_loss_, target, self.predict_eta(X, given)[:, 0], sample_weight, given)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = getattr(self.loss, "name", self.loss) in POSITIVE
        return tags
