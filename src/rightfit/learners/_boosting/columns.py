"""The columns of a design as XGBoost reads them: numbers with NaN where none is known, and one code a category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from rightfit.contracts import Design
from rightfit.errors import DataError
from rightfit.trees.columns import read_codes

_BLOCK = 32_000_000
"""Cells that are read together."""
_SPARSE_FROM = 4_000_000
"""Cells of a table from which columns that are nearly all zero are kept as what is not zero."""
_NEARLY = 0.95
"""Share of zeros from which a column is."""


@final
@dataclass(frozen=True)
class Columns:
    """What becomes of the p columns of a design: first the plain ones in their order, then one column a category.

    A category's code is the place of its 1 among the levels. No 1 is a missing value; so are shares, which stand for a
    level that the training rows did not have. XGBoost learns at every split where missing values go.
    """

    p: int
    plain: np.ndarray
    """(q,) columns read as they are."""
    thin: np.ndarray
    """(q,) bool: a zero is read as missing, which spares memory and time in wide tables of words and indicators."""
    levels: tuple[np.ndarray, ...]
    """Columns of each category."""

    @staticmethod
    def of(p: int, levels: tuple[np.ndarray, ...]) -> Columns:
        """All columns, none of them thin."""
        taken = np.zeros(p, bool)
        for category in levels:
            taken[category] = True
        plain = np.flatnonzero(~taken)
        return Columns(p, plain, np.zeros(len(plain), bool), tuple(np.asarray(c, np.int64) for c in levels))

    @property
    def types(self) -> list[str]:
        """XGBoost's names of the kinds of its columns."""
        return ["q"] * len(self.plain) + ["c"] * len(self.levels)

    def __len__(self) -> int:
        return len(self.plain) + len(self.levels)

    def read(self, design: Design) -> np.ndarray:
        """(n, q + categories) float32."""
        if design.p != self.p:
            raise DataError(f"the model has {self.p} columns, the table has {design.p}")
        out = np.empty((design.n, len(self)), np.float32)
        out[:, : len(self.plain)] = design.observed(self.plain)
        codes = read_codes(design, self.levels)
        out[:, len(self.plain) :] = np.where(codes < [len(category) for category in self.levels], codes, np.nan)
        return self.thinned(out)

    def blocks(self, design: Design) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows and what `read` makes of them, in pieces that fit into memory."""
        size = max(1, _BLOCK // max(1, len(self)))
        if design.n <= size:
            yield np.arange(design.n), self.read(design)
            return
        for start in range(0, design.n, size):
            rows = np.arange(start, min(start + size, design.n))
            yield rows, self.read(design.take(rows))

    def thin_by(self, values: np.ndarray) -> Columns:
        """The same columns, thin where the plain ones of these rows, as `read` gave them, are nearly all zero."""
        if values.size < _SPARSE_FROM:
            return self
        few = values[:, : len(self.plain)]
        thin = np.array([np.mean(column == 0) >= _NEARLY and not np.isnan(column).any() for column in few.T], bool)
        return Columns(self.p, self.plain, thin, self.levels)

    def thinned(self, values: np.ndarray) -> np.ndarray:
        """Zeros of thin columns as missing values, in place."""
        for place in np.flatnonzero(self.thin):
            column = values[:, place]
            column[column == 0] = np.nan
        return values

    def spread(self, scores: np.ndarray) -> np.ndarray:
        """(p,) scores of XGBoost's columns as those of the design's: a category's is shared by its levels."""
        out = np.zeros(self.p)
        out[self.plain] = scores[: len(self.plain)]
        for place, category in enumerate(self.levels, start=len(self.plain)):
            out[category] = scores[place] / len(category)
        return out

    def constraints(self, monotone: tuple[int, ...]) -> tuple[int, ...]:
        """Signs (p,) of the design's columns as those of XGBoost's; DataError where a category has one."""
        sign = np.asarray(monotone, np.int64)
        for category in self.levels:
            if sign[category].any():
                raise DataError("monotone: the levels of a category have no order; give them 0")
        return (*(int(s) for s in sign[self.plain]), *([0] * len(self.levels)))
