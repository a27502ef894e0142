"""Newton's quadratics solved by their columns, for tasks whose second moments would be too large to keep. The
curvature is always the present one, since it costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from rightfit.solvers.quadratic import Box, column_solutions

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk


def minimize_by_columns(walk: NewtonWalk, tasks: np.ndarray, own: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(T', q) steps of the working set's coefficients, each task's on its ``own`` columns, and the (T', n) curvatures
    that they were solved with."""
    setting = walk.setting
    step = np.zeros((len(tasks), len(walk.columns)))
    curvature = np.stack([walk.rows.curvature(t, walk.eta[t])[0, 0] for t in tasks])
    # without missing values all tasks share their columns
    groups = [np.arange(len(tasks))] if setting.design.complete else [np.array([i]) for i in range(len(tasks))]
    for some in groups:
        wanted = np.zeros(setting.design.p, bool)
        for i in some:
            wanted[own[i]] = True
        place = np.flatnonzero(wanted[walk.columns])
        columns = walk.columns[place]
        whole = setting.design.in_place()
        if whole is not None:
            dense, index, thin = whole.T, columns, csc_array((setting.design.n, 0))
        else:
            # without an intercept there is nothing that could take up the shift
            fill = setting.fill[:, tasks[some[0]]]
            dense, thin, order = setting.design.pieces(columns, fill, shifted=setting.intercept)
            place, columns, index = place[order], columns[order], np.arange(dense.shape[1])
        box = walk.box.take(tasks[some], columns)
        out = np.array([~np.isin(columns, own[i]) for i in some])
        here = walk.coef[tasks[some][:, None], place, 0]
        means, curvatures = walk.means[tasks[some][:, None], columns], walk.squares[tasks[some][:, None], columns]
        new = column_solutions(
            dense,
            index,
            thin,
            curvature[some],
            walk.dual[tasks[some], 0],
            Box(np.where(out, np.inf, box.l1), box.l2, box.lower, box.upper),
            start=here,
            intercept=setting.intercept,
            small=walk.inner[tasks[some]],
            names=columns,
            factors=[walk.factors[tasks[i]] for i in some] if not thin.shape[1] else [],
            means=means,
            curvatures=curvatures,
            threads=walk.threads,
        )
        if setting.loss.quadratic:
            walk.means[tasks[some][:, None], columns], walk.squares[tasks[some][:, None], columns] = means, curvatures
        step[some[:, None], place] = new - here
    return step, curvature
