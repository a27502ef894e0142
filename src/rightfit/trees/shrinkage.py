"""Hierarchical shrinkage (Agarwal, Tan, Ronen, Singh & Yu 2022, Hierarchical Shrinkage: improving the accuracy and
interpretability of tree-based methods, equation 2).

A node says its parent's prediction plus what its own mean adds, the less so the fewer rows the parent has:

    f(root) = mean(root),    f(t) = f(parent) + (mean(t) - mean(parent)) / (1 + strength / size(parent))

At 0 that is the tree, at infinity the mean of the root. The structure of the tree is not touched, so that all strengths
come from one grown tree. In a forest the roots are means of bags; where a centre is given, it is the parent of all
roots with the size of the whole sample, so that an infinite strength says the centre.
"""

from __future__ import annotations

import numpy as np

from rightfit.trees.columns import Columns
from rightfit.trees.grove import Grove


def shrink(grove: Grove, strengths: np.ndarray, centre: np.ndarray | None = None, size: float = 0.0) -> np.ndarray:
    """(N, K, C) what every node says at each strength. ``centre`` (C,) is the mean of a sample of weight ``size`` from
    which bags were drawn."""
    value = grove.value.astype(np.float64, copy=False)[:, None, :]
    out = np.empty((grove.nodes, len(strengths), value.shape[2]))
    for level in grove.levels:
        parent = grove.parent[level]
        if parent[0] >= 0:
            above, step, rows = out[parent], value[level] - value[parent], grove.size[parent]
        elif centre is None:
            out[level] = value[level]
            continue
        else:
            above, step, rows = centre, value[level] - centre, np.array([size])
        out[level] = above + step * keep(rows[:, None], strengths)[:, :, None]
    return out


def steady(
    grove: Grove,
    strengths: np.ndarray,
    rows: float,
    *,
    ordered: bool,
    centre: np.ndarray | None = None,
    size: float = 0.0,
) -> np.ndarray:
    """`shrink`, where no node is sure of itself: mixed with the sample's mean as if it had seen so many ``rows`` more,
    see `rightfit.trees.target`. That draws small nodes most, past large ones. Where the order of nodes must stay
    (``ordered``) the rows are added to the strength instead: what a leaf says is a mean of what the nodes above it say,
    each split's share the same on both of its sides."""
    if ordered:
        return shrink(grove, strengths + rows, centre, size)
    values = shrink(grove, strengths, centre, size)
    if rows == 0:
        return values
    prior = grove.value[0].astype(np.float64) if centre is None else centre
    weight = grove.size.astype(np.float64)
    return np.asarray(prior + (values - prior) * (weight / (weight + rows))[:, None, None])


def keep(size: np.ndarray, strength: np.ndarray | float) -> np.ndarray:
    """1 / (1 + strength / size)"""
    return np.asarray(size / (size + strength))


def freedom(grove: Grove, strengths: np.ndarray) -> np.ndarray:
    """(K,) degrees of freedom of squared error on the rows of the tree: every split is one direction, orthogonal to all
    others, of which 1 / (1 + strength / size) is kept; the mean is not counted. With 0 the number of splits, which is
    leaves - 1. Mean over the trees."""
    size = grove.size[grove.feature >= 0].astype(np.float64)
    return np.asarray(keep(size[:, None], strengths).sum(axis=0) / len(grove.roots))


def gains(grove: Grove, strength: float, columns: Columns, stands: np.ndarray | None = None) -> np.ndarray:
    """(p,) what the splits on each feature take off the impurity, times what shrinkage keeps of it, summed over trees;
    a category's is shared by its levels."""
    inner = np.flatnonzero(grove.feature >= 0 if stands is None else stands)
    risk = grove.size * grove.impurity
    gain = risk[inner] - risk[grove.left[inner]] - risk[grove.right[inner]]
    kept = np.maximum(gain, np.finfo(float).tiny) * keep(grove.size[inner], strength)
    return columns.spread(np.bincount(grove.feature[inner], kept, len(columns)))
