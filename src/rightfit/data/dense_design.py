"""A dense matrix as a design, read in place."""

from __future__ import annotations

from typing import final

import numpy as np
from scipy import sparse

from rightfit.contracts import Design, Gram
from rightfit.contracts.designs import stack_grams
from rightfit.data.blocks_of_rows import BLOCK, LARGEST, all_in_order, mean_and_deviation, row_blocks, single
from rightfit.data.products import times, transposed_times, weighted
from rightfit.errors import ColumnError


@final
class DenseDesign(Design):
    """A dense matrix, read in place. Missing cells hold the column's shift; ``missing`` marks them."""

    def __init__(
        self, values: np.ndarray, names: tuple[str, ...], typical: np.ndarray, missing: sparse.csc_array | None
    ):
        self.values, self.names, self.typical, self.missing = values, names, typical, missing
        self.n, self.p = values.shape
        self.complete = missing is None
        self._by_columns = values.flags.f_contiguous and not values.flags.c_contiguous

    @staticmethod
    def make(X: np.ndarray, names: tuple[str, ...]) -> DenseDesign:
        if X.dtype not in (np.float64, np.float32) or not X.dtype.isnative:
            X = X.astype(np.float64)
        if not X.flags.aligned:
            X = X.copy(order="K")  # the kernel reads numbers where processors want them to lie
        if not (X.flags.c_contiguous or X.flags.f_contiguous):
            X = np.asfortranarray(X)
        low, high = _extent(X)
        missing = None
        if np.isnan(low).any():
            hole = np.isnan(X)
            missing = sparse.csc_array(hole, dtype=np.float64)
            low, high = _extent(np.where(hole, X.dtype.type(0), X))
        wild = np.flatnonzero(np.maximum(np.abs(low), np.abs(high)) > LARGEST)
        if len(wild):
            cells = X[:, wild[0]].astype(np.float64)
            row = int(np.flatnonzero(np.abs(cells) > LARGEST)[0])
            raise ColumnError(
                f"column {names[wild[0]]!r} is {cells[row]} in row {row}: values must be finite and below 1e150"
            )
        typical = _typical(X)
        if missing is not None:
            X = np.where(hole, typical.astype(X.dtype), X)
            typical = typical.astype(X.dtype).astype(np.float64)
        return DenseDesign(X, names, typical, missing)

    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.dot_columns(np.arange(self.p), coef, fill)

    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = times(self.values, columns, coef)
        if self.missing is not None:
            away = (_per_fit(fill) - self.typical[:, None])[columns] * coef
            out += self.missing[:, columns] @ away
        return out

    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.correlate_columns(np.arange(self.p), dual, fill)

    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = transposed_times(self.values, columns, dual)
        if self.missing is not None:
            away = (_per_fit(fill) - self.typical[:, None])[columns]
            out += away * (self.missing[:, columns].T @ dual)
        return out

    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first = np.zeros((self.p, weight.shape[1]))
        second = np.zeros_like(first)
        if self._by_columns and self.p > self.n:
            for some in row_blocks(self.p, self.n):
                away = self.values[:, some] - self.typical[some]
                every = np.arange(away.shape[1])
                first[some] = transposed_times(away, every, weight)
                second[some] = transposed_times(np.square(away, out=away), every, weight)
        else:
            every = np.arange(self.p)
            for rows in row_blocks(self.n, self.p):
                away = self.values[rows] - self.typical
                first += transposed_times(away, every, weight[rows])
                second += transposed_times(np.square(away, out=away), every, weight[rows])
        seen = 1.0
        if self.missing is not None:
            seen = 1.0 - self.missing.T @ weight
            seen[seen < 1e-14] = 0.0
        return mean_and_deviation(first, second, seen, self.typical[:, None])

    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        return self._by_roots(columns, weight, np.zeros(self.n, np.int64), 1, fill, others)[0]

    def grams(
        self,
        columns: np.ndarray,
        weights: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None = None,
    ) -> list[Gram]:
        if len(weights) > len(columns if others is None else others):
            return self._by_pairs(columns, weights, part, count, fill, others)
        each = [self._by_roots(columns, weight, part, count, fill, others) for weight in weights]
        return [stack_grams(list(grams)) for grams in zip(*each, strict=True)]

    def _by_pairs(
        self,
        columns: np.ndarray,
        weights: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None,
    ) -> list[Gram]:
        """One product of many weights with the columns' products in pairs, which are formed once for all."""
        m, q, r = len(weights), len(columns), len(columns) if others is None else len(others)
        # a pair of columns has one product, whichever comes first
        left, right = np.triu_indices(q) if others is None else np.indices((q, r)).reshape(2, -1)
        first, second = np.zeros((count, m, q)), np.zeros((count, m, len(left)))
        total = np.zeros((count, m))
        away, away_too = self._away(columns, fill), None if others is None else self._away(others, fill)
        for rows in row_blocks(self.n, m + len(left)):
            order = np.argsort(part[rows], kind="stable")
            ends = np.searchsorted(part[rows][order], np.arange(count + 1))
            block = self._block(rows, columns, away)[order]
            block_too = block if others is None else self._block(rows, others, away_too)[order]
            products = block[:, left] * block_too[:, right]
            some = weights[:, rows][:, order]
            for k in range(count):
                own = slice(ends[k], ends[k + 1])
                first[k] += some[:, own] @ block[own]
                second[k] += some[:, own] @ products[own]
                total[k] += some[:, own].sum(axis=1)
        full = np.empty((count, m, q, r))
        full[:, :, left, right] = second
        if others is None:
            full[:, :, right, left] = second
        return [Gram(total[k], first[k], full[k]) for k in range(count)]

    def _by_roots(
        self,
        columns: np.ndarray,
        weight: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None,
    ) -> list[Gram]:
        """Products of the columns times the roots of their weights (n,)."""
        q, r = len(columns), len(columns) if others is None else len(others)
        first, second, total = np.zeros((count, q)), np.zeros((count, q, r)), np.zeros(count)
        root = np.sqrt(weight)
        away, away_too = self._away(columns, fill), None if others is None else self._away(others, fill)
        for rows in row_blocks(self.n, max(q, r)):
            weights = root[rows]
            if not weights.any():
                continue
            order, ends = None, np.array([0, len(weights)])
            if count > 1:  # the rows of a part side by side
                order = np.argsort(part[rows], kind="stable")
                ends = np.searchsorted(part[rows][order], np.arange(count + 1))
            block = self._weighted(rows, columns, away, weights, order)
            block_too = block if others is None else self._weighted(rows, others, away_too, weights, order)
            weights = weights if order is None else weights[order]
            for k in range(count):
                some = slice(ends[k], ends[k + 1])
                first[k] += block[:, some] @ weights[some]
                # one and the same array on both sides lets the product use its symmetry
                second[k] += block[:, some] @ block_too[:, some].T
                total[k] += weights[some] @ weights[some]
        return [Gram(float(total[k]), first[k], second[k]) for k in range(count)]

    def _weighted(
        self,
        rows: slice,
        columns: np.ndarray,
        away: sparse.csr_array | None,
        root: np.ndarray,
        order: np.ndarray | None,
    ) -> np.ndarray:
        """(q, rows) minus the columns' shift, times ``root``, in this order of the rows or their own."""
        place = None
        if order is not None:
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
        out = weighted(self.values, columns, self.typical[columns], rows, root, place)
        if away is not None:
            some = sparse.csr_array(sparse.diags_array(root) @ away[rows])
            out += (some if order is None else some[order]).T.toarray()
        return out

    def entries(self, columns: np.ndarray) -> int:
        return self.n * len(columns)

    def shift(self, columns: np.ndarray) -> np.ndarray:
        return self.typical[columns]

    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = np.empty((self.n, len(columns)), order="F")
        away = self._away(columns, fill)
        for rows in row_blocks(self.n, len(columns)):
            out[rows] = self._block(rows, columns, away)
        return out

    def in_place(self) -> np.ndarray | None:
        if self.missing is not None or self.values.dtype != np.float64 or not self.values.flags.f_contiguous:
            return None
        return self.values.T

    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, sparse.csc_array, np.ndarray]:
        dense = self.collect(columns, fill)
        if not shifted:
            dense += self.typical[columns]
        return dense, sparse.csc_array((self.n, 0)), np.arange(len(columns))

    def _away(self, columns: np.ndarray, fill: np.ndarray) -> sparse.csr_array | None:
        """What a missing cell adds to its column's shift."""
        if self.missing is None:
            return None
        scaled = self.missing[:, columns] @ sparse.diags_array((fill - self.typical)[columns])
        return sparse.csr_array(scaled)

    def _block(self, rows: slice, columns: np.ndarray, away: sparse.csr_array | None) -> np.ndarray:
        whole = all_in_order(columns, self.p)
        block = (self.values[rows] if whole else self.values[rows][:, columns]) - self.typical[columns]
        return block if away is None else block + away[rows].toarray()

    def observed(self, columns: np.ndarray) -> np.ndarray:
        out = single(self.values[:, columns])
        if self.missing is not None:
            hole = self.missing[:, columns].tocoo()
            out[hole.row, hole.col] = np.nan
        return out

    def holes(self) -> sparse.csc_array:
        return sparse.csc_array(self.values.shape) if self.missing is None else self.missing

    def compact(self) -> Design:
        return self

    def take(self, rows: np.ndarray) -> Design:
        missing = None if self.missing is None else sparse.csc_array(self.missing[rows])
        # in the order of the whole: products read columns where they lie together
        values = np.take(self.values.T, np.arange(self.n)[rows], axis=1).T if self._by_columns else self.values[rows]
        return DenseDesign(values, self.names, self.typical, missing)


def _per_fit(fill: np.ndarray) -> np.ndarray:
    """Fill as (p, 1) or (p, m)."""
    return fill[:, None] if fill.ndim == 1 else fill


def _extent(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p,) smallest and largest value of each column as float64; NaN where the column has one."""
    return X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)


def _typical(X: np.ndarray) -> np.ndarray:
    """(p,) a value near the middle of each column, from at most 255 rows spread evenly, 31 where columns are many: no
    outlier moves it."""
    n, p = X.shape
    rows = np.unique(np.linspace(0, n - 1, min(255, max(31, 4 * BLOCK // max(p, 1)), n)).astype(int))
    return np.concatenate([np.zeros(0), *(_middle(X[:, some], rows) for some in row_blocks(p, len(rows)))])


def _middle(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(q,) medians of these rows, of any that are not missing where those are."""
    some = X[rows].astype(np.float64)
    hole = np.isnan(some)
    if not hole.any():
        return np.asarray(np.median(some, axis=0, overwrite_input=True))
    out = np.zeros(X.shape[1])
    for j in range(X.shape[1]):
        seen = some[~hole[:, j], j]
        if len(seen) == 0:
            seen = X[~np.isnan(X[:, j]), j][:255].astype(np.float64)
        out[j] = np.median(seen) if len(seen) else 0.0
    return out
