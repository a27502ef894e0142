"""Minimal cost-complexity pruning (Breiman, Friedman, Olshen & Stone 1984, Classification and Regression Trees, chapter
3).

R(t) is the share of the whole weight that lies in node t times its impurity, R(T_t) the sum over the leaves below t.
The weakest link is the inner node of least

    g(t) = (R(t) - R(T_t)) / (leaves below t - 1)

It becomes a leaf, and so on up to the root. At a price alpha a leaf, the pruned tree is what is left once all links of
g <= alpha are cut; so one number for each node, the alpha from which on it is a leaf, holds the whole path.
"""

from __future__ import annotations

import heapq

import numpy as np

from rightfit.trees.grove import Grove


def collapse(tree: Grove) -> np.ndarray:
    """(N,) the price from which on an inner node of one tree splits no more, because it or a node above became a leaf;
    -inf for the leaves of the grown tree.

    Sums are taken in the order in which scikit-learn takes them, so that prices are equal to its to the last bit.
    """
    out = np.full(tree.nodes, -np.inf)
    if tree.feature[0] < 0:
        return out
    risk, below = _risks(tree)
    left, right, parent = tree.left.tolist(), tree.right.tolist(), tree.parent.tolist()
    inner = (tree.feature >= 0).tolist()
    leaves = tree.leaves.tolist()
    own, branch = risk.tolist(), below.tolist()
    link = [(own[t] - branch[t]) / (leaves[t] - 1) if inner[t] else np.inf for t in range(tree.nodes)]
    # A cut never weakens the links above it but by rounding. So a key may lie below its link, which is seen when it is
    # taken, and never above.
    key = list(link)
    heap = [(link[t], t) for t in range(tree.nodes) if inner[t]]
    heapq.heapify(heap)
    price = -np.inf
    while inner[0]:
        weakest, node = heapq.heappop(heap)
        if not inner[node] or key[node] != weakest:
            continue
        if link[node] != weakest:
            key[node] = link[node]
            heapq.heappush(heap, (link[node], node))
            continue
        price = max(price, weakest)
        gone = [node]
        while gone:
            t = gone.pop()
            if inner[t]:
                inner[t], out[t] = False, price
                gone += (left[t], right[t])
        fewer, more = leaves[node] - 1, own[node] - branch[node]
        up = parent[node]
        while up >= 0:
            leaves[up] -= fewer
            branch[up] += more
            link[up] = (own[up] - branch[up]) / (leaves[up] - 1)
            if link[up] < key[up]:
                key[up] = link[up]
                heapq.heappush(heap, (link[up], up))
            up = parent[up]
    return out


def breakpoints(price: np.ndarray) -> np.ndarray:
    """(M,) increasing: the prices at which the tree changes."""
    return np.unique(price[np.isfinite(price)])


def standing(tree: Grove, price: np.ndarray, alpha: float) -> np.ndarray:
    """(N,) bool: inner nodes that still split at this price of a leaf. At 0 nothing is cut, as scikit-learn has it."""
    return (tree.feature >= 0) & ((price > alpha) | (alpha == 0))


def resting(tree: Grove, price: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """(N, K) int32: the node where a row that reaches a node of the grown tree stays, at each price."""
    out = np.zeros((tree.nodes, len(alphas)), np.int32)
    stands = (price[:, None] > alphas) | (alphas == 0)
    for level in tree.levels[1:]:
        parent = tree.parent[level]
        out[level] = np.where(stands[parent], level[:, None], out[parent])
    return out


def sum_standing(tree: Grove, price: np.ndarray, alphas: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """(K,) sum of ``amount`` (N,) over the nodes that still split, at each price."""
    inner = np.flatnonzero(tree.feature >= 0)
    inner = inner[np.argsort(-price[inner], kind="stable")]
    total = np.concatenate([[0.0], np.cumsum(amount[inner])])
    return total[count_leaves(tree, price, alphas) - 1]


def count_leaves(tree: Grove, price: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """(K,) leaves at each price: one more than nodes that split."""
    inner = np.sort(price[tree.feature >= 0])
    return 1 + len(inner) - np.where(alphas > 0, np.searchsorted(inner, alphas, side="right"), 0)


def grid(tree: Grove, price: np.ndarray, count: int) -> np.ndarray:
    """(K,) decreasing prices that stand for at most ``count`` of the pruned trees: the root first, the grown tree last
    (alpha 0), and geometric midpoints between neighbouring breakpoints, as in CART's cross-validation. Where there are
    more trees than that, those whose number of leaves is nearest to equal ratios are taken.
    """
    points = breakpoints(price)
    points = points[points > 0]
    root = float(tree.impurity[0])
    if not len(points) or count == 1:
        return np.array([root if root > 0 else 1.0])
    between = np.sqrt(points[:-1]) * np.sqrt(points[1:])
    alphas = np.concatenate([[max(root, points[-1])], between[::-1], [0.0]])
    if len(alphas) <= count:
        return alphas
    leaves = count_leaves(tree, price, alphas)
    wanted = np.geomspace(1, leaves[-1], count)
    nearest = np.abs(np.log(leaves)[:, None] - np.log(wanted)).argmin(axis=0)
    return alphas[np.unique(np.append(nearest, [0, len(alphas) - 1]))]


def _risks(tree: Grove) -> tuple[np.ndarray, np.ndarray]:
    """(N,) share of the weight times impurity of each node, and the sum of these over the leaves below it."""
    own = tree.size * tree.impurity / tree.size[0]
    leaf = np.flatnonzero(tree.feature < 0)
    pairs_leaf, pairs_up = [leaf], [leaf]
    at = leaf
    while len(at):
        up = tree.parent[at]
        leaf, at = leaf[up >= 0], up[up >= 0]
        pairs_leaf.append(leaf)
        pairs_up.append(at)
    leaves, ups = np.concatenate(pairs_leaf), np.concatenate(pairs_up)
    order = np.argsort(leaves, kind="stable")
    return own, np.bincount(ups[order], own[leaves[order]], tree.nodes)
