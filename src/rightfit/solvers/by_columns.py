"""Newton's quadratics solved by their columns: for many tasks in step, where second moments would cost more than they
save. The curvature is always the present one, since it costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from rightfit.solvers.quadratic import ActiveFactor, Box, column_solutions
from rightfit.solvers.setting import Setting

if TYPE_CHECKING:
    from rightfit.solvers.newton import NewtonWalk

MOST_MOMENTS = 1e8
"""Numbers in the second moments of all tasks together (0.8 GB), or in factors of them."""
FEW = 50
"""Columns whose second moments cost next to nothing."""
MOST_OF_SPARSE = 300
"""Sparse columns beyond which conjugate gradients cost less than a factor, which is dense."""
OLD = 0.7
"""Share of the strength at which a factor was begun, below which it is made anew where it is not exact."""


class ByColumns:
    """What is kept of all tasks from step to step: factors of active second moments and, where the curvature does not
    change, means and squares of columns."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.factors = [ActiveFactor() for _ in range(setting.tasks)]
        self.begun = np.full(setting.tasks, np.inf)
        """the strength at which each factor was, infinity where it is exact"""
        known = (setting.tasks, setting.design.p if setting.loss.quadratic else 0)
        self.means, self.squares = np.full(known, np.nan), np.full(known, np.nan)

    def suits(self, own: np.ndarray) -> bool:
        """Whether to solve for these columns like that: second moments would need too much room, or products with the
        columns take no longer than those with second moments."""
        setting, q = self.setting, len(own)
        if setting.outputs > 1 or setting.loss.coupled:
            return False
        if setting.tasks * q**2 > MOST_MOMENTS:
            return True
        # other losses than squares have other second moments at every step, and where columns are many no resample
        # shares them with another
        worth = 4.0 if setting.loss.quadratic else 10.0
        return q > FEW and setting.design.entries(own) <= worth * q**2

    def minimize(self, walk: NewtonWalk, tasks: np.ndarray, own: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(T', q) steps of the working set's coefficients, each task's on its ``own`` columns, and (T',) those of the
        intercepts."""
        step, shift = np.zeros((len(tasks), len(walk.columns))), np.zeros(len(tasks))
        # without missing values all tasks share their columns
        groups = [np.arange(len(tasks))] if self.setting.design.complete else [np.array([i]) for i in range(len(tasks))]
        for some in groups:
            self._minimize(walk, tasks[some], some, own, step, shift)
        return step, shift

    def _minimize(
        self,
        walk: NewtonWalk,
        tasks: np.ndarray,
        some: np.ndarray,
        own: list[np.ndarray],
        step: np.ndarray,
        shift: np.ndarray,
    ) -> None:
        setting = self.setting
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
            dense, thin, order = setting.design.pieces(columns, setting.fill[:, tasks[0]], shifted=setting.intercept)
            place, columns, index = place[order], columns[order], np.arange(dense.shape[1])
        asked = walk.box(tasks)
        box = Box(*(part[:, place] for part in (asked.l1, asked.l2, asked.lower, asked.upper)))
        out = np.ones((len(some), len(walk.columns)), bool)
        for k, i in enumerate(some):
            out[k, walk.place[own[i]]] = False
        out = out[:, place]
        start = walk.coef[tasks[:, None], place, 0]
        cells = tasks[:, None], columns
        steady = setting.loss.quadratic
        means, squares = (self.means[cells], self.squares[cells]) if steady else np.full((2, *start.shape), np.nan)
        exact = setting.loss.quadratic and not box.l2.any()
        most = max((len(own[i]) for i in some), default=0)
        factors = setting.tasks * most**2 / 2 <= MOST_MOMENTS and (not thin.shape[1] or most <= MOST_OF_SPARSE)
        new, shift[some] = column_solutions(
            dense,
            index,
            thin,
            np.stack([walk.rows.curvature(t, walk.eta[t])[0, 0] for t in tasks]),
            walk.dual[tasks, 0],
            Box(np.where(out, np.inf, box.l1), box.l2, box.lower, box.upper),
            start=start,
            intercept=setting.intercept,
            small=walk.inner[tasks],
            names=columns,
            factors=[self._factor(t, walk.strength, exact) for t in tasks] if factors else [],
            exact=exact and factors,
            means=means,
            curvatures=squares,
            threads=walk.threads,
        )
        step[some[:, None], place] = new - start
        if whole is None and setting.intercept:
            shift[some] -= (new - start) @ setting.design.shift(columns)
        if steady:
            self.means[cells], self.squares[cells] = means, squares

    def _factor(self, t: int, strength: float, exact: bool) -> ActiveFactor:
        # one that was exact is so no more where there is an l2 now, and the other way round
        if self.begun[t] < np.inf if exact else strength < OLD * self.begun[t]:
            self.factors[t].clear()
            self.begun[t] = np.inf if exact else strength
        return self.factors[t]
