"""Noise from rows that were measured more than once."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import OptionError

_LEAST = 10
"""Degrees of freedom below which noise is not estimated."""


def measure_noise(problem: Problem, weight: np.ndarray) -> tuple[float, float]:
    """Half the variance of the target among rows that agree in all columns and in their offset, and its standard
    error.

    The pooled pure error (Draper and Smith 1998, section 2.1): sum over sets g of sum_i w_i (y_i - mean_g)^2, divided
    by sum over g of (sum w - sum w^2 / sum w). The error takes the sets as independent. OptionError where fewer than
    ten rows repeat others.
    """
    live = np.flatnonzero(weight > 0)
    columns = problem.design.observed(np.arange(problem.design.p))[live]
    cells = np.column_stack([np.nan_to_num(columns, nan=np.inf), problem.offset[live].astype(np.float32)])
    code = np.unique(cells, axis=0, return_inverse=True)[1].ravel()
    mass, square = np.bincount(code, weight[live]), np.bincount(code, weight[live] ** 2)
    freedom = mass - square / mass
    if len(live) - len(mass) < _LEAST:
        raise OptionError(
            f"replicated: only {len(live) - len(mass)} rows repeat the columns of others; noise needs {_LEAST} or more"
        )
    y = problem.y[live] - problem.offset[live]
    middle = np.bincount(code, weight[live] * y) / mass
    scatter = np.bincount(code, weight[live] * (y - middle[code]) ** 2)
    variance = scatter.sum() / freedom.sum()
    error = np.sqrt(((scatter - variance * freedom) ** 2).sum()) / freedom.sum()
    return float(variance / 2), float(error / 2)
