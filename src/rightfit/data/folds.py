"""Dealing rows to folds at random: balanced in rows, in classes, in weight, and with groups kept whole."""

from __future__ import annotations

import numpy as np


def deal_rows(strata: np.ndarray, weight: np.ndarray, folds: int, generator: np.random.Generator) -> np.ndarray:
    """(n,) fold numbers 1 ... folds.

    Inside a class the rows are put in random order, heavier rows first, and dealt out in rounds of one row to every
    fold in random order; what is left over after the last whole round continues where the class before stopped.
    Hence the rows of each class, and all rows together, differ by at most one between folds, and the weight of a
    class differs by at most that of its heaviest row plus the remainder.
    """
    label = np.empty(len(strata), np.int64)
    order_of_remainders = generator.permutation(folds) + 1
    position = 0
    for c in np.unique(strata):
        rows = generator.permutation(np.flatnonzero(strata == c))
        rows = rows[np.argsort(-weight[rows], kind="stable")]
        rounds, left = divmod(len(rows), folds)
        whole = np.tile(np.arange(1, folds + 1), (rounds, 1))
        label[rows[: rounds * folds]] = generator.permuted(whole, axis=1).ravel()
        label[rows[rounds * folds :]] = np.take(order_of_remainders, np.arange(position, position + left), mode="wrap")
        position += left
    return label


def deal_groups(
    group: np.ndarray, strata: np.ndarray, weight: np.ndarray, folds: int, generator: np.random.Generator
) -> np.ndarray:
    """(n,) fold numbers 1 ... folds, the same for all rows of a group; no fold is empty where groups >= folds.

    Greedy: groups in random order, larger ones (by powers of two) first, each to the fold where it raises the sum
    of squared class shares least, sum over folds and classes of (weight in fold / weight in all)^2; of equal ones to
    the lightest, then to a random one.
    """
    groups, classes = int(group.max()) + 1, int(strata.max()) + 1
    content = np.zeros((groups, classes))
    np.add.at(content, (group, strata), weight)
    total = content.sum(axis=0)
    content = content / np.where(total > 0, total, 1.0)
    size = content.sum(axis=1)
    order = generator.permutation(groups)
    order = order[np.argsort(-np.floor(np.log2(size[order])), kind="stable")]
    load = np.zeros((folds, classes))
    filled = np.zeros(folds, np.int64)
    chosen = np.empty(groups, np.int64)
    for g in order:
        rise = load @ content[g]
        # An empty fold comes first whatever the classes say, so that none is left without rows.
        fold = np.lexsort((generator.random(folds), load.sum(axis=1).round(12), rise.round(12), filled > 0))[0]
        load[fold] += content[g]
        filled[fold] += 1
        chosen[g] = fold + 1
    return np.asarray(chosen[group])
