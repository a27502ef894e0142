"""The quadratic that stands for a loss near a point, on a working set of columns.

Coefficients of q columns and C outputs are laid out output by output: C blocks of q. With the row curvatures
H_i (C, C), weighted, the model of a step d (and of an intercept step a) is

    g'd + sum_i (x_i d + a)' H_i (x_i d + a) / 2,

from which the intercept is profiled out. A model follows its working set and may outlive its point: any
positive semi-definite model gives a direction of descent, an exact one gives Newton's.
"""

from __future__ import annotations

import numpy as np

from rightfit.solvers.setting import Setting


class QuadraticModel:
    """Second moments of task t's curvature at ``eta`` (n, C)."""

    def __init__(self, setting: Setting, task: int, eta: np.ndarray):
        self.setting, self.task = setting, task
        self.outputs = C = setting.outputs
        self.columns = np.zeros(0, int)
        self.matrix = np.zeros((0, 0))
        self.cross = np.zeros((C, C, 0))
        """sum_i (x_ij - shift_j) H_i, for two outputs and a column"""
        self.second = np.zeros((C, C, 0, 0))
        """sum_i (x_ij - shift_j) H_i (x_ik - shift_k)"""
        self._curvature = self._curvatures(eta)
        self._eta = eta
        self.total = np.zeros((C, C))
        for c, d, sign, h in self._pairs():
            self.total[c, d] = self.total[d, c] = sign * h.sum()
        self.inverse = np.linalg.pinv(self.total, rcond=1e-12, hermitian=True) if setting.intercept else None

    def _curvatures(self, eta: np.ndarray) -> np.ndarray:
        """(C, C, n) weighted curvatures, none on frozen outputs."""
        setting = self.setting
        w = setting.weight[self.task]
        if self.outputs == 1:
            return np.asarray(w * setting.loss.curvature(setting.y, eta[:, 0]))[None, None, :]
        h = (w[:, None, None] * setting.loss.curvature(setting.y, eta)).transpose(1, 2, 0)
        frozen = setting.frozen[self.task]
        h[frozen], h[:, frozen] = 0.0, 0.0
        return np.ascontiguousarray(h)

    def _pairs(self) -> list[tuple[int, int, float, np.ndarray]]:
        """Curvatures as non-negative weights with a sign: one output's own is >= 0, between two <= 0."""
        outputs = range(self.outputs)
        return [
            (c, d, 1.0 if c == d else -1.0, np.abs(self._curvature[c, d])) for c in outputs for d in outputs[: c + 1]
        ]

    def fit(self, columns: np.ndarray) -> None:
        """Bring the moments to this working set: drop what left it, extend by what is new."""
        if np.array_equal(columns, self.columns):
            return
        place = np.full(self.setting.design.p, -1)
        place[self.columns] = np.arange(len(self.columns))
        keep = place[columns[place[columns] >= 0]]
        if len(keep) < len(self.columns):
            self.columns = self.columns[keep]
            self.cross = self.cross[:, :, keep]
            self.second = self.second[:, :, keep[:, None], keep]
            place[:] = -1
            place[self.columns] = np.arange(len(self.columns))
        fresh = columns[place[columns] < 0]
        if len(fresh):
            self._extend(np.concatenate([self.columns, fresh]))
            place[fresh] = np.arange(len(self.columns) - len(fresh), len(self.columns))
        order = place[columns]
        if not np.array_equal(order, np.arange(len(order))):
            self.cross, self.second = self.cross[:, :, order], self.second[:, :, order[:, None], order]
        self.columns = columns
        self._profile()

    def _extend(self, columns: np.ndarray) -> None:
        """Extend the moments to a longer working set that begins with the present one."""
        old, q, C = len(self.columns), len(columns), self.outputs
        fresh = columns[old:]
        cross, second = np.zeros((C, C, q)), np.zeros((C, C, q, q))
        cross[:, :, :old], second[:, :, :old, :old] = self.cross, self.second
        fill = self.setting.fill[:, self.task]
        for c, d, sign, h in self._pairs():
            gram = self.setting.design.gram(fresh, h, fill, None if old == 0 else columns)
            block = sign * gram.second  # fresh against all
            for a, b in {(c, d), (d, c)}:
                cross[a, b, old:] = sign * gram.first
                second[a, b, old:, :] = block
                second[a, b, :old, old:] = block[:, :old].T
        self.columns, self.cross, self.second = columns, cross, second

    def _flat_cross(self) -> np.ndarray:
        """(C q, C)"""
        return np.asarray(self.cross.transpose(0, 2, 1).reshape(-1, self.outputs))

    def _profile(self) -> None:
        """The (C q, C q) matrix with the intercept taken out, or moved from the shift to zero."""
        q, C = len(self.columns), self.outputs
        full = self.second.transpose(0, 2, 1, 3).reshape(C * q, C * q)
        cross = self._flat_cross()
        if self.setting.loss.coupled:
            shared = self._shared()
            # what is left may be rounding alone: a touch of the whole keeps it positive
            self.matrix = full - shared.T @ shared + np.diag(1e-12 * np.diag(full))
        elif self.inverse is not None:
            self.matrix = full - (cross @ self.inverse) @ cross.T
        else:
            shift = np.kron(np.eye(C), self.setting.design.shift(self.columns)[:, None])  # (C q, C)
            moved = shift @ (cross + 0.5 * shift @ self.total).T
            self.matrix = full + moved + moved.T

    def _shared(self) -> np.ndarray:
        """(k, q) what couples the rows; it leaves a constant out by itself."""
        setting = self.setting
        columns = setting.design.collect(self.columns, setting.fill[:, self.task])
        return setting.loss.shared(setting.y, self._eta[:, 0], columns)

    def gradient(self, pull: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(C q,) pull on the profiled coefficients, from X_W' D (q, C) and sum D (C,) of the rows' pull D."""
        if self.inverse is None:
            return np.asarray(pull.T.ravel())
        shifted = pull - np.outer(self.setting.design.shift(self.columns), total)
        return np.asarray(shifted.T.ravel() - self._flat_cross() @ (self.inverse @ total))

    def intercept_step(self, step: np.ndarray, total: np.ndarray) -> np.ndarray:
        """(C,) what the intercept does when the coefficients move by ``step`` (q, C)."""
        if self.inverse is None:
            return np.zeros(self.outputs)
        moved = self.inverse @ (total - self._flat_cross().T @ step.T.ravel())
        return np.asarray(moved - self.setting.design.shift(self.columns) @ step)
