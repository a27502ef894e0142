"""The door to scikit-learn, which grows the trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rightfit.errors import OptionError
from rightfit.trees.columns import put_in_order
from rightfit.trees.grove import Grove, put_in_place
from rightfit.trees.target import Target

_HAIR = 1 - 1e-9


@dataclass(frozen=True)
class Growth:
    """How far a tree may grow. Numbers of rows are weights: a row of weight 2 counts as two."""

    max_depth: int | None = None
    min_samples_split: int = 2
    min_samples_leaf: int = 1
    max_features: float | str | None = None
    max_leaf_nodes: int | None = None

    def check(self) -> None:
        """OptionError names the first option that makes no sense."""
        for name, least in (("max_depth", 1), ("max_leaf_nodes", 2)):
            value = getattr(self, name)
            if value is not None and not (_is_whole(value) and value >= least):
                raise OptionError(f"{name} must be a whole number of {least} or more, or None, not {value!r}")
        for name, least in (("min_samples_split", 2), ("min_samples_leaf", 1)):
            value = getattr(self, name)
            if not (_is_whole(value) and value >= least):
                raise OptionError(f"{name} must be a whole number of {least} or more, not {value!r}")
        share = self.max_features
        if isinstance(share, str):
            if share not in ("sqrt", "log2"):
                raise OptionError(f"max_features must be 'sqrt', 'log2', a share, or None for all, not {share!r}")
        elif share is not None and not (isinstance(share, float | int) and 0 < share <= 1):
            raise OptionError(f"max_features must be a share above 0 and at most 1, not {share!r}")

    def words(self) -> str:
        """The limits in words, empty where there are none."""
        said = []
        if self.max_depth is not None:
            said.append(f"depth {self.max_depth}")
        if self.max_leaf_nodes is not None:
            said.append(f"at most {self.max_leaf_nodes} leaves")
        if self.min_samples_leaf > 1:
            said.append(f"at least {self.min_samples_leaf} rows a leaf")
        if self.min_samples_split > 2:
            said.append(f"at least {self.min_samples_split} rows to split")
        if isinstance(self.max_features, str):
            said.append(f"{self.max_features} of the features a split")
        elif self.max_features is not None and self.max_features < 1:
            said.append(f"{100 * self.max_features:.0f} % of the features a split")
        return ", ".join(said)


def grow(
    X: np.ndarray,
    target: Target,
    copies: np.ndarray,
    growth: Growth,
    seed: int,
    codes: np.ndarray | None = None,
    signs: np.ndarray | None = None,
) -> Grove:
    """One tree from rows X (n, p) float32, NaN where a value is missing, that count ``copies`` (n,) times, 0 allowed.
    The last columns are categories of so many ``codes`` (c,), see `rightfit.trees.columns`. With ``signs`` (p,) what
    nodes say rises (1) or falls (-1) with a column: nothing below the left child of a split on it passes the mean of
    both children, nor does anything below the right one, so that pruning and shrinking keep the order.

    With weights, limits on rows are limits on weight; scikit-learn knows those for leaves, and a node too small to
    split is made a leaf afterwards.
    """
    from sklearn import config_context
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    weight = copies * target.exposure
    drawn = weight > 0
    even = bool((weight[drawn] == 1).all())
    codes = np.zeros(0, np.int64) if codes is None else codes
    places = np.zeros(0, np.float32)
    if len(codes):
        means = target.means().astype(np.float64)
        places = put_in_order(X[:, -len(codes) :], codes, means[:, 1:] if target.classes == 2 else means, weight)
        X = put_in_place(X, codes, places)
    total = float(weight.sum())
    limits: dict[str, Any] = {}
    if even:
        limits = {"min_samples_leaf": growth.min_samples_leaf, "min_samples_split": growth.min_samples_split}
    elif growth.min_samples_leaf > 1:
        # a hair less, so that rounding of sums splits what may be split
        limits = {"min_weight_fraction_leaf": min(0.5, growth.min_samples_leaf * _HAIR / total)}
    criterion = target.criterion
    if criterion == "poisson" and not (target.y[drawn] > 0).any():
        criterion = "squared_error"  # nothing to split, which the other one refuses
    kind = DecisionTreeClassifier if target.classes else DecisionTreeRegressor
    estimator = kind(
        criterion=criterion,
        max_depth=growth.max_depth,
        max_features=growth.max_features,
        max_leaf_nodes=growth.max_leaf_nodes,
        random_state=seed,
        monotonic_cst=signs if signs is not None and len(signs) else None,
        **limits,
    )
    given = None if even and drawn.all() else weight
    with config_context(skip_parameter_validation=True, assume_finite=True):
        # without the check it would not see missing values
        estimator.fit(X, target.y, sample_weight=given, check_input=bool(np.isnan(X).any()))
    seen = estimator.classes_ if target.classes else None
    grown = replace(_read(estimator.tree_, seen, target.classes), codes=codes, places=places[None])
    least = max(growth.min_samples_split, 2 * growth.min_samples_leaf)
    small = (grown.feature >= 0) & (grown.size < least * _HAIR)
    if even or least <= 2 or not small.any():  # two rows may be split, whatever they weigh
        return grown
    return grown.cut(small)[0]


def _read(tree: Any, seen: np.ndarray | None, classes: int) -> Grove:
    """scikit-learn's arrays; classes without a row get a share of 0."""
    inner = tree.children_left >= 0
    value = tree.value[:, 0, :]
    if seen is not None:
        shares = np.zeros((tree.node_count, classes))
        shares[:, seen.astype(int)] = value
        value = shares
    return Grove(
        roots=np.zeros(1, np.int64),
        feature=np.where(inner, tree.feature, -1).astype(np.int32),
        threshold=np.where(inner, tree.threshold, 0.0),
        left=tree.children_left.astype(np.int32),
        right=tree.children_right.astype(np.int32),
        missing_left=np.where(inner, tree.missing_go_to_left, 0).astype(np.uint8),
        size=tree.weighted_n_node_samples.astype(np.float64),
        impurity=tree.impurity.astype(np.float64),
        value=np.array(value),
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
