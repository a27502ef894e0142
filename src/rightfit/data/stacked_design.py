"""Designs side by side as one."""

from __future__ import annotations

from typing import final

import numpy as np
from scipy import sparse

from rightfit.contracts import Design, Gram
from rightfit.data.blocks_of_rows import row_blocks
from rightfit.data.dense_design import DenseDesign

SMALL = 4_000_000
"""Cells up to which a mixed table is fitted as a dense copy (32 MB): products with few columns cost less then."""


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

    def entries(self, columns: np.ndarray) -> int:
        return sum(part.entries(numbers) for part, _, _, numbers in self._split(columns))

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

    def observed(self, columns: np.ndarray) -> np.ndarray:
        out = np.empty((self.n, len(columns)), np.float32)
        for part, _, where, numbers in self._split(columns):
            out[:, where] = part.observed(numbers)
        return out

    def holes(self) -> sparse.csc_array:
        return sparse.csc_array(sparse.hstack([part.holes() for part in self.parts]))

    def compact(self) -> Design:
        if self.n * self.p > SMALL:
            return self
        dense, thin, order = self.pieces(np.arange(self.p), np.zeros(self.p), shifted=False)
        values = np.empty((self.n, self.p), order="F")
        values[:, order] = np.hstack([dense, thin.toarray()])
        holes = self.holes()
        shift = self.shift(np.arange(self.p))
        if not holes.nnz:
            return DenseDesign(values, self.names, shift, None)
        where = holes.tocoo()
        values[where.row, where.col] = shift[where.col]
        return DenseDesign(values, self.names, shift, holes)

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
    """(q, r) second moments of columns of two designs of the same rows, about their shifts; sparse columns stay
    sparse, and of dense ones a few are copied at a time."""
    full, thin, order = other.pieces(others, theirs, shifted=True)
    out = np.empty((len(columns), len(others)))
    for few in row_blocks(len(columns), part.n):
        dense, sparser, own = part.pieces(columns[few], fill, shifted=True)
        q, r = dense.shape[1], full.shape[1]
        block = np.empty((len(own), len(order)))
        if q:
            heavy = weight[:, None] * dense
            block[:q, :r] = heavy.T @ full
            if thin.shape[1]:
                block[:q, r:] = (thin.T @ heavy).T
        if sparser.shape[1]:
            light = sparse.csc_array(weight[:, None] * sparser)
            block[q:, :r] = light.T @ full
            if thin.shape[1]:
                block[q:, r:] = (light.T @ thin).toarray()
        out[np.arange(few.start, few.stop)[own, None], order] = block
    return out
