"""The rows of a fit as a posterior sees them: weighted, with everything that has a flat prior taken out.

A flat prior on the intercept and on unpenalized columns U integrates to a projection: what is left of target and
penalized columns after least squares on U, with the degrees of freedom less by as many. Columns are in units of their
standard deviations (as the penalty sees them): theta_j = s_j b_j.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lstsq, pinvh

from rightfit.contracts import Problem
from rightfit.errors import FitError, OptionError

MOST_ROTATED = 3_000
"""Rows or columns, whichever are fewer: a decomposition takes their square times the others."""
MOST_NUMBERS = 1e8
"""Numbers of the table that are held (0.8 GB)."""


@dataclass(frozen=True)
class CentredRows:
    """m rows of weight above zero, each multiplied by the square root of its weight."""

    columns: np.ndarray
    """(m, q) penalized columns, in units of their s_j, less what the flat part tells."""
    target: np.ndarray
    """(m,) likewise, offset subtracted."""
    rows: float
    """n, the sum of the weights."""
    freedom: float
    """n less the flat directions."""
    penalized: np.ndarray
    """(q,) numbers of the penalized columns."""
    flat: np.ndarray
    """(f,) numbers of the columns with a flat prior."""
    scale: np.ndarray
    """(p,) s_j; 1 where a column does not vary."""
    taken: np.ndarray
    """(f + 1, q) coefficients of the flat part (columns, then intercept) for each penalized column."""
    told: np.ndarray
    """(f + 1,) and for the target."""
    spread: np.ndarray
    """(f + 1, f + 1) inverse second moments of the flat part."""

    flat_leverage: np.ndarray
    """(m,) how much of each row's prediction is its own target by the flat part alone."""

    def complete(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(..., p) coefficients in the units of the columns and (...) intercepts, for theta (..., q), with the flat
        part at its best."""
        coef = np.zeros((*theta.shape[:-1], len(self.scale)))
        coef[..., self.penalized] = theta / self.scale[self.penalized]
        rest = self.told - theta @ self.taken.T
        coef[..., self.flat] = rest[..., :-1]
        return coef, rest[..., -1]


def centre_rows(
    problem: Problem,
    weight: np.ndarray,
    target: np.ndarray,
    *,
    scale: np.ndarray,
    fill: np.ndarray,
    flat: np.ndarray,
    excluded: np.ndarray,
    intercept: bool = True,
    rows: float | None = None,
) -> CentredRows:
    """The rows of ``problem`` under weights (n,), for a ``target`` (n,).

    scale, fill : (p,) s_j, and what a missing value becomes, both of the fit
    flat, excluded : (p,) bool
    rows : n, where it is not the sum of the weights

    OptionError where the table is too large to be held.
    """
    p = problem.design.p
    if min(len(weight), p) > MOST_ROTATED or len(weight) * p > MOST_NUMBERS:
        raise OptionError(
            f"posteriors hold the whole table, which is done up to {MOST_NUMBERS:,.0f} numbers and {MOST_ROTATED:,} "
            f"rows or columns, not {len(weight):,} rows of {p:,} columns"
        )
    live = np.flatnonzero(weight > 0)
    if not len(live):
        raise FitError("no row has a weight above zero")
    root = np.sqrt(weight[live])
    every = np.arange(p)
    whole = problem.design.collect(every, fill)[live]
    whole += problem.design.shift(every)
    scale = np.where(scale > 0, scale, 1.0)
    penalized, free = np.flatnonzero(~flat & ~excluded), np.flatnonzero(flat & ~excluded)
    base = whole[:, free]
    means = np.zeros(p)
    if intercept:  # centred first, so that a large mean cancels nothing
        share = weight[live] / weight[live].sum()
        means = share @ whole
        base = base - means[free]
    ones = np.ones((len(live), 1)) * float(intercept)
    base = np.hstack([base, ones]) * root[:, None]
    columns = (whole[:, penalized] - means[penalized]) / scale[penalized] * root[:, None]
    y = target[live] * root
    both = np.column_stack([columns, y])
    taken, _, rank, _ = lstsq(base, both)
    both -= base @ taken
    inverse = pinvh(base.T @ base)
    lever = ((base @ inverse) * base).sum(axis=1)
    # the intercept of the columns as they are, not as they were centred
    taken[-1, :-1] += means[penalized] / scale[penalized] * float(intercept) - means[free] @ taken[:-1, :-1]
    taken[-1, -1] -= means[free] @ taken[:-1, -1]
    total = float(weight.sum()) if rows is None else rows
    return CentredRows(
        columns=np.asfortranarray(both[:, :-1]),
        target=both[:, -1].copy(),
        rows=total,
        freedom=total - float(rank),
        penalized=penalized,
        flat=free,
        scale=scale,
        taken=taken[:, :-1],
        told=taken[:, -1],
        spread=_uncentre(inverse, means[free]),
        flat_leverage=lever,
    )


def _uncentre(spread: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The covariance of the flat part with the intercept of the columns as they are."""
    back = np.eye(len(spread))
    back[-1, :-1] = -means
    return np.asarray(back @ spread @ back.T)
