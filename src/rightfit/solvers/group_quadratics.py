"""Newton's quadratics for groups: from second moments where the working set is small, else from the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rightfit.solvers.block_quadratic import (
    Spectra,
    block_column_solutions,
    block_gram_solutions,
    decompose,
)
from rightfit.solvers.curvature import OwnCurvature
from rightfit.solvers.group_columns import GroupColumns
from rightfit.solvers.model import QuadraticModel
from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting

if TYPE_CHECKING:
    from rightfit.solvers.groups import GroupWalk

MOST_MOMENTS = 1500
"""Columns of a working set whose second moments are formed."""
FEW = 8
"""Squared error: working sets of more than a FEW-th of the rows are solved by their columns."""
CHEAP = 2e6
"""Multiplications below which a model is always exact."""


class GroupQuadratics:
    """What the quadratics of all tasks are made of, kept from step to step."""

    def __init__(self, setting: Setting, rows: Rows, columns: GroupColumns, threads: int):
        self.setting, self.rows, self.threads = setting, rows, threads
        self.sources: list[OwnCurvature | None] = [None] * setting.tasks
        self.free: list[OwnCurvature | None] = [None] * setting.tasks
        self.columns = columns

    def step(
        self, walk: GroupWalk, pending: np.ndarray, inner: np.ndarray, stale: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps of the coefficients (T', q, C) and intercepts (T', C), and of the predictors (T', n, C). ``inner`` (T,)
        is how small a round's steps should become, and receives how small they were."""
        setting, q = self.setting, len(walk.columns)
        if q == 0:
            nothing = np.zeros((len(pending), 0, setting.outputs))
            return nothing, np.zeros((len(pending), setting.outputs)), np.zeros_like(walk.eta[pending])
        most = setting.design.n // FEW if setting.loss.quadratic else setting.design.n
        many = setting.outputs == 1 and not setting.loss.coupled and q > min(MOST_MOMENTS, most)
        if many and setting.design.complete:
            return self._by_columns(walk, pending, inner)
        return self._by_moments(walk, pending, inner, stale)

    # ------------------------------------------------------------------ from second moments
    def _by_moments(
        self, walk: GroupWalk, pending: np.ndarray, inner: np.ndarray, stale: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        setting, columns = self.setting, walk.columns
        q, C = len(columns), setting.outputs
        step = np.empty((len(pending), q, C))
        shift = np.empty((len(pending), C))
        for i, t in enumerate(pending):
            penalty = walk.groups.block_penalty(pending[[i]], walk.some, C, walk.member)
            penalty.inverse[0, np.tile(setting.frozen[t], q)] = 0.0
            model = self._model(walk, t, fresh=bool(stale[t]))
            matrix = model.matrix(columns)
            here = walk.coef[t][columns].reshape(1, q * C)
            total = walk.dual[t].sum(axis=0)
            gradient = model.gradient(columns, walk.pull[t][columns], total).ravel()
            new, inner[[t]] = block_gram_solutions(
                matrix[None],
                (matrix @ here[0] + gradient)[None],
                penalty,
                decompose(matrix[None], penalty),
                start=here,
                small=inner[[t]],
                threads=self.threads,
            )
            step[i] = (new - here).reshape(q, C)
            shift[i] = model.intercept_step(columns, step[i], total)
        flat = step.transpose(1, 0, 2).reshape(q, len(pending) * C)
        away = setting.design.dot_columns(columns, flat, setting.fills(pending))
        away = away.reshape(-1, len(pending), C).transpose(1, 0, 2)
        shift[setting.frozen[pending]] = 0.0
        return step, shift, away + shift[:, None, :]

    def _model(self, walk: GroupWalk, t: int, *, fresh: bool) -> QuadraticModel:
        """Task t's quadratic: an exact one where that is cheap or progress was poor, else the last one."""
        setting, source = self.setting, self.sources[t]
        cheap = setting.design.n * len(walk.columns) ** 2 * setting.outputs**2 <= CHEAP
        if source is None or ((fresh or cheap) and not setting.loss.quadratic):
            source = self._own(t, walk.eta[t])
        source.hold(walk.columns)
        self.sources[t] = source
        return source.model(t)

    def _own(self, t: int, eta: np.ndarray) -> OwnCurvature:
        predictors = np.ascontiguousarray(eta.T)
        return OwnCurvature(self.setting, t, self.rows.curvatures(t, predictors), predictors)

    def slack(self, t: int, free: np.ndarray, eta: np.ndarray, pull: np.ndarray, total: np.ndarray) -> float:
        """Half of pull' M^-1 pull for the second moments M of columns that cost nothing."""
        source = self.free[t]
        if source is None or not self.setting.loss.quadratic:
            source = self._own(t, eta)
            self.free[t] = source
        source.hold(free)
        return source.model(t).gain(free, pull, total, np.ones(pull.shape, bool))

    # ------------------------------------------------------------------ from the columns
    def _by_columns(
        self, walk: GroupWalk, pending: np.ndarray, inner: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        setting, columns = self.setting, walk.columns
        quadratic = setting.loss.quadratic
        held, places = self.columns.hold(columns)
        here, pull = walk.coef[pending][:, columns, 0], walk.dual[pending, :, 0]
        curvature = setting.weight[pending]
        if not quadratic:
            with np.errstate(over="ignore", invalid="ignore"):
                curvature = curvature * setting.loss.curvature(setting.y, walk.eta[pending, :, 0])
            curvature[setting.weight[pending] == 0] = 0.0
        total = curvature.sum(axis=1) * setting.intercept
        mean = self.columns.means(columns, pending, curvature, total)
        penalty = walk.groups.block_penalty(pending, walk.some, 1, walk.member)
        if quadratic:
            spectra, which = self.columns.known_spectra(walk.groups, walk.some, pending), walk.some
        else:
            spectra, which = Spectra(np.diff(penalty.starts), len(pending)), np.arange(len(walk.some))
            self.columns.decompose(spectra, which, held[places], penalty, curvature, mean, total)
        new, left, inner[pending] = block_column_solutions(
            held,
            places,
            curvature,
            pull,
            mean,
            total,
            penalty,
            spectra,
            start=here,
            small=inner[pending],
            which=which,
            threads=self.threads,
        )
        step = new - here
        shift = np.zeros(len(pending))
        if setting.intercept:
            shift = pull.sum(axis=1) / np.maximum(total, 1e-300) - (mean * step).sum(axis=1)
            if held is not self.columns.in_place:
                shift -= step @ setting.design.shift(columns)
        if quadratic:
            # rows that do not count stay where they are
            away = np.divide(pull - left, curvature, out=np.zeros_like(pull), where=curvature > 0)
        else:
            away = setting.design.dot_columns(columns, step.T, setting.fills(pending)).T + shift[:, None]
        return step[:, :, None], shift[:, None], away[:, :, None]
