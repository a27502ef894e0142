"""Who is at risk when: sums over risk sets, and sums over the events that a row is at risk at.

Events of one stratum and one time are a *group*. A row is at risk at the groups of its stratum with

    entry < time of the group <= its own time,

an interval of groups, numbered by stratum and then by time. Two sums are all that a partial likelihood asks for:
`gather` adds rows up to groups, `spread` adds groups up to rows. Both add logarithms of terms >= 0 and never subtract,
so that no risk set loses its digits to a larger one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array

MOST_CHAINS = 32
"""Strata up to which each is added up by itself."""


class RiskSets:
    """Groups of tied events among the rows of positive weight, and who is at risk at them.

    y (n, 4) holds time, event, entry and stratum; weight (n,) >= 0.
    """

    def __init__(self, y: np.ndarray, weight: np.ndarray):
        time, event, entry, stratum = y.T
        happened = np.flatnonzero((event == 1) & (weight > 0))
        place = np.unique(np.concatenate([time, entry]), return_inverse=True)[1].astype(np.int64)
        width = int(place.max(initial=0)) + 1
        base = np.unique(stratum, return_inverse=True)[1].astype(np.int64) * width
        key = base + place[: len(y)]
        self.keys, group, count = np.unique(key[happened], return_inverse=True, return_counts=True)
        """(m,) one number a group, in the order of stratum and time"""
        order = np.argsort(group, kind="stable")
        self.events, self.group, self.count = happened[order], group[order], count
        """(e,) rows with an event of positive weight, group by group; (e,) their groups; (m,) events of a group"""
        self.starts = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)
        self.weight = np.add.reduceat(weight[self.events], self.starts) if len(self.events) else np.zeros(0)
        """(m,) weight of the events of a group"""
        first = np.searchsorted(self.keys, base + place[len(y) :], "right")
        last = np.searchsorted(self.keys, key, "right")
        ends = np.unique(np.searchsorted(self.keys, base, "left"))
        whole = first == np.searchsorted(self.keys, base, "left")
        plain = bool((whole | (first >= last)).all()) and len(ends) <= MOST_CHAINS
        self._sums: _Sums = _Chains(first, last, ends, self.groups) if plain else _Tree(first, last, self.groups)

    @property
    def groups(self) -> int:
        """m"""
        return len(self.keys)

    def gather(self, values: np.ndarray) -> np.ndarray:
        """(m,) log of the sum of exp(values) over the rows at risk, values (n,)."""
        return self._sums.gather(values)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """(n,) log of the sum of exp(values) over the groups that a row is at risk at, values (m,)."""
        return self._sums.spread(values)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(m, q) plain sums over the rows at risk, values (n, q) of any sign."""
        return self._sums.sums(values)

    def tied(self, values: np.ndarray) -> np.ndarray:
        """(m,) log of the sum of exp(values) over the events of a group, values (n,)."""
        return log_sums(values[self.events], self.starts)

    def mean(self, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """(m,) weighted mean over the events of a group; 0 where they have no weight."""
        if not self.groups:
            return np.zeros(0)
        total = np.add.reduceat(weight[self.events], self.starts)
        sums = np.add.reduceat(weight[self.events] * values[self.events], self.starts)
        return np.divide(sums, total, out=np.zeros(self.groups), where=total > 0)


class _Sums(Protocol):
    def gather(self, values: np.ndarray) -> np.ndarray: ...

    def spread(self, values: np.ndarray) -> np.ndarray: ...

    def sums(self, values: np.ndarray) -> np.ndarray: ...


class _Chains:
    """Nobody enters late: a row is at risk from the first group of its stratum on, so that sums run along it."""

    def __init__(self, first: np.ndarray, last: np.ndarray, ends: np.ndarray, groups: int):
        self.rows, self.groups = len(first), groups
        order = np.argsort(last, kind="stable")
        self.order = order[(first < last)[order]]
        self.final = last[self.order] - 1
        self.ids, self.starts = np.unique(self.final, return_index=True)
        cuts = np.unique(np.concatenate([ends, [groups]]))
        self.chains = [slice(a, b) for a, b in pairwise(cuts)]

    def gather(self, values: np.ndarray) -> np.ndarray:
        out = np.full(self.groups, -np.inf)
        out[self.ids] = log_sums(values[self.order], self.starts)
        for chain in self.chains:
            out[chain] = np.logaddexp.accumulate(out[chain][::-1])[::-1]
        return out

    def spread(self, values: np.ndarray) -> np.ndarray:
        sums = np.empty(self.groups)
        for chain in self.chains:
            sums[chain] = np.logaddexp.accumulate(values[chain])
        out = np.full(self.rows, -np.inf)
        out[self.order] = sums[self.final]
        return out

    def sums(self, values: np.ndarray) -> np.ndarray:
        out = np.zeros((self.groups, values.shape[1]))
        if len(self.ids):
            out[self.ids] = np.add.reduceat(values[self.order], self.starts)
        for chain in self.chains:
            out[chain] = np.cumsum(out[chain][::-1], axis=0)[::-1]
        return out


class _Tree:
    """Any interval of groups as at most 2 log2(m) nodes of a binary tree over them; node 1 is the root, the children
    of node k are 2 k and 2 k + 1 (a segment tree; de Berg et al. 2008, Computational Geometry, section 10.3)."""

    def __init__(self, first: np.ndarray, last: np.ndarray, groups: int):
        self.rows, self.groups = len(first), groups
        self.size = 1 << max(0, int(groups - 1).bit_length())
        rows = np.flatnonzero(first < last)
        low, high = first[rows] + self.size, last[rows] + self.size
        pairs: list[tuple[np.ndarray, np.ndarray]] = []
        while len(rows):
            odd = low % 2 == 1
            pairs.append((rows[odd], low[odd]))
            low = (low + odd) // 2
            odd = high % 2 == 1
            pairs.append((rows[odd], high[odd] - 1))
            high = high // 2
            inside = low < high
            rows, low, high = rows[inside], low[inside], high[inside]
        row = np.concatenate([r for r, _ in pairs]) if pairs else np.zeros(0, np.int64)
        node = np.concatenate([k for _, k in pairs]) if pairs else np.zeros(0, np.int64)
        by_node, by_row = np.argsort(node, kind="stable"), np.argsort(row, kind="stable")
        self.row_of, self.node_of = row[by_node], node[by_row]
        self.nodes, self.node_starts = np.unique(node[by_node], return_index=True)
        self.some, self.row_starts = np.unique(row[by_row], return_index=True)
        self.member = csr_array((np.ones(len(row)), (node, row)), shape=(2 * self.size, self.rows))

    def gather(self, values: np.ndarray) -> np.ndarray:
        tree = np.full(2 * self.size, -np.inf)
        tree[self.nodes] = log_sums(values[self.row_of], self.node_starts)
        level = 2
        while level <= self.size:
            tree[level : 2 * level] = np.logaddexp(tree[level : 2 * level], np.repeat(tree[level // 2 : level], 2))
            level *= 2
        return tree[self.size : self.size + self.groups]

    def spread(self, values: np.ndarray) -> np.ndarray:
        tree = np.full(2 * self.size, -np.inf)
        tree[self.size : self.size + self.groups] = values
        level = self.size
        while level > 1:
            tree[level // 2 : level] = np.logaddexp(tree[level : 2 * level : 2], tree[level + 1 : 2 * level : 2])
            level //= 2
        out = np.full(self.rows, -np.inf)
        out[self.some] = log_sums(tree[self.node_of], self.row_starts)
        return out

    def sums(self, values: np.ndarray) -> np.ndarray:
        tree = np.asarray(self.member @ values)
        level = 2
        while level <= self.size:
            tree[level : 2 * level] += np.repeat(tree[level // 2 : level], 2, axis=0)
            level *= 2
        return tree[self.size : self.size + self.groups]


def log_sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """log of the sum of exp(values) over segments that begin at ``starts``; -inf where all are."""
    if len(starts) == len(values):
        return values  # every segment is a single value
    top = np.maximum.reduceat(values, starts)
    shift = np.where(np.isfinite(top), top, 0.0)
    sizes = np.diff(np.concatenate([starts, [len(values)]]))
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(shift + np.log(np.add.reduceat(np.exp(values - np.repeat(shift, sizes)), starts)))
