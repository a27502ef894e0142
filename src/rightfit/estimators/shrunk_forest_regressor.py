"""A regression forest, shrunken as far as unseen rows ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted

from rightfit.estimators.few_trees import FewTrees, thin
from rightfit.estimators.grown import Grown, explain, read_loss
from rightfit.estimators.inputs import read_regression
from rightfit.estimators.shrunk_forest import fit_forest


class ShrunkForestRegressor(RegressorMixin, Grown):
    """A random forest whose trees are all shrunken by the same strength (hierarchical shrinkage, Agarwal et al. 2022),
    chosen by a rule on rows that the trees have not drawn.

    A strength is a number of rows (`rightfit.trees.shrinkage`): 0 the forest as it was grown, infinity the constant
    model. Missing values are allowed. Bags follow from what stands in a row (`rightfit.trees.bags`), so that a weight
    of 2 is the row twice, and the order of rows does not matter.

    Parameters
    ----------
    loss : {"squared", "poisson"}
    n_estimators, max_features, max_depth, min_samples_split, min_samples_leaf, max_leaf_nodes, max_samples, criterion
        As in `rightfit.learners.forest.Forest`.
    evidence : {"out_of_bag", "folds"}
        Rows are judged by the trees that have not drawn them, which needs no further fit, or by forests of other folds.
    rule : name in `rightfit.rules`, or a rule
    folds : int, None, splitter or list of (train, test) rows
        For evidence by folds: 10 where None, fewer where there are fewer different rows.
    repeats : int
        For evidence by folds.
    strengths : list or None
        The path; by default ``count`` from infinity down to 0.
    threads : int
        Trees grown at a time; results do not depend on it.
    categorical_features : "from_dtype", None, or a list
        Columns whose values are labels, of which a split asks for a set: those of pandas' type category and polars'
        Categorical and Enum; or places, names, or a truth value for each column. Labels that the fit has not seen are
        missing values.
    seed : int

    Attributes
    ----------
    path_ : `rightfit.trees.forest_path.ForestPath`
    evidence_ : `rightfit.records.Evidence`, loss of unseen rows by row and step
    curve_ : `rightfit.records.Curve`, its means and standard errors
    choice_ : `rightfit.records.Choice`, the step with its reason
    convergence_ : `rightfit.records.Convergence`, loss against the number of trees, with its spread
    folds_ : `rightfit.records.Resamples`
    strength_ : float
    model_ : `rightfit.trees.forest_path.ForestModel`, the chosen forest
    feature_importances_ : (p,)
    categories_ : `rightfit.estimators.categories.Categories`
    n_features_in_, feature_names_in_
    """

    def __init__(
        self,
        *,
        loss: str = "squared",
        n_estimators: int = 100,
        max_features: Any = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_leaf_nodes: int | None = None,
        max_samples: float = 1.0,
        criterion: str | None = None,
        evidence: str = "out_of_bag",
        rule: Any = "best",
        folds: Any = None,
        repeats: int = 1,
        strengths: Any = None,
        count: int = 30,
        threads: int = 1,
        categorical_features: Any = "from_dtype",
        seed: int = 0,
    ):
        self.loss = loss
        self.n_estimators = n_estimators
        self.max_features = max_features
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_leaf_nodes = max_leaf_nodes
        self.max_samples = max_samples
        self.criterion = criterion
        self.evidence = evidence
        self.rule = rule
        self.folds = folds
        self.repeats = repeats
        self.strengths = strengths
        self.count = count
        self.threads = threads
        self.categorical_features = categorical_features
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> ShrunkForestRegressor:
        """Grow, judge and choose; rows of one of the ``groups`` (n,) are drawn, or left out, together."""
        loss = read_loss(self.loss)
        rows = read_regression(self, self.code(X), y, sample_weight, missing=True)
        fit_forest(self, rows, loss.check(rows.y[:, 0]), rows.weight, loss, groups, even=None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) amounts or expected counts."""
        return np.asarray(read_loss(self.loss).response(self.predict_eta(X)[:, 0]))

    def few_trees(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        *,
        mixes: Sequence[float] = (0.0,),
        rule: Any = "one_se",
    ) -> FewTrees:
        """The forest put through the lasso (`rightfit.trees.lassoed`), given the rows of the fit again: few trees are
        left, and size and held-out loss of both are told. ``mixes`` are shares of the forest kept as offset, 0 for
        none; with any other all trees stay. It takes as many forests as there are ``folds``."""
        check_is_fitted(self)
        rows = read_regression(clone(self), self.categories_.code(X), y, sample_weight, missing=True)
        loss = read_loss(self.loss)
        target = loss.check(rows.y[:, 0])
        return thin(self, rows, target, rows.weight, loss, groups, even=None, mixes=mixes, rule=rule)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R2, or for counts D2: the share of the deviance of the best constant for these rows that is explained."""
        return explain(read_loss(self.loss), y, self.predict_eta(X)[:, 0], sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags
