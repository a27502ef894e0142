"""A regression tree, pruned and shrunken as far as unseen rows ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from rightfit.estimators.grown import Grown, explain, read_loss
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.pruned_tree import fit_tree


class PrunedTreeRegressor(RegressorMixin, Grown):
    """One tree a fold, all its prunings scored on rows it has not seen, and one chosen by a rule.

    A strength is scikit-learn's ``ccp_alpha``: held-out predictions at every strength are those of
    `sklearn.tree.DecisionTreeRegressor` fitted again with it, without the refits. Missing values are allowed. A weight
    of 2 is the row twice, in the fit, in the folds and in the choice.

    Parameters
    ----------
    loss : {"squared", "poisson"}
        What a split minimizes and a row costs.
    max_depth, min_samples_split, min_samples_leaf, max_features, max_leaf_nodes
        Limits of the grown tree, as in `rightfit.learners.tree.Tree`.
    criterion : str or None
        By default the loss's own; "squared_error" for counts as well.
    shrinkage : float or list of floats
        Rows of hierarchical shrinkage (`rightfit.trees.shrinkage`), 0 for none. Of a list, all are walked on the same
        grown trees and the one that loses least on unseen rows is taken.
    smoothing : float
        For counts: rows dealt as in the whole sample that are added to every leaf.
    rule : name in `rightfit.rules`, or a rule
    folds : int, None, splitter or list of (train, test) rows
        10 where None, fewer where there are fewer different rows.
    repeats : int
    strengths : list or None
        The path; by default at most ``count`` that stand for the trees of the fit.
    categorical_features : "from_dtype", None, or a list
        Columns whose values are labels, of which a split asks for a set: those of pandas' type category and polars'
        Categorical and Enum; or places, names, or a truth value for each column. Labels that the fit has not seen are
        missing values.
    seed : int
        Deals the folds, and orders the columns that part the rows alike.

    Attributes
    ----------
    path_ : `rightfit.trees.tree_path.TreePath`, all steps of the tree of all rows
    evidence_ : `rightfit.records.Evidence`, held-out loss by row and step
    curve_ : `rightfit.records.Curve`, its means and standard errors
    choice_ : `rightfit.records.Choice`, the step with its reason
    folds_ : `rightfit.records.Resamples`
    strength_, shrinkage_ : float
    n_leaves_ : int
    model_ : `rightfit.trees.tree_path.TreeModel`, the chosen tree
    feature_importances_ : (p,)
    categories_ : `rightfit.estimators.categories.Categories`
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: str = "squared",
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 5,
        max_features: Any = None,
        max_leaf_nodes: int | None = None,
        criterion: str | None = None,
        shrinkage: Any = 0.0,
        smoothing: float = 1.0,
        rule: Any = "one_se",
        folds: Any = None,
        repeats: int = 1,
        strengths: Any = None,
        count: int = 100,
        categorical_features: Any = "from_dtype",
        seed: int = 0,
    ):
        self.loss = loss
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.criterion = criterion
        self.shrinkage = shrinkage
        self.smoothing = smoothing
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.strengths = strengths
        self.count = count
        self.categorical_features = categorical_features
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> PrunedTreeRegressor:
        """Grow, prune and choose; rows of one of the ``groups`` (n,) are judged by trees that have seen none of it."""
        loss = read_loss(self.loss)
        rows = read_regression(self, self.code(X), y, sample_weight, missing=True)
        fit_tree(self, rows, loss.check(rows.y[:, 0]), rows.weight, loss, groups, even=None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) amounts or expected counts."""
        return np.asarray(read_loss(self.loss).response(self.predict_eta(X)[:, 0]))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R2, or for counts D2: the share of the deviance of the best constant for these rows that is explained."""
        return explain(read_loss(self.loss), y, self.predict_eta(X)[:, 0], sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags
