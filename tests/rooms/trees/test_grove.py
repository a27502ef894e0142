"""Trees as arrays: rows end where scikit-learn's do, cut and stored trees predict alike, damaged ones are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

from rightfit.errors import StoreError
from rightfit.trees.columns import Columns
from rightfit.trees.grove import Grove, from_arrays, join
from rightfit.trees.growing import Growth, grow
from rightfit.trees.target import Target
from tests.rooms.trees.tables import drawn, real


def grown(X: np.ndarray, y: np.ndarray, seed: int = 0, **limits: Any) -> Grove:
    return grow(X, Target(y, np.ones(len(y)), 0, "squared_error"), np.ones(len(y)), Growth(**limits), seed)


@pytest.mark.parametrize("lean", [False, True])
def test_rows_end_in_the_leaves_of_scikit_learn(lean: bool) -> None:
    X, y = drawn("squared", n=800)
    new = X[::-1] * 1.01
    new[::7, 2] = np.nan
    # values that lie on thresholds, and one float32 beside them
    peer = DecisionTreeRegressor(random_state=0).fit(X, y)
    edge = peer.tree_.threshold[peer.tree_.feature == 0].astype(np.float32)
    edge = edge[np.isfinite(edge)]  # an infinite one parts rows with a value from those without
    rows = np.repeat(X[:1], 3 * len(edge), axis=0)
    rows[:, 0] = np.concatenate([edge, np.nextafter(edge, np.inf), np.nextafter(edge, -np.inf)])
    tree = grown(X, y).lean() if lean else grown(X, y)
    for some in (X, new, rows):
        assert np.array_equal(tree.descend(some)[0], peer.apply(some))


def test_rows_end_in_the_leaves_of_scikit_learn_on_houses() -> None:
    X, y = real("ames_housing", "price", 2930)
    peer = DecisionTreeRegressor(random_state=3, min_samples_leaf=2, max_features=0.5).fit(X, y)
    tree = grown(X, y, 3, min_samples_leaf=2, max_features=0.5)
    assert np.array_equal(tree.descend(X)[0], peer.apply(X))
    assert np.array_equal(tree.value[tree.descend(X)[0], 0], peer.predict(X))


def test_a_grove_holds_several_trees() -> None:
    X, y = drawn("squared")
    trees = [grown(X, y, seed, max_features=0.5) for seed in range(3)]
    grove = join(trees)
    leaves = grove.descend(X)
    for t, tree in enumerate(trees):
        assert np.array_equal(leaves[t] - grove.roots[t], tree.descend(X)[0])
        assert np.array_equal(grove.value[leaves[t]], tree.value[tree.descend(X)[0]])
    assert len(grove.levels[0]) == 3
    assert grove.leaves[grove.roots].tolist() == [int(tree.leaves[0]) for tree in trees]


def test_a_cut_tree_says_what_the_nodes_said() -> None:
    X, y = drawn("squared")
    tree = grown(X, y)
    depth_two = np.concatenate(tree.levels[2:])
    ends = np.isin(np.arange(tree.nodes), depth_two)
    small, kept = tree.cut(ends)
    assert small.nodes == 7
    assert np.array_equal(small.value, tree.value[kept])
    peer = DecisionTreeRegressor(random_state=0, max_depth=2).fit(X, y)
    assert np.array_equal(small.value[small.descend(X)[0], 0], peer.predict(X))


def test_limits_in_weight_are_limits_in_rows() -> None:
    X, y = drawn("squared", n=120)
    twice = np.concatenate([np.arange(120), np.arange(40)])
    weight = np.where(np.arange(120) < 40, 2.0, 1.0)
    target = Target(y, np.ones(120), 0, "squared_error")
    for limits in (
        {"min_samples_leaf": 7},
        {"min_samples_split": 15},
        {"min_samples_leaf": 4, "min_samples_split": 20},
    ):
        one = grow(X, target, weight, Growth(**limits), 0)
        two = grow(X[twice], target.take(twice), np.ones(160), Growth(**limits), 0)
        # of columns that part the rows alike, scikit-learn takes one at random: sizes and means are what counts
        a, b = one.descend(X)[0], two.descend(X)[0]
        assert np.array_equal(one.size[a], two.size[b])
        np.testing.assert_allclose(one.value[a], two.value[b], rtol=1e-12)


def test_damaged_arrays_are_refused() -> None:
    X, y = drawn("squared")
    tree = grown(X, y)
    assert np.array_equal(from_arrays(tree.arrays(), Columns.of(5)).descend(X), tree.descend(X))
    loop = tree.left.copy()
    loop[5 if tree.feature[5] >= 0 else 0] = 0
    beyond = tree.right.copy()
    beyond[0] = tree.nodes
    column = tree.feature.copy()
    column[0] = 5
    for damage in ({"left": loop}, {"right": beyond}, {"feature": column}, {"threshold": tree.threshold[:-1]}):
        with pytest.raises(StoreError, match="damaged"):
            from_arrays({**tree.arrays(), **damage}, Columns.of(5))
    with pytest.raises(KeyError):
        from_arrays({"feature": tree.feature}, Columns.of(5))


def test_a_forest_of_scikit_learn_is_a_mean_of_such_trees() -> None:
    X, y = drawn("squared")
    peer = RandomForestRegressor(5, random_state=0, bootstrap=False, max_features=0.5).fit(X, y)
    trees = [grown(X, y, int(one.random_state), max_features=0.5) for one in peer.estimators_]
    ours = np.mean([tree.value[tree.descend(X)[0], 0] for tree in trees], axis=0)
    np.testing.assert_allclose(ours, peer.predict(X), rtol=1e-12)
