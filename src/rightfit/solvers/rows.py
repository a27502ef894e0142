"""A loss over many tasks at once: predictors are (T, n, C), weights (T, n), results one number a task."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Loss


class Rows:
    """The rows of a setting. Losses of one output are evaluated for all tasks in one call, others one by one."""

    def __init__(self, loss: Loss, y: np.ndarray, weight: np.ndarray, frozen: np.ndarray):
        self.loss, self.y, self.weight, self.frozen = loss, y, weight, frozen
        self.single = loss.outputs == 1
        self.all_count = bool((weight > 0).all())

    def value(self, tasks: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(T',) weighted mean loss; infinite where a predictor overflows. Rows of weight zero do not count."""
        with np.errstate(over="ignore", invalid="ignore"):
            if self.single:
                loss = self.loss.value(self.y, eta[:, :, 0])
            else:
                loss = np.stack([self.loss.value(self.y, one) for one in eta])
        return self._mean(tasks, loss)

    def slope(self, eta: np.ndarray) -> np.ndarray:
        """(T', n, C)"""
        if self.single:
            return self.loss.slope(self.y, eta[:, :, 0])[:, :, None]
        return np.stack([self.loss.slope(self.y, one) for one in eta])

    def dual(self, tasks: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(T', n, C) the pull of every row, - weight * slope; none on frozen outputs."""
        with np.errstate(invalid="ignore"):
            out = -self.weight[tasks][:, :, None] * slope
        if not self.all_count:
            out[self.weight[tasks] == 0] = 0.0
        if self.frozen[tasks].any():
            out *= ~self.frozen[tasks][:, None, :]
        return np.asarray(out)

    def curvature(self, tasks: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(T', C, C) sum of weight * curvature over the rows; zero on frozen outputs."""
        if self.single:
            out = self._mean(tasks, self.loss.curvature(self.y, eta[:, :, 0]))[:, None, None]
        else:
            out = np.stack(
                [
                    np.tensordot(self.weight[t], self.loss.curvature(self.y, one), axes=1)
                    for t, one in zip(tasks, eta, strict=True)
                ]
            )
        live = ~self.frozen[tasks]
        return np.asarray(out * live[:, :, None] * live[:, None, :])

    def young(self, tasks: np.ndarray, eta: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """(T',) weighted mean Fenchel-Young excess at the dual point ``scale`` (T',) times the slope."""
        with np.errstate(over="ignore", invalid="ignore"):
            if self.single:
                excess = self.loss.young(self.y, eta[:, :, 0], scale[:, None])
            else:
                excess = np.stack([self.loss.young(self.y, one, s) for one, s in zip(eta, scale, strict=True)])
        return self._mean(tasks, excess)

    def _mean(self, tasks: np.ndarray, rows: np.ndarray) -> np.ndarray:
        weight = self.weight[tasks]
        if not self.all_count:
            rows = np.where(weight > 0, rows, 0.0)
        with np.errstate(invalid="ignore"):
            out = np.einsum("tn,tn->t", weight, rows)
        return np.where(np.isnan(out), np.inf, out)
