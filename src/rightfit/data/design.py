"""Columns of numbers as every solver sees them: dense, sparse, or both side by side, missing or not.

`make_design` takes any matrix, `stack_designs` puts designs side by side. Nothing is copied that can be
read in place: a float64 or float32 matrix in C or Fortran order and a canonical CSC matrix are used as
they are. Centring, scaling and filling belong to a fit, not to the data, so they never touch the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from scipy import sparse

from rightfit.contracts import Design, Gram
from rightfit.errors import ColumnError, DataError

BLOCK = 1 << 18
"""Numbers in a block of rows that should stay in a core's cache (2 MB of float64)."""
LARGEST = 1e150
"""Larger magnitudes overflow when squared."""


def make_design(X: Any, names: Sequence[str] | None = None) -> Design:
    """The design of a matrix (n, p): ndarray (NaN = missing) or any scipy sparse matrix (NaN not allowed).

    Raises
    ------
    DataError
        Not two-dimensional, not numbers, or no rows.
    ColumnError
        A value is infinite or beyond 1e150, naming the column and row.
    """
    if not sparse.issparse(X):
        X = np.asarray(X)
    if X.ndim != 2:
        raise DataError(f"X must have two dimensions (rows, columns), its shape is {X.shape}")
    if X.shape[0] == 0:
        raise DataError("X has no rows")
    if X.dtype.kind not in "fiub":
        raise DataError(f"X must hold real numbers, its type is {X.dtype}")
    labels = tuple(f"x{j}" for j in range(X.shape[1])) if names is None else tuple(map(str, names))
    if len(labels) != X.shape[1]:
        raise DataError(f"{len(labels)} names were given for {X.shape[1]} columns")
    return SparseDesign.make(X, labels) if sparse.issparse(X) else DenseDesign.make(X, labels)


def stack_designs(parts: Sequence[Design]) -> Design:
    """Designs side by side, in this order; all have the same rows."""
    parts = [part for part in parts if part.p] or list(parts[:1])
    if len({part.n for part in parts}) != 1:
        raise DataError(f"designs to stack have different numbers of rows: {[part.n for part in parts]}")
    return parts[0] if len(parts) == 1 else StackedDesign(tuple(parts))


def row_blocks(n: int, q: int) -> list[slice]:
    """Slices that cover n rows of q numbers in blocks of about `BLOCK` numbers."""
    rows = max(16, BLOCK // max(q, 1))
    return [slice(a, min(a + rows, n)) for a in range(0, n, rows)]


@final
class DenseDesign(Design):
    """A dense matrix, read in place. Missing cells hold the column's shift; ``missing`` marks them."""

    def __init__(
        self, values: np.ndarray, names: tuple[str, ...], typical: np.ndarray, missing: sparse.csc_array | None
    ):
        self.values, self.names, self.typical, self.missing = values, names, typical, missing
        self.n, self.p = values.shape
        self.complete = missing is None

    @staticmethod
    def make(X: np.ndarray, names: tuple[str, ...]) -> DenseDesign:
        if X.dtype not in (np.float64, np.float32) or not X.dtype.isnative:
            X = X.astype(np.float64)
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
        whole = _all_in_order(columns, self.p)
        if self.values.dtype == np.float64 and whole:
            out = self.values @ coef
        elif self.values.dtype == np.float64 and self.values.flags.f_contiguous and len(columns) * 4 < self.p:
            out = self.values[:, columns] @ coef
        else:
            out = np.empty((self.n, coef.shape[1]))
            for rows in row_blocks(self.n, len(columns)):
                block = self.values[rows] if whole else self.values[rows][:, columns]
                out[rows] = block.astype(np.float64, copy=False) @ coef
        if self.missing is not None:
            away = (_per_fit(fill) - self.typical[:, None])[columns] * coef
            out += self.missing[:, columns] @ away
        return out

    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.correlate_columns(np.arange(self.p), dual, fill)

    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        whole = _all_in_order(columns, self.p)
        if self.values.dtype == np.float64 and whole:
            out = self.values.T @ dual
        else:
            out = np.zeros((len(columns), dual.shape[1]))
            for rows in row_blocks(self.n, len(columns)):
                block = self.values[rows] if whole else self.values[rows][:, columns]
                out += block.astype(np.float64, copy=False).T @ dual[rows]
        if self.missing is not None:
            away = (_per_fit(fill) - self.typical[:, None])[columns]
            out += away * (self.missing[:, columns].T @ dual)
        return out

    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first = np.zeros((self.p, weight.shape[1]))
        second = np.zeros_like(first)
        for rows in row_blocks(self.n, self.p):
            away = self.values[rows] - self.typical
            first += away.T @ weight[rows]
            second += (away * away).T @ weight[rows]
        seen = 1.0
        if self.missing is not None:
            seen = 1.0 - self.missing.T @ weight
            seen[seen < 1e-14] = 0.0
        return _mean_and_deviation(first, second, seen, self.typical[:, None])

    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        q = len(columns)
        first, second = np.zeros(q), np.zeros((q, q if others is None else len(others)))
        root = np.sqrt(weight)
        away = self._away(columns, fill)
        away_too = None if others is None else self._away(others, fill)
        for rows in row_blocks(self.n, max(second.shape)):
            if not root[rows].any():
                continue
            block = self._block(rows, columns, away) * root[rows, None]
            first += block.T @ root[rows]
            # one and the same array on both sides lets the product use its symmetry
            second += block.T @ (block if others is None else self._block(rows, others, away_too) * root[rows, None])
        return Gram(float(weight.sum()), first, second)

    def shift(self, columns: np.ndarray) -> np.ndarray:
        return self.typical[columns]

    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = np.empty((self.n, len(columns)), order="F")
        away = self._away(columns, fill)
        for rows in row_blocks(self.n, len(columns)):
            out[rows] = self._block(rows, columns, away)
        return out

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
        whole = _all_in_order(columns, self.p)
        block = (self.values[rows] if whole else self.values[rows][:, columns]) - self.typical[columns]
        return block if away is None else block + away[rows].toarray()

    def take(self, rows: np.ndarray) -> Design:
        missing = None if self.missing is None else sparse.csc_array(self.missing[rows])
        return DenseDesign(self.values[rows], self.names, self.typical, missing)


@final
class SparseDesign(Design):
    """A canonical CSC matrix: sorted, duplicates summed. Its shift is zero, as most of its cells are; a column
    that stores every cell has its first value for a shift."""

    def __init__(self, values: sparse.csc_array, names: tuple[str, ...], typical: np.ndarray | None = None):
        self.values, self.names = values, names
        self.n, self.p = values.shape
        self.complete = True
        full = np.diff(values.indptr) == self.n
        if typical is None:
            typical = np.zeros(self.p)
            typical[full] = values.data[values.indptr[:-1][full]]
        self.typical = typical
        self.away = values
        """values minus the shift"""
        if typical.any():
            data = values.data - np.repeat(typical, np.diff(values.indptr))
            self.away = sparse.csc_array((data, values.indices, values.indptr), shape=values.shape)

    @staticmethod
    def make(X: Any, names: tuple[str, ...]) -> SparseDesign:
        canonical = X.format == "csc" and X.has_canonical_format and X.dtype == np.float64
        values = (
            sparse.csc_array(X) if canonical else sparse.csc_array(sparse.csc_array(X, copy=True), dtype=np.float64)
        )
        if not canonical:
            values.sum_duplicates()
        bad = np.flatnonzero(~(np.abs(values.data) <= LARGEST))
        if len(bad):
            column = int(np.searchsorted(values.indptr, bad[0], side="right")) - 1
            raise ColumnError(
                f"column {names[column]!r} is {values.data[bad[0]]} in row {values.indices[bad[0]]}: sparse values must be"
                " finite and below 1e150 (a missing value needs a dense column)"
            )
        return SparseDesign(values, names)

    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.values @ coef)

    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.dot(coef, fill) if _all_in_order(columns, self.p) else np.asarray(self.values[:, columns] @ coef)

    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.values.T @ dual)

    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.values[:, columns].T @ dual)

    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares = self.away.copy()
        squares.data = squares.data**2
        return _mean_and_deviation(self.away.T @ weight, squares.T @ weight, 1.0, self.typical[:, None])

    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        some = self.away[:, columns]
        heavy = some.copy() if others is None else self.away[:, others]
        heavy.data = heavy.data * weight[heavy.indices]
        return Gram(float(weight.sum()), np.asarray(some.T @ weight), (some.T @ heavy).toarray())

    def shift(self, columns: np.ndarray) -> np.ndarray:
        return self.typical[columns]

    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.away[:, columns].toarray(order="F"))

    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, sparse.csc_array, np.ndarray]:
        thin = self.away if shifted else self.values
        return np.empty((self.n, 0), order="F"), thin[:, columns], np.arange(len(columns))

    def take(self, rows: np.ndarray) -> Design:
        return SparseDesign(sparse.csc_array(self.values[rows]), self.names, self.typical)


@final
class StackedDesign(Design):
    """Designs side by side."""

    def __init__(self, parts: tuple[Design, ...]):
        self.parts = parts
        self.n = parts[0].n
        self.ends = np.cumsum([0, *(part.p for part in parts)])
        self.p = int(self.ends[-1])
        self.names = tuple(name for part in parts for name in part.names)
        self.complete = all(part.complete for part in parts)

    def _split(self, columns: np.ndarray) -> list[tuple[Design, slice, np.ndarray, np.ndarray]]:
        """For each part: itself, its columns in p, where its share lies in ``columns``, and its own numbers."""
        out = []
        for part, a, b in zip(self.parts, self.ends[:-1], self.ends[1:], strict=True):
            where = np.flatnonzero((columns >= a) & (columns < b))
            if len(where):
                out.append((part, slice(a, b), where, columns[where] - a))
        return out

    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.dot_columns(np.arange(self.p), coef, fill)

    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = np.zeros((self.n, coef.shape[1]))
        for part, own, where, numbers in self._split(columns):
            out += part.dot_columns(numbers, coef[where], fill[own])
        return out

    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = np.zeros((len(columns), dual.shape[1]))
        for part, own, where, numbers in self._split(columns):
            out[where] = part.correlate_columns(numbers, dual, fill[own])
        return out

    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.vstack([part.correlate(dual, fill[a:b]) for part, a, b in self._ranges()])

    def _ranges(self) -> list[tuple[Design, int, int]]:
        return list(zip(self.parts, self.ends[:-1], self.ends[1:], strict=True))

    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        means, deviations = zip(*(part.moments(weight) for part in self.parts), strict=True)
        return np.vstack(means), np.vstack(deviations)

    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        theirs = columns if others is None else others
        first, second = np.zeros(len(columns)), np.zeros((len(columns), len(theirs)))
        for i, (part, own, where, numbers) in enumerate(self._split(columns)):
            for k, (other, foreign, place, their) in enumerate(self._split(theirs)):
                cell = np.ix_(where, place)
                if part is other:
                    gram = part.gram(numbers, weight, fill[own], None if others is None else their)
                    first[where], second[cell] = gram.first, gram.second
                elif others is not None or k < i:
                    second[cell] = _across(part, numbers, fill[own], other, their, fill[foreign], weight)
                    if others is None:
                        second[np.ix_(place, where)] = second[cell].T
            if others is not None and not np.any((theirs >= own.start) & (theirs < own.stop)):
                first[where] = part.gram(numbers, weight, fill[own], np.zeros(0, int)).first
        return Gram(float(weight.sum()), first, second)

    def shift(self, columns: np.ndarray) -> np.ndarray:
        out = np.zeros(len(columns))
        for part, _, where, numbers in self._split(columns):
            out[where] = part.shift(numbers)
        return out

    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        out = np.empty((self.n, len(columns)), order="F")
        for part, own, where, numbers in self._split(columns):
            out[:, where] = part.collect(numbers, fill[own])
        return out

    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, sparse.csc_array, np.ndarray]:
        dense, thin, first, then = [np.empty((self.n, 0))], [sparse.csc_array((self.n, 0))], [], []
        for part, own, where, numbers in self._split(columns):
            full, few, order = part.pieces(numbers, fill[own], shifted=shifted)
            dense.append(full)
            thin.append(few)
            first.append(where[order[: full.shape[1]]])
            then.append(where[order[full.shape[1] :]])
        order = np.concatenate([*first, *then]).astype(int) if first else np.zeros(0, int)
        return np.asfortranarray(np.hstack(dense)), sparse.csc_array(sparse.hstack(thin)), order

    def take(self, rows: np.ndarray) -> Design:
        return StackedDesign(tuple(part.take(rows) for part in self.parts))


def _across(
    part: Design,
    columns: np.ndarray,
    fill: np.ndarray,
    other: Design,
    others: np.ndarray,
    theirs: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """(q, r) second moments of columns of two designs of the same rows, about their shifts; a few columns are
    made dense at a time."""
    out = np.empty((len(columns), len(others)))
    for few in row_blocks(len(columns), part.n):
        heavy = weight[:, None] * part.collect(columns[few], fill)
        out[few] = heavy.T @ other.collect(others, theirs)
    return out


def _all_in_order(columns: np.ndarray, p: int) -> bool:
    return len(columns) == p and bool(np.array_equal(columns, np.arange(p)))


def _extent(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p,) smallest and largest value of each column as float64; NaN where the column has one."""
    return X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)


def _per_fit(fill: np.ndarray) -> np.ndarray:
    """Fill as (p, 1) or (p, m)."""
    return fill[:, None] if fill.ndim == 1 else fill


def _typical(X: np.ndarray) -> np.ndarray:
    """(p,) a value near the middle of each column, from at most 255 rows spread evenly: no outlier moves it."""
    rows = np.unique(np.linspace(0, X.shape[0] - 1, min(255, X.shape[0])).astype(int))
    some = X[rows].astype(np.float64)
    hole = np.isnan(some)
    if not hole.any():
        return np.asarray(np.median(some, axis=0))
    out = np.zeros(X.shape[1])
    for j in range(X.shape[1]):
        seen = some[~hole[:, j], j]
        if len(seen) == 0:
            seen = X[~np.isnan(X[:, j]), j][:255].astype(np.float64)
        out[j] = np.median(seen) if len(seen) else 0.0
    return out


def _mean_and_deviation(
    first: np.ndarray, second: np.ndarray, seen: np.ndarray | float, shift: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """From moments about ``shift`` over the cells that are not missing, of total weight ``seen``: the mean of
    the observed values and the deviation once the others are filled with that mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(seen > 0, first / seen, 0.0)
    variance = second - seen * mean**2
    variance[variance <= 1e-13 * second] = 0.0
    return shift + np.where(np.asarray(seen) > 0, mean, -np.asarray(shift)), np.sqrt(variance)
