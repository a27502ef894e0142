"""Relaxed fits: the columns that a penalty has chosen, fitted again without it, and mixed with the penalized fit.

    b = (1 - share) b_penalized + share b_refitted,    the intercept likewise

where b_refitted minimizes the plain mean loss on the columns that the step uses. ``share`` is 1 - gamma of glmnet's
``relax``; 0 is the penalized fit itself. The lasso can then choose with a strong penalty, which selects well, and yet
not draw what it has chosen to zero (Meinshausen 2007, "Relaxed lasso", Computational Statistics & Data Analysis 52; in
this form Hastie, Tibshirani and Tibshirani 2020, "Best subset, forward stepwise or lasso?", Statistical Science 35).

Newton's method on the chosen columns alone, from the step before; steps with the same columns share one refit. A step
that uses so many columns that nothing is left of the rows (as many as there are rows, the intercept counted), and one
whose refit has no finite optimum, stays as the penalty left it, and says so by its status.
"""

from __future__ import annotations

import numpy as np

from rightfit.errors import OptionError
from rightfit.records import Status
from rightfit.solvers.setting import Setting
from rightfit.solvers.steps import Steps

_ROUNDS = 60
_HALVES = 30
_DONE = 1e-20
"""Squared Newton decrement, relative to the loss of the constant model, at which a refit is done."""
_FAR = 1e4
"""Size of a standardized coefficient from which there is no finite optimum."""
_FLAT = 1e-9
"""Second derivative of the loss, per unit of variance of the columns and relative to the constant model's, below which
it is flat."""


def relax_paths(setting: Setting, paths: list[Steps], share: float) -> list[Steps]:
    """The relaxed twins of all tasks' paths. OptionError for what has none."""
    if setting.outputs > 1 or setting.loss.coupled:
        raise OptionError(f"relax: a refit knows losses of one linear predictor by row, not {setting.loss.name}; use 0")
    box = setting.box(np.zeros((setting.design.p, 1)), 0.0)
    if ((np.isfinite(box.lower) | np.isfinite(box.upper)) & ~setting.excluded.T).any():
        raise OptionError("relax: a refit knows no bounds; take the bounds away, or use 0")
    return [_Refit(setting, t, path).relax(share) for t, path in enumerate(paths)]


class _Refit:
    """One task's columns, in units of their deviations, with the rows that teach."""

    def __init__(self, setting: Setting, t: int, path: Steps):
        self.setting, self.t, self.path = setting, t, path
        self.rows = np.flatnonzero(setting.weight[t] > 0)
        self.weight = setting.weight[t][self.rows]
        self.y, self.offset = setting.y[self.rows], setting.offset[self.rows]
        every = np.unique(np.concatenate([*path.indices, np.empty(0, np.int64)])).astype(np.int64)
        fill, scale = setting.fill[:, t], setting.scale[:, t]
        self.every = every
        self.scale = np.where(scale[every] > 0, scale[every], 1.0)
        self.center = fill[every] if setting.intercept else np.zeros(len(every))
        shift = setting.design.shift(np.arange(setting.design.p))[every]
        columns = setting.design.collect(every, fill)[self.rows] - (self.center - shift)
        columns /= self.scale
        self.columns = np.column_stack([columns, np.ones(len(self.rows))]) if setting.intercept else columns

    def relax(self, share: float) -> Steps:
        """The mixed path."""
        old, out = self.path, Steps(self.path.features, 1)
        last: tuple[int, ...] | None = None
        refit: np.ndarray | None = None
        status = Status.CONVERGED
        for k in range(len(old.strengths)):
            used, values = old.indices[k], old.values[k]
            start = self._standardize(used, values, old.intercept[k])
            if tuple(used) != last or refit is None:
                refit, status = self._fit(np.searchsorted(self.every, used), start)
            last = tuple(used)
            failed = status == Status.NO_OPTIMUM
            mixed = start if failed else (1 - share) * start + share * refit
            coef, intercept = self._restore(used, mixed, old.intercept[k])
            freedom = float(len(used)) if not failed else old.complexity[k]
            out.add(
                old.strengths[k],
                used,
                coef[:, None],
                intercept,
                gap=old.gap[k],
                status=status if status != Status.CONVERGED else old.status[k],
                complexity=(1 - share) * old.complexity[k] + share * freedom,
                explained=1.0 - self._lose(np.searchsorted(self.every, used), mixed) / self.setting.null_loss[self.t],
            )
        return out

    def _places(self, place: np.ndarray) -> np.ndarray:
        return np.append(place, len(self.every)) if self.setting.intercept else place

    def _standardize(self, used: np.ndarray, values: np.ndarray, intercept: np.ndarray) -> np.ndarray:
        place = np.searchsorted(self.every, used)
        coef = values * self.scale[place]
        return np.append(coef, intercept[0] + self.center[place] @ values) if self.setting.intercept else coef

    def _restore(self, used: np.ndarray, coef: np.ndarray, intercept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = np.searchsorted(self.every, used)
        values = coef[: len(used)] / self.scale[place]
        return values, (np.array([coef[-1] - self.center[place] @ values]) if self.setting.intercept else intercept)

    def _lose(self, place: np.ndarray, coef: np.ndarray) -> float:
        eta = self.offset + self.columns[:, self._places(place)] @ coef
        return float(self.weight @ self.setting.loss.value(self.y, eta))

    def _fit(self, place: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, Status]:
        """The plain fit on some columns by Newton's method with halved steps."""
        columns, loss = self.columns[:, self._places(place)], self.setting.loss
        if len(start) >= len(self.rows):
            return start, Status.NO_OPTIMUM
        coef, status = start.copy(), Status.CONVERGED
        value = self._lose(place, coef)
        unit = float(self.setting.null_loss[self.t])
        for _ in range(_ROUNDS):
            eta = self.offset + columns @ coef
            gradient = columns.T @ (self.weight * loss.slope(self.y, eta))
            hessian = (columns * (self.weight * loss.curvature(self.y, eta))[:, None]).T @ columns
            values, vectors = np.linalg.eigh(hessian)
            kept = values > 1e-12 * max(values.max(initial=0.0), 1e-300)
            status = Status.CONVERGED if kept.all() else Status.NOT_UNIQUE
            along = vectors[:, kept].T @ gradient
            step = -(vectors[:, kept] @ (along / values[kept]))
            if float(along**2 @ (1 / values[kept])) <= _DONE * unit:
                return self._judge(columns, hessian, coef, start, status)
            length = 1.0
            for _ in range(_HALVES):
                new = self._lose(place, coef + length * step)
                if new <= value or length * np.abs(step).max() < 1e-14:
                    break
                length /= 2
            coef = coef + length * step
            if loss.quadratic:
                return coef, status
            if new >= value and length < 1:
                return self._judge(columns, hessian, coef, start, status)
            value = new
            if np.abs(coef[: len(place)]).max(initial=0.0) > _FAR:
                return start, Status.NO_OPTIMUM
        return (start, Status.NO_OPTIMUM) if not loss.always_optimal else (coef, Status.STOPPED)

    def _judge(
        self, columns: np.ndarray, hessian: np.ndarray, coef: np.ndarray, start: np.ndarray, status: Status
    ) -> tuple[np.ndarray, Status]:
        """Where the loss has gone flat along a direction in which the columns vary, it falls for ever (separable
        classes, columns whose counts are all zero)."""
        values, vectors = np.linalg.eigh((columns * self.weight[:, None]).T @ columns)
        kept = values > 1e-12 * max(values.max(initial=0.0), 1e-300)
        white = vectors[:, kept] / np.sqrt(values[kept])
        bend = np.linalg.eigvalsh(white.T @ hessian @ white)
        constant = self.offset + self.setting.null_intercept[self.t, 0]
        usual = float(self.weight @ self.setting.loss.curvature(self.y, constant))
        if len(bend) and bend[0] < _FLAT * usual:
            return start, Status.NO_OPTIMUM
        return coef, status
