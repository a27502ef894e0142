"""The smooth part of a problem in standardized coordinates, for all tasks at once: from the rows, or from moments.

A point is (T, p + e, C): the coefficients of the standardized columns, and where the rows are needed for it (e = 1)
the intercept of the centred columns. Everything else about a point that costs a pass is its *image*, which is linear
in the point. Directions that cost nothing are the intercept's and those that the penalty calls free.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from rightfit.solvers.rows import Rows
from rightfit.solvers.setting import Setting


class Smooth(ABC):
    """A convex function of points."""

    setting: Setting
    extra: int
    """e: coordinates beyond the columns'."""

    @abstractmethod
    def image(self, tasks: np.ndarray, points: np.ndarray) -> np.ndarray:
        """(T', ...) the linear image of points (T', p + e, C)."""

    @abstractmethod
    def gradient(self, tasks: np.ndarray, image: np.ndarray) -> np.ndarray:
        """(T', p + e, C)"""

    @abstractmethod
    def value(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray) -> np.ndarray:
        """(T',) mean losses."""

    @abstractmethod
    def rise(self, tasks: np.ndarray, start: tuple[np.ndarray, ...], end: tuple[np.ndarray, ...]) -> np.ndarray:
        """(T',) value at the end less the tangent's there, for (points, image, gradient) and (points, image)."""

    @abstractmethod
    def excess(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """(T',) the loss's share of the duality gap at ``scale`` (T',) times the slope."""

    @abstractmethod
    def bend(self, t: int, image: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """(k, k) second derivative of task t along directions (k, p + e, C)."""

    @abstractmethod
    def start(self) -> np.ndarray:
        """(T, p + e, C) the constant model."""

    @abstractmethod
    def reported(self, t: int, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(p, C) coefficients on the original scale, and the intercept (C,)."""


def _inverse(setting: Setting) -> np.ndarray:
    """(p, T) what standardized coefficients are multiplied by: 0 for columns that cannot enter."""
    return np.where(setting.excluded, 0.0, 1 / np.where(setting.excluded, 1.0, setting.divisor))


class ByRows(Smooth):
    """Any smooth loss. The intercept's coordinate is that of a column as large as the others."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.extra = int(setting.intercept)
        self.inverse = _inverse(setting)
        self.rows = Rows(setting.loss, setting.y, setting.weight, setting.frozen)
        size = (setting.scale * self.inverse) ** 2
        self.constant = np.sqrt(size.sum(axis=0) / np.maximum((self.inverse > 0).sum(axis=0), 1))
        self.constant[self.constant == 0] = 1.0

    def image(self, tasks: np.ndarray, points: np.ndarray) -> np.ndarray:
        setting, p = self.setting, self.setting.design.p
        raw = points[:, :p] * self.inverse.T[tasks][:, :, None]
        flat = raw.transpose(1, 0, 2).reshape(p, -1)
        out = setting.design.dot(flat, setting.fills(tasks)).reshape(-1, len(tasks), setting.outputs).transpose(1, 0, 2)
        if not self.extra:
            return out
        centre = np.einsum("pt,tpc->tc", setting.fill[:, tasks], raw)
        return np.asarray(out + (self.constant[tasks, None] * points[:, p] - centre)[:, None, :])

    def _eta(self, image: np.ndarray) -> np.ndarray:
        """(T', C, n)"""
        return np.ascontiguousarray((image + self.setting.offset[:, None]).swapaxes(-1, -2))

    def gradient(self, tasks: np.ndarray, image: np.ndarray) -> np.ndarray:
        setting, p = self.setting, self.setting.design.p
        dual = self.rows.dual(tasks, self._eta(image))
        flat = dual.reshape(-1, setting.design.n).T
        pull = setting.design.correlate(flat, setting.fills(tasks)).reshape(p, len(tasks), -1).transpose(1, 0, 2)
        total = dual.sum(axis=2)
        if self.extra:
            pull = pull - setting.fill.T[tasks][:, :, None] * total[:, None, :]
        out = -pull * self.inverse.T[tasks][:, :, None]
        if self.extra:
            out = np.concatenate([out, -(self.constant[tasks, None] * total)[:, None, :]], axis=1)
        return np.asarray(out)

    def value(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray) -> np.ndarray:
        return self.rows.value(tasks, self._eta(image))

    def rise(self, tasks: np.ndarray, start: tuple[np.ndarray, ...], end: tuple[np.ndarray, ...]) -> np.ndarray:
        before, after = self.value(tasks, start[0], start[1]), self.value(tasks, end[0], end[1])
        linear = np.einsum("tpc,tpc->t", start[2], end[0] - start[0])
        rounding = 1e-14 * (np.abs(before) + self.setting.null_loss[tasks])
        return np.asarray(after - before - linear - rounding)

    def excess(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return np.maximum(self.rows.young(tasks, self._eta(image), scale), 0.0)

    def bend(self, t: int, image: np.ndarray, directions: np.ndarray) -> np.ndarray:
        along = self.image(np.full(len(directions), t), directions)  # (k, n, C)
        curvature = self.rows.curvature(t, self._eta(image))
        bent = np.einsum("knc,cdn->knd", along, curvature)
        return np.asarray(bent.reshape(len(along), -1) @ along.reshape(len(along), -1).T)

    def start(self) -> np.ndarray:
        setting, p = self.setting, self.setting.design.p
        out = np.zeros((setting.tasks, p + self.extra, setting.outputs))
        if self.extra:
            out[:, p] = setting.null_intercept / self.constant[:, None]
        return out

    def reported(self, t: int, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        setting, p = self.setting, self.setting.design.p
        coef = point[:p] * self.inverse[:, t, None]
        if not self.extra:
            return coef, np.zeros(setting.outputs)
        return coef, setting.reported_intercept(t, self.constant[t] * point[p] - setting.fill[:, t] @ coef)


class ByMoments(Smooth):
    """Squared error from second moments (T, p, p) of the columns as they are; the intercept is profiled out."""

    extra = 0

    def __init__(self, setting: Setting, gram: np.ndarray):
        self.setting = setting
        self.inverse = _inverse(setting)
        self.gram = gram * self.inverse.T[:, :, None] * self.inverse.T[:, None, :]
        residual = setting.weight.T * ((setting.y - setting.offset)[:, None] - setting.null_intercept[:, 0])
        linear = setting.design.correlate(residual, setting.fill)
        if setting.intercept:
            linear = linear - residual.sum(axis=0) * setting.fill
        self.linear = (linear * self.inverse).T[:, :, None]

    def image(self, tasks: np.ndarray, points: np.ndarray) -> np.ndarray:
        return np.stack([self.gram[t] @ point for t, point in zip(tasks, points, strict=True)])

    def gradient(self, tasks: np.ndarray, image: np.ndarray) -> np.ndarray:
        return np.asarray(image - self.linear[tasks])

    def value(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray) -> np.ndarray:
        gained = np.einsum("tpc,tpc->t", points, self.linear[tasks] - 0.5 * image)
        return np.asarray(np.maximum(self.setting.null_loss[tasks] - gained, 0.0))

    def rise(self, tasks: np.ndarray, start: tuple[np.ndarray, ...], end: tuple[np.ndarray, ...]) -> np.ndarray:
        return np.asarray(0.5 * np.einsum("tpc,tpc->t", end[0] - start[0], end[1] - start[1]))

    def excess(self, tasks: np.ndarray, points: np.ndarray, image: np.ndarray, scale: np.ndarray) -> np.ndarray:
        return (1 - scale) ** 2 * self.value(tasks, points, image)

    def bend(self, t: int, image: np.ndarray, directions: np.ndarray) -> np.ndarray:
        along = directions[:, :, 0]
        return np.asarray(along @ self.gram[t] @ along.T)

    def start(self) -> np.ndarray:
        return np.zeros((self.setting.tasks, self.setting.design.p, 1))

    def reported(self, t: int, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        setting = self.setting
        coef = point * self.inverse[:, t, None]
        return coef, setting.null_intercept[t] - (setting.fill[:, t] @ coef if setting.intercept else 0.0)
