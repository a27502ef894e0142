"""The loss as a function of a few coefficients, smallest over all others.

With focus columns X (n, q), other columns Z (n, r), the constant among them, and weights w that sum to one,

    P(b) = min over c of sum_i w_i loss(y_i, offset_i + x_i b + z_i c).

For a squared error P is a quadratic: its Hessian is the Schur complement A_xx - A_xz A_zz^-1 A_zx of the second
moments, and its minimum the fit without a penalty (Frisch and Waugh 1933). For other losses every value of P is a fit
of the others by Newton's method, and that Schur complement, with curvatures as weights, is its Hessian at one point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, qr

from rightfit.contracts import Loss
from rightfit.errors import FitError

_ITERATIONS = 60
_ENOUGH = 1e-11
"""Decrement of a Newton step, relative to the loss of the start, at which others are fitted."""
_FAR = 30.0
"""A linear predictor so far from its offset stands for a certainty that no finite optimum has."""
_NOWHERE = (
    "without a penalty these columns have no finite optimum (they tell the target of some rows perfectly), so the loss "
    "has no centre to draw contours around; choose other columns"
)


@dataclass(frozen=True)
class Profile:
    """P(b) and what belongs to it."""

    loss: Loss
    y: np.ndarray
    offset: np.ndarray
    weight: np.ndarray
    """(n,), summing to one."""
    focus: np.ndarray
    """(n, q) standardized."""
    others: np.ndarray
    """(n, r) independent columns that span the constant and the others, orthonormal under the weights."""

    def least(self, at: np.ndarray, start: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        """P and the (r,) coefficients of the others at (q,) coefficients; ``start`` are those of a point nearby."""
        begin = np.zeros(self.others.shape[1]) if start is None else start
        return _newton(self, self.others, self.offset + self.focus @ at, begin)

    def minimum(self) -> tuple[np.ndarray, np.ndarray, float]:
        """(q,) and (r,) coefficients where P is smallest, and that loss; FitError where there is no finite one."""
        both = np.column_stack([self.focus, self.others])
        value, coef = _newton(self, both, self.offset, np.zeros(both.shape[1]))
        q = self.focus.shape[1]
        if not self.loss.always_optimal and np.abs(both @ coef).max() > _FAR:
            raise FitError(_NOWHERE)
        return coef[:q], coef[q:], value

    def hessian(self, at: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(q, q) second derivative of P where the others have these coefficients."""
        eta = self.offset + self.focus @ at + self.others @ others
        curved = (self.weight * self.loss.second_derivative(self.y, eta))[:, None]
        cross = self.others.T @ (curved * self.focus)
        own = cho_factor(self.others.T @ (curved * self.others))
        return np.asarray(self.focus.T @ (curved * self.focus) - cross.T @ cho_solve(own, cross))


def independent(columns: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(n, r) columns that span the constant and ``columns`` (n, k), orthonormal under the weights; those that depend on
    others are dropped."""
    root = np.sqrt(weight)[:, None]
    table = root * np.column_stack([np.ones(len(weight)), columns])
    basis, triangle, _ = qr(table, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    kept = basis[:, : int((size > 1e-8 * size[0]).sum())]
    return np.divide(kept, root, out=np.zeros_like(kept), where=root > 0)


def _newton(profile: Profile, columns: np.ndarray, offset: np.ndarray, coef: np.ndarray) -> tuple[float, np.ndarray]:
    """The smallest mean loss at offset + columns @ coef, by Newton steps that are halved until they help."""
    loss, y, weight = profile.loss, profile.y, profile.weight
    eta = offset + columns @ coef
    value = first = float(weight @ loss.value(y, eta))
    for _ in range(_ITERATIONS):
        slope, curvature = loss.derivatives(y, eta)
        gradient = columns.T @ (weight * slope)
        moments = columns.T @ ((weight * curvature)[:, None] * columns)
        moments[np.diag_indices_from(moments)] *= 1 + 1e-12
        try:
            step = cho_solve(cho_factor(moments), gradient)
        except np.linalg.LinAlgError:
            break
        decrement = float(gradient @ step)
        if decrement <= _ENOUGH * max(abs(first), 1e-300):
            return value, coef
        length, along = 1.0, columns @ step
        while length > 1e-10:
            with np.errstate(over="ignore", invalid="ignore"):
                new = float(weight @ loss.value(y, eta - length * along))
            if new <= value - 1e-4 * length * decrement:
                break
            length /= 2
        else:
            return value, coef  # rounding is all that is left
        coef, eta, value = coef - length * step, eta - length * along, new
    raise FitError(_NOWHERE)
