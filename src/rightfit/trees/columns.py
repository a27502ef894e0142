"""The columns of a design as trees read them: numbers as they are, and one code a category.

A category is asked as a whole. Before a tree is grown its levels are put in order of what they say about the target, so
that a threshold parts them into two sets; for amounts, counts and two classes no pair of sets would part the rows of
the root better (Fisher 1958, On grouping for maximum homogeneity; Breiman et al. 1984, theorem 4.5). The order is that
of the tree's own rows, once for the whole tree, which serves as well as an order at every node (Wright & Koenig 2019,
Splitting on categorical predictors in random forests). Of more than two classes it is the order along the first
principal component of the levels' shares (Coppersmith, Hong & Hosking 1999, Partitioning nominal attributes in decision
trees). Levels of few rows are drawn to the middle, as if they had `SHRUNKEN` rows more, dealt as in the whole sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.contracts import Design, Problem
from rightfit.errors import DataError, OptionError, StoreError

SHRUNKEN = 10.0
"""Rows that are added to every level before levels are put in order."""


@final
@dataclass(frozen=True)
class Columns:
    """What becomes of the p columns of a design: first the plain ones in their order, then one column a category."""

    p: int
    plain: np.ndarray
    """(q,) columns read as they are."""
    levels: tuple[np.ndarray, ...]
    """Columns of each category."""

    @staticmethod
    def of(p: int, levels: Sequence[np.ndarray] = ()) -> Columns:
        """All columns of a design, of which those in ``levels`` are the levels of categories."""
        taken = np.zeros(p, bool)
        for category in levels:
            taken[category] = True
        return Columns(p, np.flatnonzero(~taken), tuple(np.asarray(c, np.int64) for c in levels))

    @staticmethod
    def of_problem(problem: Problem) -> Columns:
        return Columns.of(problem.design.p, problem.levels)

    def __len__(self) -> int:
        return len(self.plain) + len(self.levels)

    @property
    def codes(self) -> np.ndarray:
        """(c,) codes of each category: its levels, and one more for a level that the fit did not know."""
        return np.array([len(category) + 1 for category in self.levels], np.int64)

    def read(self, design: Design) -> np.ndarray:
        """(n, q + c) float32: numbers with NaN where one is missing, then codes; DataError for another table."""
        if design.p != self.p:
            raise DataError(f"the model has {self.p} columns, the table has {design.p}")
        out = np.empty((design.n, len(self)), np.float32)
        out[:, : len(self.plain)] = design.observed(self.plain)
        out[:, len(self.plain) :] = read_codes(design, self.levels)
        return out

    def signs(self, monotone: Sequence[int]) -> np.ndarray:
        """Signs (p,) of the design's columns as those of these, () where none is asked for; OptionError where a level
        of a category has one."""
        sign = np.asarray(monotone, np.int64)
        if not sign.any():
            return np.zeros(0, np.int64)
        if any(sign[category].any() for category in self.levels):
            raise OptionError("monotone: the levels of a category have no order; give them 0")
        return np.concatenate([sign[self.plain], np.zeros(len(self.levels), np.int64)])

    def spread(self, scores: np.ndarray) -> np.ndarray:
        """(p,) scores of these columns as those of the design's: a category's is shared by its levels."""
        out = np.zeros(self.p)
        out[self.plain] = scores[: len(self.plain)]
        for place, category in enumerate(self.levels, start=len(self.plain)):
            out[category] = scores[place] / len(category)
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns as data; `restore_columns` is the inverse."""
        return {
            "plain": self.plain,
            "levels": np.concatenate([np.zeros(0, np.int64), *self.levels]),
            "level_ends": np.cumsum([len(category) for category in self.levels], dtype=np.int64),
        }


def restore_columns(p: int, arrays: Mapping[str, np.ndarray]) -> Columns:
    """The columns that `Columns.arrays` described; StoreError where they are not those of a design."""
    plain, ends = arrays["plain"], arrays["level_ends"]
    levels = tuple(np.split(arrays["levels"], ends[:-1])) if len(ends) else ()
    every = np.concatenate([plain, *levels])
    if every.dtype.kind not in "iu" or not np.array_equal(np.sort(every), np.arange(p)):
        raise StoreError("the trees do not say of every column how it is read: the file is damaged, fit again")
    return Columns(p, plain, levels)


def read_codes(design: Design, levels: Sequence[np.ndarray]) -> np.ndarray:
    """(n, c) float32: the place of each row's 1 among a category's columns; their number where the row has shares
    instead, of a level that is not known; NaN where it has nothing, which is a missing value."""
    out = np.full((design.n, len(levels)), np.nan, np.float32)
    if not levels:
        return out
    category = np.repeat(np.arange(len(levels)), [len(columns) for columns in levels])
    code = np.concatenate([np.arange(len(columns)) for columns in levels])
    beyond = np.array([len(columns) for columns in levels])
    dense, thin, order = design.pieces(np.concatenate(levels), np.zeros(design.p), shifted=False)
    category, code = category[order], code[order]
    for place, column in enumerate(dense.T):
        out[(column != 0) & (column != 1), category[place]] = beyond[category[place]]
        out[column == 1, category[place]] = code[place]
    cells = thin.tocoo()
    place, one = dense.shape[1] + cells.col, cells.data == 1
    shared = ~one & (cells.data != 0)
    out[cells.row[shared], category[place[shared]]] = beyond[category[place[shared]]]
    out[cells.row[one], category[place[one]]] = code[place[one]]
    return out


def put_in_order(codes: np.ndarray, counts: np.ndarray, means: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(sum of counts,) float32 places of all codes, category after category, learned from rows with ``codes`` (n, c),
    the target's ``means`` (n, C) and ``weight`` (n,). A level without a row, and the code of levels not known, stands
    where its rows would be in the mean."""
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    total = int(start[-1])
    known = codes < counts - 1  # NaN is not
    code = np.where(known, codes + start[:-1], total).astype(np.int64).ravel()
    size = np.bincount(code, np.repeat(weight, len(counts)), total + 1)[:-1]
    parts = [np.bincount(code, np.repeat(weight * mean, len(counts)), total + 1)[:-1] for mean in means.T]
    sums, category = np.stack(parts, axis=1), np.repeat(np.arange(len(counts)), counts)
    seen = np.flatnonzero(size > 0)
    own = category[seen]
    order = np.lexsort((_score(sums[seen], size[seen], own, len(counts)), own))
    first = np.searchsorted(own, np.arange(len(counts)))
    rank = np.zeros(total)
    rank[seen[order]] = np.arange(len(seen)) - first[own]
    whole = np.bincount(category, size, len(counts))
    middle = np.bincount(category, size * rank, len(counts)) / np.where(whole > 0, whole, 1.0)
    return np.where(size > 0, rank, middle[category]).astype(np.float32)


def _score(sums: np.ndarray, size: np.ndarray, category: np.ndarray, count: int) -> np.ndarray:
    """(L,) one number a level, among those of its ``category`` (L,): its mean, or of several means that along their
    first principal component."""
    whole = np.bincount(category, size, count)
    total = np.stack([np.bincount(category, column, count) for column in sums.T], axis=1)
    centre = total / np.where(whole > 0, whole, 1.0)[:, None]
    means = (sums + SHRUNKEN * centre[category]) / (size + SHRUNKEN)[:, None]
    if means.shape[1] == 1:
        return np.asarray(means[:, 0])
    away, score = means - centre[category], np.empty(len(size))
    for number in range(count):
        levels = slice(*np.searchsorted(category, [number, number + 1]))
        own = away[levels]
        axis = np.linalg.eigh((own * size[levels, None]).T @ own)[1][:, -1]
        score[levels] = own @ (axis * (1 if axis[np.abs(axis).argmax()] > 0 else -1))
    return score
