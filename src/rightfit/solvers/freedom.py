"""Effective degrees of freedom of a shrunken fit (Zou, Hastie and Tibshirani 2007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk


def degrees_of_freedom(moments: np.ndarray, ridge: np.ndarray) -> float:
    """trace of M (M + R)^-1 for second moments M (q, q) of the active columns and R = diag(ridge), that is
    q minus the trace of R (M + R)^-1; columns that depend on each other count once."""
    size = np.sqrt(np.diag(moments) + ridge)
    scaled = (moments + np.diag(ridge)) / np.outer(size, size)
    # where nothing is shrunk, a touch of ridge stands for the pseudo-inverse
    touch = 1e-9
    factor, failed = dpotrf(scaled + touch * np.eye(len(size)), lower=1, overwrite_a=1)
    if failed:
        return float(np.linalg.matrix_rank(moments, hermitian=True))
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    return float(len(size) - (ridge / size**2 + touch) @ np.diag(inverse))


def complexity(walk: NewtonWalk, t: int) -> float:
    """Effective degrees of freedom: active coefficients, each shrunk by its l2 (Zou, Hastie, Tibshirani 2007)."""
    model = walk.models[t]
    plain = float(np.count_nonzero(walk.coef[t]))
    l2 = walk.boxes.take(walk.everyone[[t]], walk.columns).l2[0] if t == 0 else np.zeros(0)
    if plain == 0 or not l2.any() or model is None:
        return plain
    row, output = np.nonzero(walk.coef[t])
    columns = walk.columns[row]
    if not model.holds(columns):  # solved by its columns
        return plain
    every, numbers = np.unique(columns, return_inverse=True)
    flat = numbers * walk.setting.outputs + output
    return degrees_of_freedom(model.matrix(every)[np.ix_(flat, flat)], l2[row])
