"""Squared error without any penalty: the exact end of a path, by singular values of the columns themselves.

The Gram matrix would square the condition number. Where columns depend on each other, or outnumber the rows,
the smallest coefficients (of columns scaled to unit deviation) that reach the minimum are returned and the
step is marked as not unique. It is also the limit of the ridge path.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lstsq

from rightfit.records import Status
from rightfit.solvers.setting import Setting

LARGEST = 4e7
"""Numbers in a copy of the columns that one task may make."""


def applies(setting: Setting) -> bool:
    """Whether strength 0 of this problem is a plain least-squares fit of moderate size."""
    box = setting.box(np.zeros((setting.design.p, setting.outputs)), 0.0)
    boxed = np.isfinite(box.lower) | np.isfinite(box.upper)
    return (
        setting.loss.quadratic
        and bool((~boxed | setting.excluded.T).all())
        and setting.design.n * max(setting.design.p, 1) <= LARGEST
    )


def least_squares(setting: Setting, t: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, Status]:
    """Task t's unpenalized fit: its columns (q,), coefficients (q, C), intercept (C,), mean loss and status."""
    columns = np.flatnonzero(~setting.excluded[:, t])
    fill = setting.fill[:, t]
    root = np.sqrt(setting.weight[t])
    rows = root > 0
    X = setting.design.collect(columns, fill)[rows] + setting.design.shift(columns) * (not setting.intercept)
    y = (setting.y.T - setting.offset).T.reshape(setting.design.n, -1)[rows]
    root = root[rows]
    if setting.intercept:
        X -= root**2 @ X
        y = y - setting.null_intercept[t]
    size = np.sqrt(np.maximum((root**2) @ X**2, 1e-300))
    scaled, _, rank, _ = lstsq(
        root[:, None] * X / size, root[:, None] * y, cond=1e-12, lapack_driver="gelsd", check_finite=False
    )
    coef = scaled / size[:, None]
    intercept = setting.null_intercept[t] - (fill[columns] @ coef if setting.intercept else 0.0)
    loss = 0.5 * float(((root**2) @ (y - X @ coef) ** 2).sum())
    return columns, coef, intercept, loss, Status.CONVERGED if rank == len(columns) else Status.NOT_UNIQUE
