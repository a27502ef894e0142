"""The objective that all golden values share, written out in NumPy without any solver of the library.

    F(b0, B) = sum_i h_i loss(y_i, offset_i + b0 + x_i B)  +  l1 sum_jc f_j s_j |B_jc|  +  l2/2 sum_jc f_j s_j^2 B_jc^2

with h = weight / sum(weight), s_j the deviation of column j under h (1/n convention; 1 where columns are not
standardized), f_j its penalty factor (0 = unpenalized, infinite = excluded), and lower_j <= B_jc <= upper_j.

`Objective.polish` refines a nearly optimal point: Newton's method on the coordinates that are neither zero nor
at a bound, to machine precision. `Objective.violation` measures the optimality conditions at a point, so that a
reference value is believed for what it is, not for where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


def row_loss(family: str, y: Array, eta: Array, settings: Array = ()) -> Array:
    """(n,) loss of each row, eta (n, C). Settings: the power of tweedie, the delta of huber, level and width of
    quantile."""
    if family in AMOUNTS:
        e, (a, b) = eta[:, 0], _powers(family, settings)
        return (np.exp(a * e) / a if a else e) + (y * np.exp(-b * e) / b)
    if family in LOCATIONS:
        width, tilt, unit = _location(family, settings)
        r = np.abs(y - eta[:, 0])
        inner = np.minimum(r, width)
        return unit * (inner * r - inner**2 / 2 + width**2 / 2 * (family == "quantile")) + tilt * (y - eta[:, 0])
    if family == "gaussian":
        return 0.5 * (y - eta[:, 0]) ** 2
    if family == "binomial":
        return np.logaddexp(0.0, eta[:, 0]) - y * eta[:, 0]
    if family == "poisson":
        return np.exp(eta[:, 0]) - y * eta[:, 0]
    top = eta.max(axis=1)
    return top + np.log(np.exp(eta - top[:, None]).sum(axis=1)) - eta[np.arange(len(y)), y.astype(int)]


AMOUNTS = ("gamma", "tweedie")
LOCATIONS = ("huber", "quantile")


def _powers(family: str, settings: Array) -> tuple[float, float]:
    """a and b of the deviance exp(a eta) / a + y exp(-b eta) / b of a power from 1 to 2 (for 2, eta + y exp(-eta))."""
    power = 2.0 if family == "gamma" else float(settings[0])
    return 2 - power, power - 1


def _location(family: str, settings: Array) -> tuple[float, float, float]:
    """Width of the parabola, slope added, and what a Huber loss of that width is multiplied by."""
    if family == "huber":
        return float(settings[0]), 0.0, 1.0
    level, width = (float(s) for s in settings)
    return width, level - 0.5, 0.5 / width


def row_derivatives(family: str, y: Array, eta: Array, settings: Array = ()) -> tuple[Array, Array]:
    """(n,) first and second derivative of the loss of a row, for families of one output."""
    e = eta[:, 0]
    if family in AMOUNTS:
        a, b = _powers(family, settings)
        up, down = np.exp(a * e), y * np.exp(-b * e)
        return up - down, a * up + b * down
    if family in LOCATIONS:
        width, tilt, unit = _location(family, settings)
        return unit * np.clip(e - y, -width, width) - tilt, unit * (np.abs(y - e) <= width)
    mean = row_mean(family, eta)[:, 0]
    bend = {"gaussian": np.ones_like(mean), "poisson": mean, "binomial": mean * (1 - mean)}[family]
    return mean - y, bend


def row_mean(family: str, eta: Array) -> Array:
    """(n, C) mean of the target given eta; for classes the probability of each."""
    if family == "gaussian":
        return eta
    if family == "binomial":
        return np.exp(-np.logaddexp(0.0, -eta))
    if family == "poisson":
        return np.exp(eta)
    odds = np.exp(eta - eta.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Objective:
    """One penalized problem; shapes as in the module's formula, y codes classes as 0, 1, ..."""

    family: str
    x: Array
    y: Array
    weight: Array
    offset: Array
    factors: Array
    lower: Array
    upper: Array
    l1: float
    l2: float
    standardize: bool = True
    intercept: bool = True
    settings: Array = ()

    @property
    def outputs(self) -> int:
        return int(self.y.max()) + 1 if self.family == "multinomial" else 1

    @property
    def share(self) -> Array:
        return self.weight / self.weight.sum()

    @property
    def scale(self) -> Array:
        if not self.standardize:
            return np.ones(self.x.shape[1])
        centred = self.x - self.share @ self.x
        return np.sqrt(self.share @ centred**2)

    def _costs(self) -> tuple[Array, Array]:
        """(p,) price of |b| and of b^2 / 2; an excluded column has none, it stays at zero."""
        finite = np.where(np.isfinite(self.factors), self.factors, 0.0)
        return self.l1 * finite * self.scale, self.l2 * finite * self.scale**2

    def eta(self, intercept: Array, coef: Array) -> Array:
        return self.offset[:, None] + intercept + self.x @ coef

    def value(self, intercept: Array, coef: Array) -> float:
        price, square = self._costs()
        loss = self.share @ row_loss(self.family, self.y, self.eta(intercept, coef), self.settings)
        return float(loss + price @ np.abs(coef).sum(axis=1) + 0.5 * square @ (coef**2).sum(axis=1))

    def _residual(self, intercept: Array, coef: Array) -> Array:
        """(n, C) share-weighted slope of the loss."""
        eta = self.eta(intercept, coef)
        if self.family != "multinomial":
            return (self.share * row_derivatives(self.family, self.y, eta, self.settings)[0])[:, None]
        return self.share[:, None] * (row_mean(self.family, eta) - np.eye(self.outputs)[self.y.astype(int)])

    def violation(self, intercept: Array, coef: Array) -> float:
        """Largest violation of the optimality conditions, per standardized column: zero at the optimum."""
        price, square = self._costs()
        residual = self._residual(intercept, coef)
        slope = self.x.T @ residual + square[:, None] * coef
        price, lower, upper = (a[:, None] for a in (price, self.lower, self.upper))
        # the interval of slopes of the penalty and the box at coef; optimal where -slope lies in it
        low = np.where(coef > 0, price, -price)
        high = np.where(coef < 0, -price, price)
        low = np.where(coef <= lower, -np.inf, low)
        high = np.where(coef >= upper, np.inf, high)
        wrong = np.maximum(np.maximum(low + slope, -slope - high), 0.0)
        wrong = np.maximum(wrong, np.maximum(lower - coef, coef - upper) * 1e6)
        wrong[~np.isfinite(self.factors)] = np.abs(coef[~np.isfinite(self.factors)]) * 1e6
        worst = float((wrong / np.where(self.scale > 0, self.scale, 1.0)[:, None]).max(initial=0.0))
        return max(worst, float(np.abs(residual.sum(axis=0)).max()) if self.intercept else 0.0)

    def polish(self, intercept: Array, coef: Array, rounds: int = 30) -> tuple[Array, Array]:
        """The exact minimizer on the face of the given point; `violation` tells whether the face is the right one."""
        outputs = self.outputs
        intercept, coef = intercept.astype(float).copy(), coef.astype(float).copy()
        near = 1e-9
        at_low = (coef - self.lower[:, None]) < near
        at_high = (self.upper[:, None] - coef) < near
        coef = np.where(at_low, self.lower[:, None], np.where(at_high, self.upper[:, None], coef))
        free = np.flatnonzero(((coef != 0) & ~at_low & ~at_high).ravel())
        price, square = (np.repeat(a, outputs) for a in self._costs())
        feature, output = free // outputs, free % outputs
        columns, owner = self.x[:, feature], output
        if self.intercept:  # of several outputs, the first intercept stays put: only differences count
            extra = np.arange(1 if outputs > 1 else 0, outputs)
            columns = np.hstack([columns, np.ones((len(self.y), len(extra)))])
            owner = np.concatenate([owner, extra])
        sign = np.sign(coef.ravel()[free])
        for _ in range(rounds):
            residual = self._residual(intercept, coef)
            gradient = (columns * residual[:, owner]).sum(axis=0)
            gradient[: len(free)] += price[free] * sign + square[free] * coef.ravel()[free]
            eta = self.eta(intercept, coef)
            mean = row_mean(self.family, eta) if outputs > 1 else None
            hessian = np.zeros((len(owner), len(owner)))
            for c in range(outputs):
                for d in range(outputs):
                    h = (
                        row_derivatives(self.family, self.y, eta, self.settings)[1]
                        if mean is None
                        else mean[:, c] * ((c == d) - mean[:, d])
                    )
                    block = np.ix_(owner == c, owner == d)
                    hessian[block] = (columns[:, owner == c] * (self.share * h)[:, None]).T @ columns[:, owner == d]
            hessian[np.arange(len(free)), np.arange(len(free))] += square[free]
            step = np.linalg.lstsq(hessian, -gradient, rcond=1e-13)[0]
            coef.ravel()[free] += step[: len(free)]
            if self.intercept:
                intercept[owner[len(free) :]] += step[len(free) :]
            if np.abs(step).max(initial=0.0) < 1e-15 * max(1.0, np.abs(coef).max()):
                break
        return (intercept - intercept.mean() if outputs > 1 else intercept), coef
