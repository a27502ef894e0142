"""The pruning path against scikit-learn, which fits the tree again for every price of a leaf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from rightfit.trees import pruning
from rightfit.trees.grove import Grove
from rightfit.trees.growing import Growth, grow
from rightfit.trees.target import Target
from tests.rooms.trees.tables import drawn, real

CLASSES = ("gini", "entropy")
REAL = [
    ("ames_housing", "price", "squared_error", 1500, 5, ()),
    ("hitters", "Salary", "squared_error", 263, 1, ()),
    ("bike_hourly", "cnt", "poisson", 1500, 5, ("casual", "registered")),
    ("letter", "lettr", "gini", 1500, 1, ()),
    ("credit_data", "Status", "gini", 1500, 1, ()),
    ("credit_data", "Status", "entropy", 1500, 5, ()),
]


def peer(criterion: str, leaf: int, alpha: float, X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Any:
    kind = DecisionTreeClassifier if criterion in CLASSES else DecisionTreeRegressor
    return kind(criterion=criterion, random_state=0, min_samples_leaf=leaf, ccp_alpha=alpha).fit(X, y, weight)


def shares(tree: Any, X: np.ndarray, classes: int) -> np.ndarray:
    if not classes:
        return tree.predict(X)[:, None]
    out = np.zeros((len(X), classes))
    out[:, tree.classes_.astype(int)] = tree.predict_proba(X)
    return out


def ours(X: np.ndarray, y: np.ndarray, criterion: str, leaf: int, weight: np.ndarray) -> tuple[Grove, np.ndarray]:
    classes = int(y.max()) + 1 if criterion in CLASSES else 0
    tree = grow(X, Target(y, np.ones(len(y)), classes, criterion), weight, Growth(min_samples_leaf=leaf), 0)
    return tree, pruning.collapse(tree)


def count_mismatches(X: np.ndarray, y: np.ndarray, criterion: str, leaf: int, weight: np.ndarray, every: int) -> int:
    """Held-out rows whose prediction differs from the refitted tree's in any bit, over all prices of the full fit, and
    over prices at which the fold's own tree changes."""
    classes = int(y.max()) + 1 if criterion in CLASSES else 0
    out = np.arange(len(y)) % 5 == 0
    full, price = ours(X, y, criterion, leaf, weight)
    fold, fold_price = ours(X[~out], y[~out], criterion, leaf, weight[~out])
    if classes and fold.value.shape[1] < classes:
        raise AssertionError("every class must be in the fold")
    own = pruning.breakpoints(fold_price)
    grid = pruning.grid(full, price, 100)
    alphas = np.concatenate([grid, own[own > 0][:: max(1, len(own) // 15)]])[::every]
    at = pruning.resting(fold, fold_price, alphas)
    held_out = fold.value[at[fold.descend(X[out])[0]]]
    wrong = 0
    for k, alpha in enumerate(alphas):
        tree = peer(criterion, leaf, alpha, X[~out], y[~out], weight[~out])
        wrong += int((shares(tree, X[out], classes) != held_out[:, k]).any(axis=1).sum())
        assert pruning.count_leaves(fold, fold_price, alphas[k : k + 1])[0] == tree.get_n_leaves()
    assert len(alphas) >= 10
    return wrong


@pytest.mark.parametrize(("name", "target", "criterion", "rows", "leaf", "drop"), REAL)
def test_held_out_predictions_are_those_of_trees_fitted_again(
    name: str, target: str, criterion: str, rows: int, leaf: int, drop: tuple[str, ...]
) -> None:
    X, y = real(name, target, rows, drop)
    assert count_mismatches(X, y, criterion, leaf, np.ones(len(y)), every=4) == 0


@pytest.mark.parametrize("criterion", ["squared_error", "poisson", "gini", "entropy"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_on_drawn_rows(criterion: str, weighted: bool) -> None:
    loss = {"poisson": "poisson", "gini": "multinomial", "entropy": "logistic"}.get(criterion, "squared")
    X, y = drawn(loss)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y)) if weighted else np.ones(len(y))
    assert count_mismatches(X, y, criterion, 1, weight, every=2) == 0


@pytest.mark.parametrize("criterion", ["squared_error", "gini"])
def test_prices_are_those_of_scikit_learn_to_the_last_bit(criterion: str) -> None:
    X, y = drawn("squared" if criterion == "squared_error" else "multinomial")
    _, price = ours(X, y, criterion, 1, np.ones(len(y)))
    path = peer(criterion, 1, 0.0, X, y, np.ones(len(y))).cost_complexity_pruning_path(X, y)
    theirs = np.unique(np.maximum.accumulate(path.ccp_alphas)[1:])
    assert pruning.breakpoints(price).tobytes() == theirs.tobytes()


def test_the_grid_begins_with_the_root_and_ends_with_the_whole_tree() -> None:
    X, y = drawn("squared")
    tree, price = ours(X, y, "squared_error", 1, np.ones(len(y)))
    for count in (1, 2, 7, 1000):
        alphas = pruning.grid(tree, price, count)
        assert len(alphas) <= count
        assert (np.diff(alphas) < 0).all()
        leaves = pruning.count_leaves(tree, price, alphas)
        assert leaves[0] == 1
        assert (np.diff(leaves) > 0).all()
        assert count == 1 or leaves[-1] == tree.leaves[0]


def test_a_target_without_variation_has_one_step() -> None:
    tree, price = ours(np.zeros((9, 2), np.float32), np.ones(9), "squared_error", 1, np.ones(9))
    assert tree.nodes == 1
    assert pruning.grid(tree, price, 10).tolist() == [1.0]
