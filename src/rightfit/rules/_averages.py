"""Means and standard errors over independent units: what all rules and all of `rightfit.evidence` measure noise with.

A row i with weight w_i belongs to unit u (itself, or its group). With shares s_i = w_i / sum w,

    mean  m = sum_i s_i v_i
    error e = sqrt( U / (U - 1) * sum_u ( sum_{i in u} s_i (v_i - m) )^2 )

for U units: the linearized standard error of a ratio of totals (Cochran 1977, Sampling Techniques, section 6.4,
with units as clusters). With equal weights and every row its own unit it is the usual standard deviation / sqrt(n).
It does not change when all weights are multiplied by a number, and a row of weight 2 counts like two equal rows of one
unit: the same row seen twice is no second witness. With fewer than two units there is no standard error: NaN.

*Paired* errors take v = difference of two losses on the same row, so that what makes a row hard for every model
cancels. The folds' models share rows, which this formula, like every other for cross-validation, leaves out (Bengio &
Grandvalet 2004): read the errors as a scale for noise, not as an exact confidence level.

Where a model is the mean of S draws (nets that start from different seeds), the variance of the seeds' own losses over
S is added to the square of every error, of differences likewise (`draws`): luck is not taken for regularization.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rightfit.errors import DataError, FitError
from rightfit.records import Evidence

_BLOCK = 1024
"""Rows that are looked at together."""
_TIE = 1e-10
"""Relative difference of two means that is rounding."""


@dataclass(frozen=True)
class Units:
    """The scored rows of an evidence, their shares of the weight and the units that they belong to."""

    rows: np.ndarray
    """(r,) indices of the rows that were scored and have a positive weight."""
    share: np.ndarray
    """(r,) weights that sum to one."""
    code: np.ndarray
    """(r,) unit 0 ... count - 1 of each row."""
    count: int

    @staticmethod
    def of(evidence: Evidence, rows: np.ndarray | None = None) -> Units:
        """Units of the scored rows, or of those among ``rows``; DataError where there are none."""
        scored = ~np.isnan(evidence.null) & (evidence.weight > 0)
        if evidence.loss.shape[1]:
            scored &= ~np.isnan(evidence.loss[:, 0])
        if rows is not None:
            among = np.zeros(len(scored), bool)
            among[rows] = True
            scored &= among
        return Units.make(np.flatnonzero(scored), evidence.weight, evidence.unit)

    @staticmethod
    def make(rows: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> Units:
        """Units of the given rows of (n,) weights and unit numbers."""
        if not len(rows):
            raise DataError(
                "no row was scored, so nothing can be compared; use folds or a holdout that score some rows"
            )
        share = weight[rows] / weight[rows].sum()
        labels, code = np.unique(unit[rows], return_inverse=True)
        return Units(rows, share, code, len(labels))

    def mean(self, values: np.ndarray) -> tuple[float, float]:
        """Mean of (r,) values and its standard error; a mean that is not finite has error NaN."""
        values = values.astype(np.float64, copy=False)
        mean = float(self.share @ values)
        if not np.isfinite(mean):
            return (np.inf if np.isnan(mean) else mean), np.nan
        if self.count < 2:
            return mean, np.nan
        part = self.share * (values - mean)
        if self.count < len(values):
            part = np.asarray(np.bincount(self.code, part, minlength=self.count), np.float64)
        return mean, float(np.sqrt(self.count / (self.count - 1) * (part @ part)))

    def means(self, values: np.ndarray, base: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """`mean` of every column of (n, K) values at once, or of their differences to ``base`` (r,), reading the matrix
        twice in blocks of rows."""
        steps = values.shape[1]
        if self.count < 2 or self.count < len(self.rows):
            column = [values[self.rows, k] if base is None else values[self.rows, k] - base for k in range(steps)]
            found = [self.mean(column[k]) for k in range(steps)]
            return np.array([m for m, _ in found]), np.array([e for _, e in found])
        mean, square = np.zeros(steps), np.zeros(steps)
        for block, share in self._blocks(values, base):
            mean += np.einsum("r,rk->k", share, block)
        with np.errstate(invalid="ignore"):
            for block, share in self._blocks(values, base):
                block -= mean
                block *= share[:, None]
                square += np.einsum("rk,rk->k", block, block)
        error = np.where(np.isfinite(mean), np.sqrt(self.count / (self.count - 1) * square), np.nan)
        return np.where(np.isnan(mean), np.inf, mean), error

    def _blocks(self, values: np.ndarray, base: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of rows as float64, less ``base``, and their shares; the block may be written to."""
        for start in range(0, len(self.rows), _BLOCK):
            some = slice(start, start + _BLOCK)
            block = values[self.rows[some]].astype(np.float64)
            if base is not None:
                block -= base[some, None]
            yield block, self.share[some]


@dataclass(frozen=True)
class Averages:
    """Means of every step, and paired differences to the best one."""

    units: Units
    mean: np.ndarray
    """(K,) mean held-out loss; infinite where a step predicted nonsense."""
    error: np.ndarray
    """(K,) standard errors; NaN with fewer than two units."""
    best: int
    """Smallest mean; of equal ones the strongest."""
    difference: np.ndarray
    """(K,) mean paired difference to the best step, >= 0."""
    difference_error: np.ndarray
    """(K,) its standard error; 0 at the best step, NaN with fewer than two units."""


def count_rows(evidence: Evidence) -> float:
    """n: rows of positive weight, or the sum of weights that are all whole numbers."""
    if evidence.count:
        return evidence.count
    positive = evidence.weight[evidence.weight > 0]
    return float(positive.sum() if (positive == np.round(positive)).all() else len(positive))


def draws(evidence: Evidence, step: int, other: int | None = None) -> float:
    """Variance that the seeds bring into the mean loss of a step, or into its difference to another step: that of the S
    seeds' own losses, over S; 0 where there are fewer than two."""
    if len(evidence.luck) < 2:
        return 0.0
    own = evidence.luck[:, step] - (0.0 if other is None else evidence.luck[:, other])
    found = float(own.var(ddof=1)) / len(own)
    return found if np.isfinite(found) else 0.0


def average(evidence: Evidence) -> Averages:
    """Means, errors and paired differences of all steps. FitError where no step has a finite mean loss."""
    units = Units.of(evidence)
    mean, error = units.means(evidence.loss)
    if not np.isfinite(mean).any():
        raise FitError(
            "no step of the path has a finite loss on unseen rows; raise the weakest strength or check the target"
        )
    least = float(np.min(mean))
    best = int(np.flatnonzero(mean <= least + _TIE * abs(least))[0])
    base = evidence.loss[units.rows, best].astype(np.float64)
    with np.errstate(invalid="ignore"):
        difference, difference_error = units.means(evidence.loss, base)
    difference = np.maximum(difference, 0.0)
    if len(evidence.luck) > 1:
        steps = range(len(mean))
        error = np.hypot(error, np.sqrt([draws(evidence, k) for k in steps]))
        difference_error = np.hypot(difference_error, np.sqrt([draws(evidence, k, best) for k in steps]))
    difference_error[best] = 0.0
    return Averages(units, mean, error, best, difference, difference_error)
