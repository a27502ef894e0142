"""Columns of numbers, and their moments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array


@dataclass(frozen=True)
class Gram:
    """Weighted moments of q columns about a shift; they add and subtract over sets of rows. Those under m vectors of
    weights have an axis (m,) before the others."""

    total: float | np.ndarray
    """Sum of the weights."""
    first: np.ndarray
    """(q,) sum of weight * (x - shift)"""
    second: np.ndarray
    """(q, q) sum of weight * (x - shift)(x - shift)'; (q, r) against r other columns"""

    def __add__(self, other: Gram) -> Gram:
        return Gram(self.total + other.total, self.first + other.first, self.second + other.second)

    def __sub__(self, other: Gram) -> Gram:
        return Gram(self.total - other.total, self.first - other.first, self.second - other.second)

    def __mul__(self, factor: float) -> Gram:
        return Gram(self.total * factor, self.first * factor, self.second * factor)


def stack_grams(grams: list[Gram]) -> Gram:
    """Moments under several vectors of weights as one."""
    totals, firsts, seconds = ([getattr(gram, name) for gram in grams] for name in ("total", "first", "second"))
    return Gram(np.array(totals), np.stack(firsts), np.stack(seconds))


class Design(ABC):
    """An (n, p) table of numbers seen through its columns.

    A missing value holds the *fill* of its column, which belongs to a fit, not to the data: every product
    takes ``fill`` (p,), on the original scale. Designs without missing values ignore it.
    """

    n: int
    p: int
    names: tuple[str, ...]
    complete: bool
    """No value is missing, so that fill does not matter."""

    @abstractmethod
    def dot(self, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X @ coef: (n, m) for coef (p, m) and one fill (p,) for all, or (p, m) for each."""

    @abstractmethod
    def dot_columns(self, columns: np.ndarray, coef: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X[:, columns] @ coef: (n, m) for coef (len(columns), m); fill as in `dot`, all p rows."""

    @abstractmethod
    def correlate(self, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X' @ dual: (p, m) for dual (n, m); fill (p,) or (p, m)."""

    @abstractmethod
    def correlate_columns(self, columns: np.ndarray, dual: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """X[:, columns]' @ dual: (len(columns), m); fill as in `correlate`, all p rows."""

    @abstractmethod
    def moments(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean of the observed values, and standard deviation (1/n convention) after filling with
        that mean: (p, m) each for weights (n, m) whose columns sum to one. Rows of zero weight do not
        count. The deviation of a column that does not vary within rounding is exactly 0; a column without
        an observed value has mean 0."""

    @abstractmethod
    def gram(self, columns: np.ndarray, weight: np.ndarray, fill: np.ndarray, others: np.ndarray | None = None) -> Gram:
        """Moments of some columns under non-negative weights (n,), about the design's shift; second moments
        with ``others`` where given, else among themselves."""

    def grams(
        self,
        columns: np.ndarray,
        weights: np.ndarray,
        part: np.ndarray,
        count: int,
        fill: np.ndarray,
        others: np.ndarray | None = None,
    ) -> list[Gram]:
        """`gram` under each row of ``weights`` (m, n), for each of ``count`` parts of the rows, which ``part`` (n,)
        numbers."""
        return [
            stack_grams([self.gram(columns, np.where(part == k, weight, 0.0), fill, others) for weight in weights])
            for k in range(count)
        ]

    @abstractmethod
    def entries(self, columns: np.ndarray) -> int:
        """How many numbers are stored of some columns: what a product with them takes."""

    @abstractmethod
    def shift(self, columns: np.ndarray) -> np.ndarray:
        """(q,) the points about which `gram` takes its moments: typical values, so that nothing cancels."""

    @abstractmethod
    def collect(self, columns: np.ndarray, fill: np.ndarray) -> np.ndarray:
        """(n, q) float64, Fortran order: a copy of some columns, filled, minus their shift."""

    def in_place(self) -> np.ndarray | None:
        """(p, n) float64 in C order: the columns themselves, where they lie in memory like that and none is missing."""
        return None

    @abstractmethod
    def pieces(
        self, columns: np.ndarray, fill: np.ndarray, *, shifted: bool
    ) -> tuple[np.ndarray, csc_array, np.ndarray]:
        """Some columns, minus their shift where ``shifted``, as a dense (n, q1) Fortran and a sparse (n, q2)
        part, and the order (q1 + q2,) in which they hold ``columns``."""

    @abstractmethod
    def observed(self, columns: np.ndarray) -> np.ndarray:
        """(n, q) float32, C order: a copy of some columns as they were observed, NaN where a value is missing; what
        lies beyond float32 is its largest number. Families that split columns need no more, and fill nothing."""

    @abstractmethod
    def holes(self) -> csc_array:
        """(n, p) ones where a value is missing."""

    @abstractmethod
    def compact(self) -> Design:
        """The same columns in the form that is fastest to fit: itself, or a dense copy where that is small."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> Design:
        """The design of these rows alone (a copy of them)."""
