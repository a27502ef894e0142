"""What a penalized fit would be without one row, for every row at once, from the fit alone.

With shares u that sum to one, the fit without row i minimizes

    sum_{j != i} u_j l_j(eta_j) + (1 - u_i) strength * penalty(d_(i) b)

where d_(i) are the columns' standard deviations in the rows that remain (1 without standardization). On the columns
that the full fit uses, the penalty is smooth, and one Newton step from the full fit's coefficients leads to

    b_(i) = b - H_(i)^-1 g_(i),     H_(i) = H - u_i l_i'' a_i a_i' + C_(i),     g_(i) = G - u_i l_i' a_i + P_(i)

with H and G the second and first derivatives of the full objective (G is zero but for rounding), C_(i) and P_(i) what
the changed strength and standard deviations do to the penalty's. The inverse of the rank-one part is Sherman and
Morrison's; the diagonal C_(i), of relative size 1/n, is solved by repetition. For ridge with squared loss the step
is exact; for the lasso it is exact where the same columns stay with the same signs.

Rad and Maleki 2020, "A scalable estimate of the out-of-sample prediction error via approximate leave-one-out
cross-validation", JRSS B 82, theorem 1 and section 3; Wang, Zhou, Lu, Maleki and Mirrokni 2018, "Approximate
leave-one-out for fast parameter tuning in high dimensions", ICML, section 4; Auddy, Zou, Rahnama Rad and Maleki 2024,
"Approximate leave-one-out cross validation for regression with l1 regularizers", AISTATS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_solve, cholesky
from scipy.linalg.lapack import dpstrf

_BLOCK = 4_000_000
"""Numbers of one array of rows by columns."""
_DEPENDENT = 1e-5
"""What is left of a column's length beside the others below which it depends on them."""
_ALONE = 1e-9
"""Slack of a row below which the fit without it is not determined by the others."""


@dataclass(frozen=True)
class FittedRows:
    """A fit on the columns that it uses, in units of their standard deviations."""

    columns: np.ndarray
    """(n, a) the rows; the intercept, where there is one, is the last column of ones."""
    coef: np.ndarray
    """(a,)"""
    share: np.ndarray
    """(n,) u"""
    slope: np.ndarray
    """(n,) l' at the fit."""
    curvature: np.ndarray
    """(n,) l'' at the fit, >= 0."""
    l1: np.ndarray
    """(a,) weight of |coef|, 0 for the intercept."""
    l2: np.ndarray
    """(a,) weight of coef^2 / 2."""
    variance: np.ndarray | None
    """(n, a) variance of each column without row i, 1 = as it is with it; None where it does not matter."""


def shift_without_each_row(fit: FittedRows) -> np.ndarray:
    """(n,) what the linear predictor of each row becomes without the row, minus what it is.

    NaN where the other rows do not determine the prediction. Rows of weight zero are in no fit: 0.
    """
    fit = _keep_independent(fit)
    n, count = fit.columns.shape
    hessian = fit.columns.T @ (fit.columns * (fit.share * fit.curvature)[:, None]) + np.diag(fit.l2)
    gradient = fit.columns.T @ (fit.share * fit.slope) + fit.l1 * np.sign(fit.coef) + fit.l2 * fit.coef
    inverse = _invert(hessian)
    out = np.zeros(n)
    live = np.flatnonzero(fit.share > 0)
    size = max(1, _BLOCK // max(1, count))
    for start in range(0, len(live), size):
        rows = live[start : start + size]
        out[rows] = _shift(fit, rows, hessian, gradient, inverse)
    return out


def _shift(
    fit: FittedRows, rows: np.ndarray, hessian: np.ndarray, gradient: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    columns, share = fit.columns[rows], fit.share[rows]
    left = columns @ inverse
    pull = share * fit.curvature[rows]
    slack = 1.0 - pull * (left * columns).sum(axis=1)
    alone = slack <= _ALONE
    factor = pull / np.where(alone, 1.0, slack)
    force, extra, gone = _penalize(fit, rows, share)
    force = force + gradient - (share * fit.slope[rows])[:, None] * columns

    def solve(right: np.ndarray) -> np.ndarray:
        found = right @ inverse
        return found + left * (factor * (columns * found).sum(axis=1))[:, None]

    step = solve(-force)
    settled = ~gone.any(axis=1) & ~alone
    if extra.any():
        settled = _repeat(solve, force, extra, step, settled)
    shift = np.where(settled, (columns * step).sum(axis=1), np.nan)
    for i in np.flatnonzero(~settled):
        own = hessian - pull[i] * np.outer(columns[i], columns[i]) + np.diag(extra[i])
        shift[i] = columns[i] @ _solve_alone(own, force[i], gone[i], fit)
    return shift


def _penalize(fit: FittedRows, rows: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(r, a) change of the penalty's first derivative, of its second one, and columns that do not vary any more."""
    rest = (1.0 - share)[:, None]
    shape = (len(rows), fit.columns.shape[1])
    variance = np.ones(shape) if fit.variance is None else fit.variance[rows]
    gone = variance <= 1e-12
    variance = np.where(gone, 1.0, variance)
    extra = fit.l2 * (rest * variance - 1.0)
    force = fit.l1 * np.sign(fit.coef) * (rest * np.sqrt(variance) - 1.0) + extra * fit.coef
    return force, extra, gone


def _repeat(solve: object, force: np.ndarray, extra: np.ndarray, step: np.ndarray, settled: np.ndarray) -> np.ndarray:
    """Solve (H_i + C_i) step = -force in place by repetition; which rows came to rest."""
    assert callable(solve)
    todo = settled
    for _ in range(60):
        new = solve(-(force + extra * step))
        move = np.abs(new - step).max(axis=1)
        step[:] = new
        with np.errstate(invalid="ignore"):
            rest = move <= 1e-15 + 1e-13 * np.abs(step).max(axis=1)
        if rest[todo].all():
            break
    return todo & rest


def _solve_alone(hessian: np.ndarray, force: np.ndarray, gone: np.ndarray, fit: FittedRows) -> np.ndarray:
    """One row by itself. Columns that are constant without it leave the model. Where the others no longer tell the
    coefficients apart, the objective is a straight line along one direction: go down until the first coefficient of the
    lasso is zero, and leave its column out; NaN where none gets there."""
    gone, coef = gone.copy(), fit.coef
    while True:
        kept = np.flatnonzero(~gone)
        size = np.sqrt(np.maximum(np.diag(hessian)[kept], np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(hessian[np.ix_(kept, kept)] / np.outer(size, size))
        right = force[kept] - hessian[np.ix_(kept, np.flatnonzero(gone))] @ coef[gone]
        if not len(kept) or values[0] > _ALONE:
            break
        line = vectors[:, 0] / size
        line = -line if line @ right > 0 else line
        with np.errstate(divide="ignore", invalid="ignore"):
            length = np.where((fit.l1[kept] > 0) & (line * coef[kept] < 0), -coef[kept] / line, np.inf)
        if not np.isfinite(length).any():
            return np.full(len(coef), np.nan)
        gone[kept[np.argmin(length)]] = True
    step = -np.where(gone, coef, 0.0)
    step[kept] = -(vectors @ ((vectors.T @ (right / size)) / values)) / size
    return step


def _keep_independent(fit: FittedRows) -> FittedRows:
    """Without columns that others make up: what they say is said by these, theirs stay as they are."""
    heavy = fit.columns * np.sqrt(fit.share * fit.curvature)[:, None]
    hessian = heavy.T @ heavy + np.diag(fit.l2)
    size = np.sqrt(np.maximum(np.diag(hessian), np.finfo(float).tiny))
    _, order, rank, _ = dpstrf(hessian / np.outer(size, size), tol=_DEPENDENT**2, lower=1)
    if rank == len(size):
        return fit
    kept = np.sort(order[:rank] - 1)
    variance = None if fit.variance is None else fit.variance[:, kept]
    return replace(
        fit, columns=fit.columns[:, kept], coef=fit.coef[kept], l1=fit.l1[kept], l2=fit.l2[kept], variance=variance
    )


def _invert(hessian: np.ndarray) -> np.ndarray:
    size = np.sqrt(np.maximum(np.diag(hessian), np.finfo(float).tiny))
    factor = cholesky(hessian / np.outer(size, size), lower=True)
    return np.asarray(cho_solve((factor, True), np.eye(len(size))) / np.outer(size, size))
