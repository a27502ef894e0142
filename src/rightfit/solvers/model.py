"""The quadratic that stands for a loss near a point, on a working set of columns.

Coefficients of q columns and C outputs are flattened to q * C numbers, column by column. With the row
curvatures H_i (C, C), weighted, the model of a step d (and of an intercept step a) is

    g'd + sum_i (x_i d + a)' H_i (x_i d + a) / 2,

from which the intercept is profiled out. A model grows with its working set and may outlive its point: any
positive semi-definite model gives a direction of descent, an exact one gives Newton's.
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.setting import Setting


class QuadraticModel:
    """Second moments of task t's curvature at ``eta`` (n, C)."""

    def __init__(self, setting: Setting, task: int, eta: np.ndarray):
        self.setting, self.task = setting, task
        self.outputs = setting.outputs
        self.columns = np.zeros(0, int)
        self.matrix = np.zeros((0, 0))
        self.cross = np.zeros((0, self.outputs, self.outputs))  # sum_i (x_ij - shift_j) H_i
        self.second = np.zeros((0, self.outputs, 0, self.outputs))
        self._curvature = self._curvatures(eta)
        self.total = np.zeros((self.outputs, self.outputs))  # sum_i H_i
        for c, d, sign, h in self._pairs():
            self.total[c, d] = self.total[d, c] = sign * h.sum()
        self.inverse = np.linalg.pinv(self.total, rcond=1e-12, hermitian=True) if setting.intercept else None

    def _curvatures(self, eta: np.ndarray) -> np.ndarray:
        setting = self.setting
        w = setting.weight[self.task]
        if self.outputs == 1:
            return np.asarray(w * setting.loss.curvature(setting.y, eta[:, 0]))[:, None, None]
        h = w[:, None, None] * setting.loss.curvature(setting.y, eta)
        frozen = setting.frozen[self.task]
        h[:, frozen, :] = 0.0
        h[:, :, frozen] = 0.0
        return np.asarray(h)

    def _pairs(self) -> list[tuple[int, int, float, np.ndarray]]:
        """Curvatures as non-negative weights with a sign: one output's own is >= 0, between two <= 0."""
        pairs = range(self.outputs)
        return [
            (c, d, 1.0 if c == d else -1.0, np.abs(np.ascontiguousarray(self._curvature[:, c, d])))
            for c in pairs
            for d in pairs[: c + 1]
        ]

    def grow(self, columns: np.ndarray) -> None:
        """Extend the moments to a longer working set that begins with the present one."""
        old, q, C = len(self.columns), len(columns), self.outputs
        if q == old:
            return
        fresh = columns[old:]
        cross = np.zeros((q, C, C))
        second = np.zeros((q, C, q, C))
        cross[:old] = self.cross
        second[:old, :, :old] = self.second
        fill = self.setting.fill[:, self.task]
        for c, d, sign, h in self._pairs():
            gram = self.setting.design.gram(fresh, h, fill, None if old == 0 else columns)
            block = sign * gram.second  # (fresh, all) or (fresh, fresh)
            cross[old:, c, d] = cross[old:, d, c] = sign * gram.first
            for a, b in {(c, d), (d, c)}:
                second[old:, a, :, b] = block
                second[:old, a, old:, b] = block[:, :old].T
        self.columns, self.cross, self.second = columns, cross, second
        self._profile()

    def _profile(self) -> None:
        """The flattened (q C, q C) matrix with the intercept taken out, or moved from the shift to zero."""
        q, C = len(self.columns), self.outputs
        full = self.second.reshape(q * C, q * C)
        cross = self.cross.reshape(q * C, C)
        if self.inverse is not None:
            self.matrix = full - cross @ self.inverse @ cross.T
        else:
            shift = np.kron(self.setting.design.shift(self.columns)[:, None], np.eye(C))  # (q C, C)
            self.matrix = full + shift @ cross.T + cross @ shift.T + shift @ self.total @ shift.T
        self.matrix = 0.5 * (self.matrix + self.matrix.T)

    def gradient(self, pull: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(q C,) descent pull on the profiled coefficients, from X_W' D (q, C) and sum D (C,) of the pull D."""
        if self.inverse is None:
            return pull.ravel()
        shifted = pull - np.outer(self.setting.design.shift(self.columns), total)
        return np.asarray(shifted.ravel() - self.cross.reshape(-1, self.outputs) @ (self.inverse @ total))

    def intercept_step(self, step: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(C,) what the intercept does when the coefficients move by ``step`` (q, C)."""
        if self.inverse is None:
            return np.zeros(self.outputs)
        moved = self.inverse @ (total - self.cross.reshape(-1, self.outputs).T @ step.ravel())
        return np.asarray(moved - self.setting.design.shift(self.columns) @ step)
