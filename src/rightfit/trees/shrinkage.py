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

from rightfit.trees.grove import Grove


def shrink(grove: Grove, strength: float, centre: np.ndarray | None = None, size: float = 0.0) -> np.ndarray:
    """(N, C) what every node says. ``centre`` (C,) is the mean of a sample of weight ``size`` from which bags were
    drawn."""
    if strength == 0:
        return grove.value
    out = np.empty_like(grove.value)
    roots = grove.roots
    if centre is None:
        out[roots] = grove.value[roots]
    else:
        out[roots] = centre + (grove.value[roots] - centre) * _keep(np.array([size]), strength)
    for level in grove.levels[1:]:
        parent = grove.parent[level]
        step = (grove.value[level] - grove.value[parent]) * _keep(grove.size[parent], strength)[:, None]
        out[level] = out[parent] + step
    return out


def freedom(grove: Grove, strength: float, stands: np.ndarray | None = None) -> float:
    """Degrees of freedom of squared error on the rows of the tree: every split is one direction, orthogonal to all
    others, of which 1 / (1 + strength / size) is kept; the mean is not counted. Mean over the trees; ``stands`` (N,)
    marks the inner nodes that are left of a pruned tree. With 0 the number of splits, which is leaves - 1."""
    inner = grove.feature >= 0 if stands is None else stands
    return float(_keep(grove.size[inner], strength).sum() / len(grove.roots))


def gains(grove: Grove, strength: float, features: int, stands: np.ndarray | None = None) -> np.ndarray:
    """(p,) what the splits on each feature take off the impurity, times what shrinkage keeps of it, summed over
    trees."""
    inner = np.flatnonzero(grove.feature >= 0 if stands is None else stands)
    risk = grove.size * grove.impurity
    gain = risk[inner] - risk[grove.left[inner]] - risk[grove.right[inner]]
    kept = np.maximum(gain, np.finfo(float).tiny) * _keep(grove.size[inner], strength)
    return np.bincount(grove.feature[inner], kept, features)


def _keep(size: np.ndarray, strength: float) -> np.ndarray:
    """1 / (1 + strength / size)"""
    return np.zeros_like(size) if np.isinf(strength) else size / (size + strength)
