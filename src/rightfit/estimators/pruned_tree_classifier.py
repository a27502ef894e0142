"""A classification tree, pruned and shrunken as far as unseen rows ask for."""

from __future__ import annotations

from typing import Any

from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.grown import GrownClassifier
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.pruned_tree import fit_tree


class PrunedTreeClassifier(GrownClassifier):
    """One tree a fold, all its prunings scored by log loss on rows it has not seen, and one chosen by a rule.

    Parameters and attributes as in `rightfit.estimators.pruned_tree_regressor.PrunedTreeRegressor`, and

    Parameters
    ----------
    criterion : {"gini", "entropy"} or None
        What a split minimizes; "gini" where None.
    smoothing : float
        Rows dealt as in the whole sample that are added to every leaf, so that no class has the probability 0
        (`rightfit.trees.target`). With 0 probabilities are the shares in the leaf, as scikit-learn has them.
    class_weight : {class: weight}, "balanced" or None
        Row weights of the fit and of the evidence.

    Attributes
    ----------
    classes_ : (C,)
    """

    def __init__(
        self,
        *,
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
        class_weight: Any = None,
        strengths: Any = None,
        count: int = 100,
        categorical_features: Any = "from_dtype",
        seed: int = 0,
    ):
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
        self.class_weight = class_weight
        self.strengths = strengths
        self.count = count
        self.categorical_features = categorical_features
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> PrunedTreeClassifier:
        """Grow, prune and choose; rows of one of the ``groups`` (n,) are judged by trees that have seen none of it."""
        rows = read_classes(self, self.code(X), y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        fit_tree(self, rows, rows.y, weight, make_loss(len(rows.labels)), groups, even=rows.y)
        self.classes_ = rows.labels
        return self
