"""Effective degrees of freedom of a shrunken fit (Zou, Hastie and Tibshirani 2007)."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri


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
