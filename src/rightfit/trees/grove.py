"""One tree or several as plain arrays, and which leaf a row ends in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from rightfit.errors import StoreError
from rightfit.trees.columns import Columns

_BLOCK = 16_384
"""Rows that go down a tree together: few enough to stay near the processor."""

_ROUTES = ("roots", "feature", "threshold", "left", "right", "missing_left", "codes", "places")
_PER_NODE = ("feature", "threshold", "left", "right", "missing_left")


@dataclass(frozen=True)
class Grove:
    """N nodes of T trees, the nodes of a tree in one run that begins with its root.

    A row goes left where its value, as float32, is at most the threshold, as scikit-learn's trees have it; a missing
    value goes where ``missing_left`` says. The last c columns are codes of categories, each of which a tree puts at a
    place of its own (see `rightfit.trees.columns`) before it compares.
    """

    roots: np.ndarray
    """(T,) int64, increasing"""
    feature: np.ndarray
    """(N,) int32; -1 in leaves"""
    threshold: np.ndarray
    """(N,) float64, or float32 in a forest; 0 in leaves"""
    left: np.ndarray
    """(N,) int32; -1 in leaves"""
    right: np.ndarray
    """(N,) int32; -1 in leaves"""
    missing_left: np.ndarray
    """(N,) uint8"""
    size: np.ndarray
    """(N,) weight of the rows that a node was grown from"""
    impurity: np.ndarray
    """(N,) mean loss of those rows, in the criterion that grew the tree"""
    value: np.ndarray
    """(N, C) their mean target, or share of each class"""
    codes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    """(c,) number of codes of each category"""
    places: np.ndarray = field(default_factory=lambda: np.zeros((1, 0), np.float32))
    """(T, sum of codes) where each tree puts each code"""

    @property
    def nodes(self) -> int:
        """N"""
        return len(self.feature)

    @cached_property
    def parent(self) -> np.ndarray:
        """(N,) -1 for roots."""
        out = np.full(self.nodes, -1, np.int64)
        inner = np.flatnonzero(self.feature >= 0)
        out[self.left[inner]] = inner
        out[self.right[inner]] = inner
        return out

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """Nodes by their depth, the roots first."""
        out = [self.roots]
        while True:
            inner = out[-1][self.feature[out[-1]] >= 0]
            if not len(inner):
                return tuple(out)
            out.append(np.sort(np.concatenate([self.left[inner], self.right[inner]]).astype(np.int64)))

    @cached_property
    def leaves(self) -> np.ndarray:
        """(N,) leaves at or below each node."""
        out = (self.feature < 0).astype(np.int64)
        for level in self.levels[:0:-1]:
            np.add.at(out, self.parent[level], out[level])
        return out

    def descend(self, X: np.ndarray) -> np.ndarray:
        """(T, n) int32 leaf of every row of X (n, p) float32 in every tree."""
        X = np.ascontiguousarray(X, dtype=np.float32)
        out = np.empty((len(self.roots), len(X)), np.int32)
        for start in range(0, len(X), _BLOCK):
            block = X[start : start + _BLOCK]
            holes = bool(np.isnan(block).any())
            for t, root in enumerate(self.roots):
                placed = put_in_place(block, self.codes, self.places[t]) if len(self.codes) else block
                out[t, start : start + len(block)] = self._descend_one(placed, int(root), holes)
        return out

    def _descend_one(self, X: np.ndarray, root: int, holes: bool) -> np.ndarray:
        at = np.full(len(X), root, np.int32)
        rows = np.arange(len(X)) if self.feature[root] >= 0 else np.arange(0)
        flat, p = X.ravel(), X.shape[1]
        while len(rows):
            node = at[rows]
            x = flat[rows * p + self.feature[node]]
            goes_left = x <= self.threshold[node]
            if holes:
                goes_left |= np.isnan(x) & (self.missing_left[node] > 0)
            node = np.where(goes_left, self.left[node], self.right[node])
            at[rows] = node
            rows = rows[self.feature[node] >= 0]
        return at

    def cut(self, ends: np.ndarray) -> tuple[Grove, np.ndarray]:
        """The grove in which the nodes ``ends`` (N,) bool are leaves, and the nodes that are left, in their order."""
        kept = np.zeros(self.nodes, bool)
        kept[self.roots] = True
        inner = (self.feature >= 0) & ~ends
        for level in self.levels:
            grows = level[kept[level] & inner[level]]
            kept[self.left[grows]] = kept[self.right[grows]] = True
        number = np.cumsum(kept) - 1
        inner, old = inner[kept], np.flatnonzero(kept)

        def child(side: np.ndarray) -> np.ndarray:
            return np.where(inner, number[side[old]], -1).astype(np.int32)

        small = Grove(
            roots=number[self.roots],
            feature=np.where(inner, self.feature[old], -1).astype(np.int32),
            threshold=np.where(inner, self.threshold[old], 0.0),
            left=child(self.left),
            right=child(self.right),
            missing_left=np.where(inner, self.missing_left[old], 0).astype(np.uint8),
            size=self.size[old],
            impurity=self.impurity[old],
            value=self.value[old],
            codes=self.codes,
            places=self.places,
        )
        return small, old

    def lean(self) -> Grove:
        """The grove in half the memory. Thresholds are rounded down to float32, which moves no row: values are float32
        themselves."""
        near = self.threshold.astype(np.float32)
        below = np.where(near > self.threshold, np.nextafter(near, np.float32(-np.inf)), near)
        return replace(
            self,
            threshold=below,
            size=self.size.astype(np.float32),
            impurity=self.impurity.astype(np.float32),
            value=self.value.astype(np.float32),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """The grove as data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def routes(self) -> dict[str, np.ndarray]:
        """What sends rows to leaves, as data: enough to predict."""
        return {name: getattr(self, name) for name in _ROUTES}


def join(groves: Sequence[Grove]) -> Grove:
    """All trees in one grove, in this order."""
    if len(groves) == 1:
        return groves[0]
    starts = np.cumsum([0, *(grove.nodes for grove in groves[:-1])])

    def chain(name: str) -> np.ndarray:
        return np.concatenate([getattr(grove, name) for grove in groves])

    def chain_shifted(name: str) -> np.ndarray:
        parts = [(getattr(grove, name), start) for grove, start in zip(groves, starts, strict=True)]
        return np.concatenate([np.where(part >= 0, part + start, -1).astype(part.dtype) for part, start in parts])

    return Grove(
        roots=chain_shifted("roots"),
        feature=chain("feature"),
        threshold=chain("threshold"),
        left=chain_shifted("left"),
        right=chain_shifted("right"),
        missing_left=chain("missing_left"),
        size=chain("size"),
        impurity=chain("impurity"),
        value=chain("value"),
        codes=groves[0].codes,
        places=chain("places"),
    )


def put_in_place(X: np.ndarray, codes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """X (n, p) with the codes in its last columns as ``places`` (sum of codes,); missing values stay missing."""
    out = X.copy()
    held = out[:, X.shape[1] - len(codes) :]
    start = (np.cumsum(codes) - codes).astype(np.float32)
    known = ~np.isnan(held)
    held[known] = places[(held + start)[known].astype(np.int64)]
    return out


def from_arrays(arrays: dict[str, np.ndarray], columns: Columns) -> Grove:
    """The grove that `Grove.arrays` or `Grove.routes` described, every number checked: StoreError where a row could go
    astray. ``columns`` are those that it reads."""
    n = len(arrays["feature"])
    empty = {"size": np.zeros(n), "impurity": np.zeros(n), "value": np.zeros((n, 1))}
    grove = Grove(**{name: arrays[name] for name in _ROUTES}, **{name: arrays.get(name, empty[name]) for name in empty})
    inner, place = grove.feature >= 0, np.arange(n)
    flat = [getattr(grove, name) for name in (*_PER_NODE, "size", "impurity")]
    sound = (
        n > 0
        and all(part.shape == (n,) for part in flat)
        and grove.value.ndim == 2
        and len(grove.value) == n
        and grove.roots.ndim == 1
        and len(grove.roots) > 0
        and all(part.dtype.kind in "iu" for part in (grove.roots, grove.feature, grove.left, grove.right))
        and grove.roots[0] == 0
        and bool((np.diff(grove.roots) > 0).all())
        and grove.roots[-1] < n
        and bool((grove.feature < len(columns)).all())
        # children come after their parents, so that every way ends
        and bool((grove.left[inner] > place[inner]).all() and (grove.right[inner] > place[inner]).all())
        and bool((grove.left[inner] < n).all() and (grove.right[inner] < n).all())
        and np.array_equal(grove.codes, columns.codes)
        and grove.places.shape == (len(grove.roots), columns.codes.sum())
    )
    if not sound:
        raise StoreError("the trees point to nodes or columns that do not exist: the file is damaged, fit again")
    return grove
