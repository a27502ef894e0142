"""A sparse matrix as a design."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from scipy import sparse

from rightfit.contracts import Design, Gram
from rightfit.contracts.designs import stack_grams
from rightfit.data.blocks_of_rows import LARGEST, all_in_order, mean_and_deviation, single
from rightfit.errors import ColumnError


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
        self._last = np.zeros(0, int), values[:, :0]

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
                f"column {names[column]!r} is {values.data[bad[0]]} in row {values.indices[bad[0]]}: sparse values "
                "must be finite and below 1e150 (a missing value needs a dense column)"
            )
        return SparseDesign(values, names)

    def _some(self, columns: np.ndarray) -> sparse.csc_array:
        """Some columns, which are often asked for again."""
        known, some = self._last
        if not np.array_equal(known, columns):
            some = self.values[:, columns]
            self._last = columns.copy(), some
        return some

    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.values @ coef)

    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return self.dot(coef, fill) if all_in_order(columns, self.p) else np.asarray(self._some(columns) @ coef)

    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.values.T @ dual)

    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self._some(columns).T @ dual)

    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares = self.away.copy()
        squares.data = squares.data**2
        return mean_and_deviation(self.away.T @ weight, squares.T @ weight, 1.0, self.typical[:, None])

    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        some = self.away[:, columns]
        heavy = some.copy() if others is None else self.away[:, others]
        heavy.data = heavy.data * weight[heavy.indices]
        return Gram(float(weight.sum()), np.asarray(some.T @ weight), (some.T @ heavy).toarray())

    def grams(
        self,
        columns: np.ndarray,
        weights: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None = None,
    ) -> list[Gram]:
        some = self.away[:, columns]
        heavy = some if others is None else self.away[:, others]
        out = []
        for k in range(count):
            kept = part[heavy.indices] == k
            ends = np.concatenate([[0], np.cumsum(kept)])[heavy.indptr]
            rows, values = heavy.indices[kept], heavy.data[kept]
            grams = []
            for weight in weights:
                few = sparse.csc_array((values * weight[rows], rows, ends), shape=heavy.shape)
                own = np.where(part == k, weight, 0.0)
                grams.append(Gram(float(own.sum()), np.asarray(some.T @ own), (some.T @ few).toarray()))
            out.append(stack_grams(grams))
        return out

    def entries(self, columns: np.ndarray) -> int:
        return int(np.diff(self.values.indptr)[columns].sum())

    def shift(self, columns: np.ndarray) -> np.ndarray:
        return self.typical[columns]

    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        return np.asarray(self.away[:, columns].toarray(order="F"))

    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, sparse.csc_array, np.ndarray]:
        thin = self.away if shifted else self.values
        return np.empty((self.n, 0), order="F"), thin[:, columns], np.arange(len(columns))

    def observed(self, columns: np.ndarray) -> np.ndarray:
        few = self.values[:, columns]
        return sparse.csc_array((single(few.data), few.indices, few.indptr), shape=few.shape).toarray(order="C")

    def holes(self) -> sparse.csc_array:
        return sparse.csc_array(self.values.shape)

    def compact(self) -> Design:
        return self

    def take(self, rows: np.ndarray) -> Design:
        return SparseDesign(sparse.csc_array(self.values[rows]), self.names, self.typical)
