"""A classification forest, shrunken as far as unseen rows ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from rightfit.estimators.classes import make_loss, weigh_classes
from rightfit.estimators.few_trees import FewTrees, thin
from rightfit.estimators.grown import GrownClassifier
from rightfit.estimators.inputs import read_classes
from rightfit.estimators.shrunk_forest import fit_forest


class ShrunkForestClassifier(GrownClassifier):
    """A random forest whose trees are all shrunken by the same strength, chosen by log loss on rows that the trees have
    not drawn.

    Parameters and attributes as in `rightfit.estimators.shrunk_forest_regressor.ShrunkForestRegressor`, and

    Parameters
    ----------
    criterion : {"gini", "entropy"} or None
        What a split minimizes; "gini" where None.
    class_weight : {class: weight}, "balanced" or None
        Row weights of the fit and of the evidence.

    Attributes
    ----------
    classes_ : (C,)
    """

    def __init__(
        self,
        *,
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
        class_weight: Any = None,
        strengths: Any = None,
        count: int = 30,
        threads: int = 1,
        categorical_features: Any = "from_dtype",
        seed: int = 0,
    ):
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
        self.class_weight = class_weight
        self.strengths = strengths
        self.count = count
        self.threads = threads
        self.categorical_features = categorical_features
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> ShrunkForestClassifier:
        """Grow, judge and choose; rows of one of the ``groups`` (n,) are drawn, or left out, together."""
        rows = read_classes(self, self.code(X), y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        fit_forest(self, rows, rows.y, weight, make_loss(len(rows.labels)), groups, even=rows.y)
        self.classes_ = rows.labels
        return self

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
        none; with any other all trees stay. For two classes. It takes as many forests as there are ``folds``."""
        check_is_fitted(self)
        rows = read_classes(clone(self), self.categories_.code(X), y, sample_weight, missing=True)
        assert rows.labels is not None
        weight = weigh_classes(self.class_weight, rows.labels, rows.y, rows.weight)
        loss = make_loss(len(rows.labels))
        return thin(self, rows, rows.y, weight, loss, groups, even=rows.y, mixes=mixes, rule=rule)
