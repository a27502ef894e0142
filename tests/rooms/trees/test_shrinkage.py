"""Hierarchical shrinkage: its formula written out for one row at a time, its limits, and its degrees of freedom."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rightfit.trees import shrinkage
from rightfit.trees.columns import Columns
from rightfit.trees.grove import Grove, join
from rightfit.trees.growing import Growth, grow
from rightfit.trees.target import Target
from tests.rooms.trees.tables import drawn


@pytest.fixture(scope="module")
def tree() -> Grove:
    X, y = drawn("squared")
    return grow(X, Target(y, np.ones(len(y)), 0, "squared_error"), np.ones(len(y)), Growth(min_samples_leaf=3), 0)


def slow(tree: Grove, leaf: int, strength: float) -> np.ndarray:
    """mean(root) + sum over the way down of (mean - mean of the parent) / (1 + strength / size of the parent)."""
    way = [leaf]
    while tree.parent[way[-1]] >= 0:
        way.append(int(tree.parent[way[-1]]))
    way.reverse()
    out = tree.value[way[0]].copy()
    for above, below in itertools.pairwise(way):
        out += (tree.value[below] - tree.value[above]) / (1 + strength / tree.size[above])
    return out


def test_all_strengths_at_once_are_the_formula(tree: Grove) -> None:
    strengths = np.array([1000.0, 10.0, 0.5])
    together = shrinkage.shrink(tree, strengths)
    for leaf in np.flatnonzero(tree.feature < 0):
        for k, strength in enumerate(strengths):
            np.testing.assert_allclose(together[leaf, k], slow(tree, int(leaf), strength), rtol=1e-12)
            alone = shrinkage.shrink(tree, strengths[k : k + 1])[leaf, 0]
            assert alone.tobytes() == together[leaf, k].tobytes()


def test_limits(tree: Grove) -> None:
    none, all_of_it = shrinkage.shrink(tree, np.array([0.0, np.inf])).transpose(1, 0, 2)
    np.testing.assert_allclose(none, tree.value, rtol=1e-12)
    assert (all_of_it == tree.value[0]).all()


def test_the_mean_over_the_rows_does_not_move(tree: Grove) -> None:
    leaves = np.flatnonzero(tree.feature < 0)
    shrunken = shrinkage.shrink(tree, np.array([0.0, 20.0, np.inf]))[leaves]
    means = (tree.size[leaves, None, None] * shrunken).sum(axis=0) / tree.size[0]
    np.testing.assert_allclose(means, np.broadcast_to(tree.value[0], means.shape), rtol=1e-12)


def test_degrees_of_freedom_are_the_trace_of_the_smoother() -> None:
    X, _ = drawn("squared", n=60)
    y = np.random.default_rng(2).normal(size=60)
    ones = np.ones(60)
    tree = grow(X, Target(y, ones, 0, "squared_error"), ones, Growth(max_depth=3), 0)
    leaf = tree.descend(X)[0]
    way = np.zeros((60, tree.nodes))  # which rows are in which node
    for i, end in enumerate(leaf):
        at = int(end)
        while at >= 0:
            way[i, at] = 1
            at = int(tree.parent[at])
    mean = way.T / way.sum(axis=0)[:, None]  # (N, n) from targets to means
    for strength in (0.0, 3.0, 100.0, np.inf):
        says = np.empty_like(mean)
        for node in range(tree.nodes):
            up = int(tree.parent[node])
            kept = 0.0 if up < 0 or np.isinf(strength) else 1 / (1 + strength / tree.size[up])
            says[node] = mean[0] if up < 0 else says[up] + (mean[node] - mean[up]) * kept
        hat = says[leaf]
        kept = shrinkage.freedom(tree, np.array([strength]))[0]
        np.testing.assert_allclose(kept, np.trace(hat) - 1, rtol=1e-10, atol=1e-10)


def test_roots_of_bags_are_drawn_to_the_centre_of_the_sample(tree: Grove) -> None:
    grove = join([tree, tree])
    out = shrinkage.shrink(grove, np.array([0.0, np.inf, 7.0]), np.array([5.0]), 100.0)
    np.testing.assert_allclose(out[:, 0], grove.value, rtol=1e-12)
    assert (out[:, 1] == 5.0).all()
    np.testing.assert_allclose(out[grove.roots, 2, 0], 5 + (tree.value[0, 0] - 5) / (1 + 7 / 100))


def test_gains_of_all_splits_are_what_the_impurity_lost(tree: Grove) -> None:
    leaves = np.flatnonzero(tree.feature < 0)
    risk = tree.size * tree.impurity
    total = shrinkage.gains(tree, 0.0, Columns.of(5)).sum()
    np.testing.assert_allclose(total, risk[0] - risk[leaves].sum(), rtol=1e-10)
    assert shrinkage.gains(tree, np.inf, Columns.of(5)).sum() == 0
