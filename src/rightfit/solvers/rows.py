"""A loss over many tasks at once: predictors are (T, C, n), weights (T, n), results one number a task.

Losses of one output are evaluated for all tasks in one call, on blocks of rows that stay in cache; losses of
several outputs, and those that couple their rows, task by task.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Loss
from rightfit.solvers.quadratic import gather_rows
from rightfit.solvers.row_curvatures import RowCurvatures

BLOCK = 1 << 15
"""Predictors that are evaluated at a time."""


@dataclass(frozen=True)
class Sums:
    """What a Newton step needs to know of the rows together."""

    total: np.ndarray
    """(T', C) the duals' sums over the rows."""
    curvature: np.ndarray | None
    """(T',) sum of weight * curvature, for one output."""
    lever: np.ndarray | None
    """(T',) bound of what scaling the duals costs, for steady losses; see `Loss.steady`."""


class Rows:
    """The rows of a setting."""

    def __init__(self, loss: Loss, y: np.ndarray, weight: np.ndarray, frozen: np.ndarray):
        self.loss, self.y, self.weight, self.frozen = loss, y, weight, frozen
        self.single = loss.outputs == 1
        self.all_count = bool((weight > 0).all())
        self.none_frozen = not frozen.any()

    def _blocks(self, tasks: int) -> list[slice]:
        n = self.weight.shape[1]
        step = n if self.loss.coupled else max(256, BLOCK // max(tasks, 1))
        return [slice(a, min(a + step, n)) for a in range(0, n, step)]

    def _targets(self, rows: slice) -> np.ndarray:
        """The targets of a block: the very array where it holds all rows, so that a loss knows it again."""
        return self.y if rows.stop - rows.start == len(self.y) else self.y[rows]

    def value(self, tasks: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(T',) weighted mean loss; infinite where a predictor overflows. Rows of weight zero do not count."""
        with np.errstate(over="ignore", invalid="ignore"):
            if not self.single:
                return self._mean(tasks, np.stack([self.loss.value(self.y, one.T) for one in eta]))
            out = np.zeros(len(tasks))
            for rows in self._blocks(len(tasks)):
                out += self._mean(tasks, self.loss.value(self._targets(rows), eta[:, 0, rows]), rows)
        return out

    def dual(self, tasks: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(T', C, n) the pull of every row, - weight * slope, at predictors (T', C, n); none on frozen outputs and rows
        of weight zero."""
        with np.errstate(over="ignore", invalid="ignore"):
            if self.single:
                slope = self.loss.slope(self.y, eta[:, 0])[:, None, :]
            else:
                slope = np.stack([self.loss.slope(self.y, one.T).T for one in eta])
            out = -self.weight[tasks][:, None, :] * slope
        out *= ~self.frozen[tasks][:, :, None]
        return np.where(self.weight[tasks][:, None, :] > 0, out, 0.0)

    def derive(self, tasks: np.ndarray, eta: np.ndarray, dual: np.ndarray) -> Sums:
        """Sets the duals of some tasks, - weight * slope at their predictors, among those of all (T, C, n); none on
        frozen outputs and rows of weight zero."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._derive_single(tasks, eta, dual) if self.single else self._derive_several(tasks, eta, dual)

    def _derive_single(self, tasks: np.ndarray, eta: np.ndarray, dual: np.ndarray) -> Sums:
        sums = np.zeros((len(tasks), 3))
        chosen = slice(None) if len(tasks) == len(eta) else tasks
        for rows in self._blocks(len(tasks)):
            slope, curvature = self.loss.derivatives(self._targets(rows), eta[chosen, 0, rows])
            gather_rows(self.weight, slope, curvature, tasks, rows.start, dual[:, 0], sums)
        if not self.none_frozen:
            dead = self.frozen[tasks][:, 0]
            dual[tasks[dead]] = 0.0
            sums[dead, :2] = 0.0
        return Sums(sums[:, :1], sums[:, 1], sums[:, 2] if self.loss.steady else None)

    def _derive_several(self, tasks: np.ndarray, eta: np.ndarray, dual: np.ndarray) -> Sums:
        total, lever = np.zeros((len(tasks), self.loss.outputs)), list[float]()
        for i, t in enumerate(tasks):
            slope = self.loss.slope(self.y, eta[t].T)
            out = dual[t]
            np.multiply(-self.weight[t], slope.T, out=out)
            out[:, self.weight[t] == 0] = 0.0
            out[self.frozen[t]] = 0.0
            total[i] = out.sum(axis=1)
            if self.loss.steady:
                lever.append(self._mean(tasks[i : i + 1], self.loss.lever(self.y, slope)[None])[0])
        return Sums(total, None, np.array(lever) if self.loss.steady else None)

    def curvature(self, t: int, eta: np.ndarray) -> np.ndarray:
        """(C, C, n) weighted curvatures of one task at predictors (C, n), none on frozen outputs."""
        weight = self.weight[t]
        with np.errstate(over="ignore", invalid="ignore"):
            if self.single:
                out = (weight * self.loss.curvature(self.y, eta[0]))[None, None, :]
            else:
                out = weight * self.loss.curvature(self.y, eta.T).transpose(1, 2, 0)
        if not self.all_count:
            out[:, :, weight == 0] = 0.0
        if not self.none_frozen:
            frozen = self.frozen[t]
            out[frozen], out[:, frozen] = 0.0, 0.0
        return np.ascontiguousarray(out)

    def curvatures(self, t: int, eta: np.ndarray) -> RowCurvatures:
        """`curvature` as weights."""
        with np.errstate(over="ignore", invalid="ignore"):
            weights = self.loss.between(eta.T)
        if weights is None:
            return RowCurvatures.of(self.curvature(t, eta))
        weights *= self.weight[t]
        if not self.all_count:
            weights[:, self.weight[t] == 0] = 0.0
        out = RowCurvatures(weights, len(eta), level=True)
        if not self.none_frozen:
            weights[self.frozen[t][np.array(out.pairs)].any(axis=0)] = 0.0
        return out

    def young(self, tasks: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """(T',) weighted mean Fenchel-Young excess at the dual point ``scale`` (T',) times the slope."""
        with np.errstate(over="ignore", invalid="ignore"):
            if not self.single:
                parts = [self.loss.young(self.y, one.T, s) for one, s in zip(eta, scale, strict=True)]
                return self._mean(tasks, np.stack(parts))
            out = np.zeros(len(tasks))
            for rows in self._blocks(len(tasks)):
                out += self._mean(tasks, self.loss.young(self._targets(rows), eta[:, 0, rows], scale[:, None]), rows)
        return out

    def _weight(self, tasks: np.ndarray, rows: slice) -> np.ndarray:
        weight = self.weight[:, rows]
        return weight if len(tasks) == len(weight) else weight[tasks]

    def _mean(self, tasks: np.ndarray, values: np.ndarray, rows: slice = slice(None)) -> np.ndarray:
        weight = self._weight(tasks, rows)
        out = np.einsum("tn,tn->t", weight, values)
        if not np.isfinite(out).all():
            # a row without weight does not count, whatever its loss
            out = np.einsum("tn,tn->t", weight, np.where(weight > 0, values, 0.0))
        return np.where(np.isnan(out), np.inf, out)
