"""Newton's quadratic solved by its columns, where second moments would cost more than they save: working sets
that outnumber the rows, or that are large. The curvature is always the present one, since it costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rightfit.solvers.quadratic import column_solutions

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk


def minimize_by_columns(walk: NewtonWalk, pending: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T', q, 1) steps of the coefficients, and the (T', n) curvatures that they were solved with."""
    setting, columns = walk.setting, walk.columns
    with np.errstate(over="ignore"):
        curvature = setting.weight[pending] * setting.loss.curvature(setting.y, walk.eta[pending, :, 0])
    curvature[setting.weight[pending] == 0] = 0.0
    pull = walk.dual[pending, :, 0]
    box = walk.box.take(pending, columns)
    step = np.zeros((len(pending), len(columns), 1))
    # without missing values all tasks share their columns
    groups = [np.arange(len(pending))] if setting.design.complete else [np.array([i]) for i in range(len(pending))]
    for some in groups:
        fill = setting.fill[:, pending[some[0]]]
        # without an intercept there is nothing that could take up the shift
        dense, thin, order = setting.design.pieces(columns, fill, shifted=setting.intercept)
        here = walk.coef[pending[some]][:, order, 0]
        new = column_solutions(
            dense,
            thin.indptr,
            thin.indices,
            thin.data,
            curvature[some],
            pull[some],
            box.take(some, order),
            start=here,
            intercept=setting.intercept,
            small=walk.inner[pending[some]],
            threads=walk.threads,
        )
        step[some[:, None], order, 0] = new - here
    return step, curvature
