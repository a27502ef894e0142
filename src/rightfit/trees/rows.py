"""The rows that a resample's tree learns from, as scikit-learn wants them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Resamples
from rightfit.trees.columns import Columns
from rightfit.trees.target import Target, make_target


@dataclass(frozen=True)
class Rows:
    """All rows of a problem, and how often each resample counts them."""

    columns: Columns
    X: np.ndarray
    """(n, p) float32 as they read it, NaN where a value is missing"""
    target: Target
    copies: np.ndarray
    """(n,) row weights as numbers of rows"""
    multiplicity: np.ndarray
    """(m, n)"""
    signs: np.ndarray
    """(q + c,) which way predictions may go with each of these columns, see `Problem.monotone`; () for no demand"""

    def live(self, k: int) -> np.ndarray:
        """Rows that resample k learns from."""
        return np.flatnonzero((self.copies > 0) & (self.multiplicity[k] > 0))

    def resample(self, k: int) -> tuple[np.ndarray, Target, np.ndarray]:
        """Columns, target and copies of these rows alone: no other row can matter."""
        return self.take(k, self.live(k))

    def bag(self, k: int, times: np.ndarray) -> tuple[np.ndarray, Target, np.ndarray]:
        """The same for those of its live rows that were drawn, so many ``times`` each."""
        X, target, copies = self.take(k, self.live(k)[times > 0])
        return X, target, copies * times[times > 0]

    def take(self, k: int, rows: np.ndarray) -> tuple[np.ndarray, Target, np.ndarray]:
        """The same for some rows."""
        return self.X[rows], self.target.take(rows), self.copies[rows] * self.multiplicity[k, rows]


def read_rows(problem: Problem, resamples: Resamples, criterion: str | None, family: str) -> Rows:
    """The rows of a problem; OptionError where trees cannot learn it."""
    target = make_target(problem, resamples.weight, criterion, family)
    columns = Columns.of_problem(problem)
    copies = count_copies(resamples.weight)
    signs = columns.signs(problem.monotone)
    return Rows(columns, columns.read(problem.design), target, copies, resamples.multiplicity, signs)


def count_copies(weight: np.ndarray) -> np.ndarray:
    """(n,) weights as numbers of rows, whatever their common factor: whole ones without a common divisor, multiples of
    the least one, or else weights with mean one over the rows that count."""
    live = weight[weight > 0]
    for unit in (1.0, live.min()):
        copies = live / unit
        if bool((copies == np.round(copies)).all()) and copies.max() < 2**31:
            return np.asarray(weight / (unit * np.gcd.reduce(copies.astype(np.int64))), np.float64)
    return np.asarray(weight / live.mean(), np.float64)
